"""What becomes of a disruption: stories that end in the figure, and stories that end outside it.

Each story is a list of versions. Whatever a counted one goes through, it ends as the cell it was drawn for; whatever
one of the others goes through, it ends not counted in the year. So the totals are those of the cells, by construction.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from ledger.events import DisruptionEvent
from ledger.vocabulary import Category, Change, Pillar
from synthetic.desk import Desk
from synthetic.seasons import correction_time, entry_time, working_time
from synthetic.threats import Threat

Story = list[DisruptionEvent]


def counted(desk: Desk, threat: Threat, day: date, pillar: Pillar, benefits: str | None = None) -> Story:
    """Ends counted in ``pillar`` on ``day``."""
    write = desk.rng.choices((_plain, _pillar_amended, _day_amended, _reassessed), (920, 22, 18, 40))[0]
    return write(desk, threat, day, pillar, benefits)


def _plain(desk: Desk, threat: Threat, day: date, pillar: Pillar, benefits: str | None) -> Story:
    activity = desk.activity(threat, pillar)
    return [desk.record(threat.id, day, pillar, desk.assess(), benefits=benefits, activity_ref=activity)]


def _pillar_amended(desk: Desk, threat: Threat, day: date, pillar: Pillar, benefits: str | None) -> Story:
    first = desk.record(threat.id, day, desk.other_pillar(pillar), desk.assess(), benefits=benefits)
    return [first, desk.change(first, Change.AMENDED, "pillar corrected", pillar=pillar)]


def _day_amended(desk: Desk, threat: Threat, day: date, pillar: Pillar, benefits: str | None) -> Story:
    """The day of entry went into the field of the event's day; near the end of June that is another year."""
    entered_at = entry_time(desk.rng, day)
    typed = entered_at.date()
    first = desk.record(threat.id, typed, pillar, desk.assess(), entered_at=entered_at, benefits=benefits)
    return [first, desk.change(first, Change.AMENDED, "event date corrected", event_date=day)]


def _reassessed(desk: Desk, threat: Threat, day: date, pillar: Pillar, benefits: str | None) -> Story:
    before = desk.rng.choice((Category.UNASSESSED, Category.UNASSESSED, Category.NONE, Category.MINOR))
    first = desk.record(threat.id, day, pillar, before, benefits=benefits)
    return [first, desk.change(first, Change.REASSESSED, "impact assessed", category=desk.assess())]


def withdrawn(desk: Desk, threat: Threat, day: date, pillar: Pillar) -> Story:
    """Counted for a while, then withdrawn; one in five was amended first."""
    story = [desk.record(threat.id, day, pillar, desk.assess())]
    if desk.rng.random() < 0.2:
        story.append(desk.change(story[-1], Change.AMENDED, "plan action added", plan_ref="4p-local-01"))
    reason = desk.rng.choice(("recorded twice", "not a disruption", "recorded by the wrong force"))
    return [*story, desk.change(story[-1], Change.WITHDRAWN, reason)]


def without_effect(desk: Desk, threat: Threat, day: date, pillar: Pillar) -> Story:
    """Assessed as no disruption, or as a negative one; one in three only on reassessment."""
    category = desk.rng.choice((Category.NONE, Category.NONE, Category.NEGATIVE))
    if desk.rng.random() > 0.33:
        return [desk.record(threat.id, day, pillar, category)]
    first = desk.record(threat.id, day, pillar, desk.assess())
    return [first, desk.change(first, Change.REASSESSED, "no lasting effect", category=category)]


def unassessed(desk: Desk, threat: Threat, day: date, pillar: Pillar) -> Story:
    """Nobody has assessed it yet."""
    return [desk.record(threat.id, day, pillar, Category.UNASSESSED)]


def second_pillar(desk: Desk, first: DisruptionEvent, pillar: Pillar) -> Story:
    """The same event entered again under another pillar (rule 5)."""
    entered_at = correction_time(desk.rng, first.entered_at, desk.season.closing)
    return [
        desk.record(
            first.threat_id,
            first.event_date,
            desk.other_pillar(pillar),
            desk.assess(),
            entered_at=entered_at,
            activity_ref=first.activity_ref,
        )
    ]


def on_unknown_threat(desk: Desk, _: Threat, day: date, pillar: Pillar) -> Story:
    """Against a reference that never appears on the master list (rule 7)."""
    return [desk.record(f"{desk.organisation}-t9{desk.rng.randint(1, 20):03}", day, pillar, desk.assess())]


def moved_out(desk: Desk, threat: Threat, _: date, pillar: Pillar) -> Story:
    """Entered in the last days of June for June, and corrected to July: the next year's."""
    typed = desk.season.last - timedelta(days=desk.rng.randint(0, 2))
    first = desk.record(
        threat.id, typed, pillar, desk.assess(), entered_at=working_time(desk.rng, desk.season.last + timedelta(days=3))
    )
    actual = desk.season.last + timedelta(days=desk.rng.randint(1, 3))
    at = working_time(desk.rng, desk.season.last + timedelta(days=desk.rng.randint(10, 80)))
    return [first, desk.change(first, Change.AMENDED, "event date corrected", at, event_date=actual)]


UNCOUNTED: Mapping[Callable[[Desk, Threat, date, Pillar], Story], float] = MappingProxyType(
    {withdrawn: 0.02, without_effect: 0.025, unassessed: 0.015, on_unknown_threat: 0.008, moved_out: 0.003}
)  # shares of an organisation's counted disruptions that come on top of them
SECOND_PILLARS = 0.012
WRONG_KINDS = 0.018

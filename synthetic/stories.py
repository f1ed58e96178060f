"""What becomes of a disruption: stories that end in the figure, and stories that end outside it.

Each story is a list of versions. Whatever a counted one goes through, it ends as the cell it was drawn for; whatever
one of the others goes through, it ends not counted in the year. So the totals are those of the cells, by construction.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from ledger.events import DisruptionEvent
from ledger.vocabulary import Category, Change, Pillar
from synthetic.recorder import Recorder
from synthetic.seasons import draw_correction_time, draw_entry_time, draw_working_time
from synthetic.threats import EnrolledThreat

Story = list[DisruptionEvent]


def tell_counted(
    recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar, benefits: str | None = None
) -> Story:
    """Record one that ends counted in ``pillar`` on ``day``."""
    write = recorder.rng.choices((_tell_plain, _amend_pillar, _amend_day, _reassess_later), (920, 22, 18, 40))[0]
    return write(recorder, threat, day, pillar, benefits)


def _tell_plain(recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar, benefits: str | None) -> Story:
    activity = recorder.draw_activity(threat, pillar)
    return [
        recorder.record_new(threat.id, day, pillar, recorder.draw_category(), benefits=benefits, activity_ref=activity)
    ]


def _amend_pillar(recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar, benefits: str | None) -> Story:
    first = recorder.record_new(
        threat.id, day, recorder.draw_other_pillar(pillar), recorder.draw_category(), benefits=benefits
    )
    return [first, recorder.record_next(first, Change.AMENDED, "pillar corrected", pillar=pillar)]


def _amend_day(recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar, benefits: str | None) -> Story:
    """Amend a day of entry in the field of the event's day; near the end of June that is another year."""
    entered_at = draw_entry_time(recorder.rng, day)
    typed = entered_at.date()
    first = recorder.record_new(
        threat.id, typed, pillar, recorder.draw_category(), entered_at=entered_at, benefits=benefits
    )
    return [first, recorder.record_next(first, Change.AMENDED, "event date corrected", event_date=day)]


def _reassess_later(
    recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar, benefits: str | None
) -> Story:
    before = recorder.rng.choice((Category.UNASSESSED, Category.UNASSESSED, Category.NONE, Category.MINOR))
    first = recorder.record_new(threat.id, day, pillar, before, benefits=benefits)
    return [first, recorder.record_next(first, Change.REASSESSED, "impact assessed", category=recorder.draw_category())]


def tell_withdrawn(recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar) -> Story:
    """Record one that is counted for a while, then withdrawn; one in five was amended first."""
    story = [recorder.record_new(threat.id, day, pillar, recorder.draw_category())]
    if recorder.rng.random() < 0.2:
        story.append(recorder.record_next(story[-1], Change.AMENDED, "plan action added", plan_ref="4p-local-01"))
    reason = recorder.rng.choice(("recorded twice", "not a disruption", "recorded by the wrong force"))
    return [*story, recorder.record_next(story[-1], Change.WITHDRAWN, reason)]


def tell_without_effect(recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar) -> Story:
    """Record one assessed as no disruption, or as a negative one; one in three only on reassessment."""
    category = recorder.rng.choice((Category.NONE, Category.NONE, Category.NEGATIVE))
    if recorder.rng.random() > 0.33:
        return [recorder.record_new(threat.id, day, pillar, category)]
    first = recorder.record_new(threat.id, day, pillar, recorder.draw_category())
    return [first, recorder.record_next(first, Change.REASSESSED, "no lasting effect", category=category)]


def tell_unassessed(recorder: Recorder, threat: EnrolledThreat, day: date, pillar: Pillar) -> Story:
    """Record one that nobody has assessed yet."""
    return [recorder.record_new(threat.id, day, pillar, Category.UNASSESSED)]


def tell_second_pillar(recorder: Recorder, first: DisruptionEvent, pillar: Pillar) -> Story:
    """Record the same event again under another pillar (rule 5)."""
    entered_at = draw_correction_time(recorder.rng, first.entered_at, recorder.season.closing)
    return [
        recorder.record_new(
            first.threat_id,
            first.event_date,
            recorder.draw_other_pillar(pillar),
            recorder.draw_category(),
            entered_at=entered_at,
            activity_ref=first.activity_ref,
        )
    ]


def tell_unknown_threat(recorder: Recorder, _: EnrolledThreat, day: date, pillar: Pillar) -> Story:
    """Record one against a reference that never appears on the master list (rule 7)."""
    return [
        recorder.record_new(
            f"{recorder.organisation}-t9{recorder.rng.randint(1, 20):03}", day, pillar, recorder.draw_category()
        )
    ]


def tell_moved_out(recorder: Recorder, threat: EnrolledThreat, _: date, pillar: Pillar) -> Story:
    """Record in the last days of June for June, and correct to July: the next year's."""
    typed = recorder.season.last - timedelta(days=recorder.rng.randint(0, 2))
    first = recorder.record_new(
        threat.id,
        typed,
        pillar,
        recorder.draw_category(),
        entered_at=draw_working_time(recorder.rng, recorder.season.last + timedelta(days=3)),
    )
    actual = recorder.season.last + timedelta(days=recorder.rng.randint(1, 3))
    at = draw_working_time(recorder.rng, recorder.season.last + timedelta(days=recorder.rng.randint(10, 80)))
    return [first, recorder.record_next(first, Change.AMENDED, "event date corrected", at, event_date=actual)]


UNCOUNTED: Mapping[Callable[[Recorder, EnrolledThreat, date, Pillar], Story], float] = MappingProxyType(
    {
        tell_withdrawn: 0.02,
        tell_without_effect: 0.025,
        tell_unassessed: 0.015,
        tell_unknown_threat: 0.008,
        tell_moved_out: 0.003,
    }
)  # shares of an organisation's counted disruptions that come on top of them
SECOND_PILLARS = 0.012
WRONG_KINDS = 0.018

"""One organisation's year: its master list, disruptions that come to its cells, and on top those that do not count."""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from ledger.vocabulary import CrimeType, DisruptionType, Pillar, ThreatKind
from synthetic import stories
from synthetic.desk import Desk
from synthetic.profile import Cells
from synthetic.seasons import draw_day
from synthetic.stories import Story
from synthetic.threats import Spec, Threat, Turn, enrol

EVERY_KIND_FROM = date(2023, 7, 1)  # event dates before it permit OCGs alone, later ones every kind (rule 4)


def enrol_all(desk: Desk, specs: Sequence[Spec]) -> list[Threat]:
    """The desk's own threats, numbered."""
    return [enrol(desk.rng, desk.organisation, number, spec, desk.season) for number, spec in enumerate(specs, start=1)]


def work_year(desk: Desk, threats: Sequence[Threat], cells: Cells) -> Iterator[Story]:
    """The stories that count: exactly the cells."""
    pools = {crime: _gangs(threats, crime) for crime, _ in cells}
    for (crime, pillar), n in cells.items():
        for _ in range(n):
            threat, day = _draw(desk, pools[crime])
            yield stories.counted(desk, threat, day, pillar, _beneficiary(desk, threat))


def fall_short(
    desk: Desk, threats: Sequence[Threat], counted: Sequence[Story], *, last_year: bool = True
) -> Iterator[Story]:
    """The stories that do not count, in proportion to those that do."""
    gangs = _gangs(threats, None)
    for write, share in stories.UNCOUNTED.items():
        if write is stories.moved_out and not last_year:
            continue  # moved out of the year before, it would count in this one
        for _ in range(_some(share, counted)):
            threat, day = _draw(desk, gangs)
            yield write(desk, threat, day, _any_pillar(desk.rng))
    yield from _second_pillars(desk, counted)
    yield from _wrong_kinds(desk, threats, counted)


def turned_late(desk: Desk, threats: Sequence[Threat], turn: Turn, n: int) -> Iterator[Story]:
    """Counted until the threat is found to have been a vulnerability all along."""
    if desk.season.last >= EVERY_KIND_FROM:
        return
    turned = [threat for threat in threats if threat.spec.turn == turn]
    for _ in range(n):
        day = draw_day(desk.rng, turn.assessed_on, desk.season.last)
        yield [desk.record(desk.rng.choice(turned).id, day, Pillar.PURSUE, desk.assess())]


def _beneficiary(desk: Desk, threat: Threat) -> str | None:
    """Support benefits whose threat it is, or now and then the agency that works on it too (rule 2)."""
    if desk.type is DisruptionType.LEAD:
        return None
    return "nca" if desk.rng.random() < 0.08 else threat.events[0].owner


def _gangs(threats: Sequence[Threat], crime: CrimeType | None) -> list[Threat]:
    """OCGs of a crime type, or of any."""
    return [
        threat
        for threat in threats
        if threat.spec.kind is ThreatKind.OCG and (crime is None or threat.spec.crime_type is crime)
    ]


def _draw(desk: Desk, gangs: Sequence[Threat]) -> tuple[Threat, date]:
    """A day of the year, and an OCG of that day: a few get most of the attention."""
    rng = desk.rng
    day = draw_day(rng, desk.season.first, desk.season.last)
    for _ in range(50):
        threat = gangs[int(len(gangs) * rng.random() ** 1.7)]
        if threat.is_ocg_on(day) and (threat.first <= day or rng.random() < 0.05):
            return threat, day
    return next(threat for threat in gangs if threat.is_ocg_on(day)), day


def _second_pillars(desk: Desk, counted: Sequence[Story]) -> Iterator[Story]:
    firsts = [story[0] for story in counted if story[0].activity_ref]
    for first in desk.rng.sample(firsts, min(len(firsts), _some(stories.SECOND_PILLARS, counted))):
        yield stories.second_pillar(desk, first, first.pillar)


def _wrong_kinds(desk: Desk, threats: Sequence[Threat], counted: Sequence[Story]) -> Iterator[Story]:
    """Against priority individuals and vulnerabilities, while only OCGs are permitted."""
    others = [threat for threat in threats if threat.spec.kind is not ThreatKind.OCG]
    if not others or desk.season.last >= EVERY_KIND_FROM:
        return
    for _ in range(_some(stories.WRONG_KINDS, counted)):
        day = draw_day(desk.rng, desk.season.first, desk.season.last)
        yield [desk.record(desk.rng.choice(others).id, day, _any_pillar(desk.rng), desk.assess())]


def _some(share: float, counted: Sequence[Story]) -> int:
    return max(1, round(share * len(counted)))


def _any_pillar(rng: Random) -> Pillar:
    return rng.choices(list(Pillar), (80, 7, 9, 4))[0]

"""One organisation's year: its master list, disruptions that come to its cells, and on top those that do not count."""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from ledger.vocabulary import CrimeType, DisruptionType, Pillar, ThreatKind
from synthetic import stories
from synthetic.profile import Cells
from synthetic.recorder import Recorder
from synthetic.seasons import draw_day
from synthetic.stories import Story
from synthetic.threats import EnrolledThreat, Reclassification, ThreatSpec, enrol_threat

EVERY_KIND_FROM = date(2023, 7, 1)  # event dates before it permit OCGs alone, later ones every kind (rule 4)


def enrol_all(recorder: Recorder, specs: Sequence[ThreatSpec]) -> list[EnrolledThreat]:
    """Enrol the recorder's own threats, numbered."""
    return [
        enrol_threat(recorder.rng, recorder.organisation, number, spec, recorder.season)
        for number, spec in enumerate(specs, start=1)
    ]


def work_year(recorder: Recorder, threats: Sequence[EnrolledThreat], cells: Cells) -> Iterator[Story]:
    """Record the stories that count: exactly the cells."""
    pools = {crime: _list_gangs(threats, crime) for crime, _ in cells}
    for (crime, pillar), n in cells.items():
        for _ in range(n):
            threat, day = _draw_day_and_gang(recorder, pools[crime])
            yield stories.tell_counted(recorder, threat, day, pillar, _draw_beneficiary(recorder, threat))


def record_uncounted(
    recorder: Recorder, threats: Sequence[EnrolledThreat], counted: Sequence[Story], *, last_year: bool = True
) -> Iterator[Story]:
    """Record the stories that do not count, in proportion to those that do."""
    gangs = _list_gangs(threats, None)
    for write, share in stories.UNCOUNTED.items():
        if write is stories.tell_moved_out and not last_year:
            continue  # moved out of the year before, it would count in this one
        for _ in range(_draw_share(share, counted)):
            threat, day = _draw_day_and_gang(recorder, gangs)
            yield write(recorder, threat, day, _draw_pillar(recorder.rng))
    yield from _record_second_pillars(recorder, counted)
    yield from _record_wrong_kinds(recorder, threats, counted)


def record_turned_late(
    recorder: Recorder, threats: Sequence[EnrolledThreat], reclassified: Reclassification, n: int
) -> Iterator[Story]:
    """Record one that is counted until the threat is found to have been a vulnerability all along."""
    if recorder.season.last >= EVERY_KIND_FROM:
        return
    turned = [threat for threat in threats if threat.spec.reclassified == reclassified]
    for _ in range(n):
        day = draw_day(recorder.rng, reclassified.assessed_on, recorder.season.last)
        yield [recorder.record_new(recorder.rng.choice(turned).id, day, Pillar.PURSUE, recorder.draw_category())]


def _draw_beneficiary(recorder: Recorder, threat: EnrolledThreat) -> str | None:
    """Draw whom support benefits: whose threat it is, or now and then the agency that works on it too (rule 2)."""
    if recorder.type is DisruptionType.LEAD:
        return None
    return "nca" if recorder.rng.random() < 0.08 else threat.events[0].owner


def _list_gangs(threats: Sequence[EnrolledThreat], crime: CrimeType | None) -> list[EnrolledThreat]:
    """List the OCGs of a crime type, or of any."""
    return [
        threat
        for threat in threats
        if threat.spec.kind is ThreatKind.OCG and (crime is None or threat.spec.crime_type is crime)
    ]


def _draw_day_and_gang(recorder: Recorder, gangs: Sequence[EnrolledThreat]) -> tuple[EnrolledThreat, date]:
    """Draw a day of the year, and an OCG of that day: a few get most of the attention."""
    rng = recorder.rng
    day = draw_day(rng, recorder.season.first, recorder.season.last)
    for _ in range(50):
        threat = gangs[int(len(gangs) * rng.random() ** 1.7)]
        if threat.is_ocg_on(day) and (threat.first <= day or rng.random() < 0.05):
            return threat, day
    return next(threat for threat in gangs if threat.is_ocg_on(day)), day


def _record_second_pillars(recorder: Recorder, counted: Sequence[Story]) -> Iterator[Story]:
    firsts = [story[0] for story in counted if story[0].activity_ref]
    for first in recorder.rng.sample(firsts, min(len(firsts), _draw_share(stories.SECOND_PILLARS, counted))):
        yield stories.tell_second_pillar(recorder, first, first.pillar)


def _record_wrong_kinds(
    recorder: Recorder, threats: Sequence[EnrolledThreat], counted: Sequence[Story]
) -> Iterator[Story]:
    """Record against priority individuals and vulnerabilities, while only OCGs are permitted."""
    others = [threat for threat in threats if threat.spec.kind is not ThreatKind.OCG]
    if not others or recorder.season.last >= EVERY_KIND_FROM:
        return
    for _ in range(_draw_share(stories.WRONG_KINDS, counted)):
        day = draw_day(recorder.rng, recorder.season.first, recorder.season.last)
        yield [
            recorder.record_new(
                recorder.rng.choice(others).id, day, _draw_pillar(recorder.rng), recorder.draw_category()
            )
        ]


def _draw_share(share: float, counted: Sequence[Story]) -> int:
    return max(1, round(share * len(counted)))


def _draw_pillar(rng: Random) -> Pillar:
    return rng.choices(list(Pillar), (80, 7, 9, 4))[0]

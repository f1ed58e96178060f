"""The national year put together: everybody's events in the order they are sent, numbered by their recorders.

1. each organisation works its year (London the year before too); a random source of its own, so that one
   organisation's numbers never depend on another's
2. mistakes are planted among the good events
3. all are put in order of sending and each recorder numbers what it sends, without gaps
4. some are sent twice, just as they were
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from operator import attrgetter, itemgetter
from random import Random

import msgspec

from ledger.events import Event
from ledger.vocabulary import DisruptionType, EntryRoute
from synthetic import london
from synthetic.mistakes import PlannedEvent, plant_mistakes
from synthetic.nation import draw_cells, draw_master_list, draw_support, list_recorders
from synthetic.office import enrol_all, record_turned_late, record_uncounted, work_year
from synthetic.profile import AGENCIES, REGIONS, Cells, RecorderScale
from synthetic.recorder import Recorder
from synthetic.seasons import Season
from synthetic.stories import Story
from synthetic.threats import EnrolledThreat

RESENT_SHARE = 0.004
VIA_ROCU_SHARE = 0.2
TURNED_LATE = 14  # disruptions of the metropolitan police on a threat that was reclassified in October, from April on


def make_national_year(seed: int, year: int) -> list[PlannedEvent]:
    """Make everything that is sent about the year ending 30 June of ``year``, in order; the same for the same
    arguments.
    """
    season = Season(year)
    good = sorted(_list_everybody(seed, season), key=attrgetter("entered_at"))
    rng = _seed_source(seed, year, "mistakes")
    sent = [PlannedEvent(event.entered_at, event) for event in good]
    sent += plant_mistakes(rng, good, season.closing)
    sent.sort(key=itemgetter(0))
    numbered = _number_events(sent)
    return sorted([*numbered, *_resend_some(rng, numbered)], key=itemgetter(0))


def _seed_source(seed: int, year: int, name: str) -> Random:
    return Random(f"{seed}:{year}:{name}")  # noqa: S311 - made-up data, wanted the same for the same seed


def _number_events(sent: list[PlannedEvent]) -> list[PlannedEvent]:
    """Give each recorder's events 1, 2, 3... in order of sending; a threat event is its owner's."""
    last: Counter[str] = Counter()
    numbered = []
    for item in sent:
        recorder = item.event.recorder
        last[recorder] += 1
        numbered.append(item._replace(event=msgspec.structs.replace(item.event, source_sequence=last[recorder])))
    return numbered


def _resend_some(rng: Random, sent: list[PlannedEvent]) -> Iterator[PlannedEvent]:
    """Send some good events again, unchanged, within three days."""
    good = [item for item in sent if item.code is None]
    for item in rng.sample(good, round(len(good) * RESENT_SHARE)):
        yield PlannedEvent(item.at + timedelta(seconds=rng.randint(30, 3 * 86400)), item.event, resend=True)


def _list_everybody(seed: int, season: Season) -> Iterator[Event]:
    for organisation in london.THIS_YEAR:
        yield from _work_london_force(_make_recorder(seed, season, organisation))
    master_list: dict[str, list[EnrolledThreat]] = {}
    for organisation, scale in list_recorders():
        recorder = _make_recorder(seed, season, organisation)
        threats = enrol_all(recorder, draw_master_list(recorder.rng, organisation, scale, season))
        master_list[organisation] = threats
        yield from _list_threat_events(threats)
        yield from _list_events(_work_lead(recorder, threats, scale))
        if organisation in REGIONS:
            region = [threat for force in REGIONS[organisation] for threat in master_list[force]]
            yield from _list_events(
                _work_recorder(replace(recorder, type=DisruptionType.SUPPORT), region, draw_support(recorder.rng))
            )


def _make_recorder(seed: int, season: Season, organisation: str) -> Recorder:
    rng = _seed_source(seed, season.year, organisation)
    through_rocu = organisation not in REGIONS and organisation not in AGENCIES and rng.random() < VIA_ROCU_SHARE
    route = EntryRoute.VIA_ROCU if through_rocu and organisation not in london.THIS_YEAR else EntryRoute.DIRECT
    return Recorder(organisation, rng, season, route)


def _work_london_force(recorder: Recorder) -> Iterator[Event]:
    threats = enrol_all(recorder, london.draw_london_threats(recorder.organisation, recorder.rng, recorder.season))
    yield from _list_threat_events(threats)
    before = replace(recorder, season=recorder.season.find_year_before())
    yield from _list_events(_work_recorder(before, threats, london.YEAR_BEFORE[recorder.organisation], last_year=False))
    recorder = replace(before, season=recorder.season)
    yield from _list_events(_work_recorder(recorder, threats, london.THIS_YEAR[recorder.organisation]))
    if recorder.organisation == "metropolitan":
        yield from _list_events(
            record_turned_late(recorder, threats, london.draw_late_turn(recorder.season), TURNED_LATE)
        )


def _work_lead(recorder: Recorder, threats: list[EnrolledThreat], scale: RecorderScale) -> Iterator[Story]:
    return _work_recorder(recorder, threats, draw_cells(recorder.rng, scale.lead))


def _work_recorder(
    recorder: Recorder, threats: list[EnrolledThreat], cells: Cells, *, last_year: bool = True
) -> Iterator[Story]:
    counted = list(work_year(recorder, threats, cells))
    yield from counted
    if recorder.type is DisruptionType.LEAD:
        yield from record_uncounted(recorder, threats, counted, last_year=last_year)


def _list_threat_events(threats: list[EnrolledThreat]) -> Iterator[Event]:
    for threat in threats:
        yield from threat.events


def _list_events(told: Iterator[Story]) -> Iterator[Event]:
    for story in told:
        yield from story

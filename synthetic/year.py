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
from synthetic.desk import Desk
from synthetic.mistakes import Sent, plant
from synthetic.nation import draw_cells, draw_master_list, draw_support, recorders
from synthetic.office import enrol_all, fall_short, turned_late, work_year
from synthetic.profile import AGENCIES, REGIONS, Cells, Scale
from synthetic.seasons import Season
from synthetic.stories import Story
from synthetic.threats import Threat

RESENT_SHARE = 0.004
VIA_ROCU_SHARE = 0.2
TURNED_LATE = 14  # disruptions of the metropolitan police on a threat that was reclassified in October, from April on


def national_year(seed: int, year: int) -> list[Sent]:
    """Everything that is sent about the year ending 30 June of ``year``, in order; the same for the same arguments."""
    season = Season(year)
    good = sorted(_everybody(seed, season), key=attrgetter("entered_at"))
    rng = _source(seed, year, "mistakes")
    sent = [Sent(event.entered_at, event) for event in good]
    sent += plant(rng, good, season.closing)
    sent.sort(key=itemgetter(0))
    numbered = _number(sent)
    return sorted([*numbered, *_resend(rng, numbered)], key=itemgetter(0))


def _source(seed: int, year: int, name: str) -> Random:
    return Random(f"{seed}:{year}:{name}")  # noqa: S311 - made-up data, wanted the same for the same seed


def _number(sent: list[Sent]) -> list[Sent]:
    """Give each recorder's events 1, 2, 3... in order of sending; a threat event is its owner's."""
    last: Counter[str] = Counter()
    numbered = []
    for item in sent:
        recorder = item.event.recorder
        last[recorder] += 1
        numbered.append(item._replace(event=msgspec.structs.replace(item.event, source_sequence=last[recorder])))
    return numbered


def _resend(rng: Random, sent: list[Sent]) -> Iterator[Sent]:
    """Some good events again, unchanged, within three days."""
    good = [item for item in sent if item.code is None]
    for item in rng.sample(good, round(len(good) * RESENT_SHARE)):
        yield Sent(item.at + timedelta(seconds=rng.randint(30, 3 * 86400)), item.event, resend=True)


def _everybody(seed: int, season: Season) -> Iterator[Event]:
    for organisation in london.THIS_YEAR:
        yield from _london_force(_desk(seed, season, organisation))
    master_list: dict[str, list[Threat]] = {}
    for organisation, scale in recorders():
        desk = _desk(seed, season, organisation)
        threats = enrol_all(desk, draw_master_list(desk.rng, organisation, scale, season))
        master_list[organisation] = threats
        yield from _threat_events(threats)
        yield from _events(_lead(desk, threats, scale))
        if organisation in REGIONS:
            region = [threat for force in REGIONS[organisation] for threat in master_list[force]]
            yield from _events(_work(replace(desk, type=DisruptionType.SUPPORT), region, draw_support(desk.rng)))


def _desk(seed: int, season: Season, organisation: str) -> Desk:
    rng = _source(seed, season.year, organisation)
    through_rocu = organisation not in REGIONS and organisation not in AGENCIES and rng.random() < VIA_ROCU_SHARE
    route = EntryRoute.VIA_ROCU if through_rocu and organisation not in london.THIS_YEAR else EntryRoute.DIRECT
    return Desk(organisation, rng, season, route)


def _london_force(desk: Desk) -> Iterator[Event]:
    threats = enrol_all(desk, london.master_list(desk.organisation, desk.rng, desk.season))
    yield from _threat_events(threats)
    before = replace(desk, season=desk.season.before())
    yield from _events(_work(before, threats, london.YEAR_BEFORE[desk.organisation], last_year=False))
    desk = replace(before, season=desk.season)
    yield from _events(_work(desk, threats, london.THIS_YEAR[desk.organisation]))
    if desk.organisation == "metropolitan":
        yield from _events(turned_late(desk, threats, london.late_turn(desk.season), TURNED_LATE))


def _lead(desk: Desk, threats: list[Threat], scale: Scale) -> Iterator[Story]:
    return _work(desk, threats, draw_cells(desk.rng, scale.lead))


def _work(desk: Desk, threats: list[Threat], cells: Cells, *, last_year: bool = True) -> Iterator[Story]:
    counted = list(work_year(desk, threats, cells))
    yield from counted
    if desk.type is DisruptionType.LEAD:
        yield from fall_short(desk, threats, counted, last_year=last_year)


def _threat_events(threats: list[Threat]) -> Iterator[Event]:
    for threat in threats:
        yield from threat.events


def _events(told: Iterator[Story]) -> Iterator[Event]:
    for story in told:
        yield from story

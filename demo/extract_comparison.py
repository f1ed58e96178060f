"""The same year extracted as at two instants, and why the second differs: read from the ledger's own postings.

Each event after the first instant moved some disruptions: its legs say from which account to which. Whatever entered
or left London's figure is put under one cause, so first extraction plus causes is the second, or the demo fails.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table

from demo.london_figures import LONDON, YEAR
from ledger.facts import Day, Millis
from ledger.instants import count_days, count_millis
from queries.balance_queries import ExtractQuery
from queries.client import Client
from queries.parsing import parse_date, parse_instant
from queries.record_queries import StoredRowsQuery

FIRST, SECOND = "2022-07-04", "2023-01-31"
_FIRST_DAY, _LAST_DAY = (count_days(parse_date(day, "")) for day in YEAR)


class PostedLeg(msgspec.Struct, frozen=True):
    """What this page needs of a stored posting."""

    partition: int
    offset: int
    leg: int
    disruption_id: str
    organisation: str
    type: str
    pillar: str
    kind: str
    crime_type: str
    category: str
    event_date: Day
    standing: str
    sign: int
    entered_at: Millis

    @property
    def counts(self) -> bool:
        """Whether it is in the year's headline figure."""
        return self.type == "LEAD" and self.standing == "COUNTED" and _FIRST_DAY <= self.event_date <= _LAST_DAY


class MovementCause(NamedTuple):
    """A reason why a figure moved, and which way."""

    reason: str
    sign: int


ORDER = (
    MovementCause("entered late", 1),
    MovementCause("reassessed, now counted", 1),
    MovementCause("event date corrected into the year", 1),
    MovementCause("its threat became known", 1),
    MovementCause("otherwise amended, now counted", 1),
    MovementCause("withdrawn", -1),
    MovementCause("reassessed, no longer counted", -1),
    MovementCause("event date corrected out of the year", -1),
    MovementCause("threat reclassified: no longer an OCG", -1),
    MovementCause("otherwise amended, no longer counted", -1),
)


class ExtractDifference(NamedTuple):
    """Two extractions by organisation and what lies between them."""

    first: Mapping[str, int]
    second: Mapping[str, int]
    causes: Mapping[MovementCause, Mapping[str, int]]
    example: str | None = None  # the disruption that moved most often

    @property
    def adds_up(self) -> bool:
        """Whether the causes explain the difference to the last disruption."""
        return all(
            self.first[org] + sum(moved.get(org, 0) for moved in self.causes.values()) == self.second[org]
            for org in LONDON
        )


def compare_extracts(asked: Client) -> ExtractDifference:
    """Ask for both extractions, and read the postings in between."""
    first, second = (_ask_extract(asked, instant) for instant in (FIRST, SECOND))
    legs = list(_find_legs_between(asked))
    moves = Counter(leg.disruption_id for leg in legs)
    return ExtractDifference(
        first, second, count_causes(legs), max(moves, key=lambda one: (moves[one], one), default=None)
    )


def count_causes(legs: Iterable[PostedLeg]) -> dict[MovementCause, Counter[str]]:
    """Count what moved London's figure, by cause and organisation."""
    by_event: dict[tuple[int, int, str], list[PostedLeg]] = defaultdict(list)
    for leg in legs:
        by_event[leg.partition, leg.offset, leg.disruption_id].append(leg)
    causes: dict[MovementCause, Counter[str]] = defaultdict(Counter)
    for moved in by_event.values():
        change = sum(leg.sign for leg in moved if leg.counts)
        if change:
            causes[find_cause(moved, change)][moved[0].organisation] += change
    return causes


def find_cause(legs: Sequence[PostedLeg], change: int) -> MovementCause:
    """Find why one disruption entered (+1) or left (-1) the figure by one event."""
    ins, outs = ([leg for leg in legs if leg.sign == sign] for sign in (1, -1))
    sign = 1 if change > 0 else -1
    if not outs:
        return MovementCause("entered late", sign)
    if not ins:
        return MovementCause("withdrawn", sign)
    return MovementCause(_find_reason(outs[-1], ins[-1], sign), sign)


def _find_reason(before: PostedLeg, after: PostedLeg, sign: int) -> str:
    if before.standing == "AWAITING_THREAT":
        return "its threat became known"
    if before.kind != after.kind:
        return "threat reclassified: no longer an OCG" if sign < 0 else "threat reclassified: an OCG"
    if before.event_date != after.event_date:
        return f"event date corrected {'into' if sign > 0 else 'out of'} the year"
    if before.category != after.category:
        return "reassessed, now counted" if sign > 0 else "reassessed, no longer counted"
    return "otherwise amended, now counted" if sign > 0 else "otherwise amended, no longer counted"


def draw_difference(found: ExtractDifference) -> Table:
    """Draw both extractions, and the causes between them."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Lead disruptions, counted", no_wrap=True)
    for organisation in LONDON:
        table.add_column(organisation, justify="right", no_wrap=True)
    table.add_row("as at 4 July 2022", *(f"{found.first[org]:,}" for org in LONDON), style="bold")
    for one in [*ORDER, *sorted(set(found.causes) - set(ORDER))]:
        moved = found.causes.get(one, {})
        if any(moved.values()):
            table.add_row(f"  {one.reason}", *(f"{moved[org]:+,}" if moved.get(org) else "" for org in LONDON))
    table.add_row("as at 31 January 2023", *(f"{found.second[org]:,}" for org in LONDON), style="bold")
    return table


def _ask_extract(asked: Client, as_at: str) -> dict[str, int]:
    rows = asked.ask(ExtractQuery, from_=YEAR[0], to=YEAR[1], as_at=as_at, by="org")["rows"]
    found = {row["org"]: int(row["n"]) for row in rows}
    return {organisation: found.get(organisation, 0) for organisation in LONDON}


def _find_legs_between(asked: Client) -> Iterator[PostedLeg]:
    """Yield London's lead legs that take effect after the first instant and not after the second, each once."""
    after, until = (count_millis(parse_instant(instant, "")) for instant in (FIRST, SECOND))
    seen = set()
    for leg in _read_postings(asked):
        position = leg.partition, leg.offset, leg.leg
        if (
            leg.organisation in LONDON
            and leg.type == "LEAD"
            and after < leg.entered_at <= until
            and position not in seen
        ):
            seen.add(position)
            yield leg


def _read_postings(asked: Client) -> Iterator[PostedLeg]:
    decoder = msgspec.json.Decoder(PostedLeg)
    yield from map(decoder.decode, asked.read_rows(StoredRowsQuery(table="postings")))

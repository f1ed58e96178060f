"""The published London figures, and what the ledger counts beside them.

The left column is from the inspection reports on London's forces (year ending 30 June 2022), written here by hand. The
right one is asked of the ledger: two extractions and one threat count. Neither knows the generator.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from queries.balance_queries import ExtractQuery, ThreatQuery
from queries.client import Client

LONDON = ("metropolitan", "btp", "city-of-london")
YEAR = ("2021-07-01", "2022-06-30")
YEAR_BEFORE = ("2020-07-01", "2021-06-30")
THREATS_AT = "2022-07-04"

Row = Mapping[str, Any]
Where = Mapping[str, str | tuple[str, ...]]


class Published(NamedTuple):
    """A figure as a report has it: its words, and which counts say the same."""

    words: str
    agrees: Callable[[int, int], bool]
    is_share: bool = False


class Figure(NamedTuple):
    """One line: which rows of which answer are counted, and what was published of them."""

    organisation: str
    measure: str
    answer: str
    where: Where
    published: Published


class Line(NamedTuple):
    """A figure with the ledger's count beside it."""

    figure: Figure
    n: int
    of: int

    @property
    def agrees(self) -> bool:
        """Equal, or rounding to the published percentage."""
        return self.figure.published.agrees(self.n, self.of)


def exactly(n: int) -> Published:
    """A published number."""
    return Published(f"{n:,}", lambda found, _: found == n)


def percent(share: int) -> Published:
    """A published percentage: equal once rounded to whole ones."""
    return Published(f"{share}%", lambda found, of: of > 0 and round(100 * found / of) == share, is_share=True)


def words(said: str, low: float, high: float) -> Published:
    """A share told in words, and the percentages that they fit."""
    return Published(said, lambda found, of: of > 0 and low <= 100 * found / of <= high, is_share=True)


def _metropolitan() -> Iterator[Figure]:
    yield Figure("metropolitan", "lead disruptions", "year", {}, exactly(8021))
    yield Figure("metropolitan", "the year before", "before", {}, exactly(4795))
    for pillar, share in (("PURSUE", 78), ("PROTECT", 10), ("PREVENT", 7), ("PREPARE", 5)):
        yield Figure("metropolitan", f"  {pillar.lower()}", "year", {"pillar": pillar}, percent(share))
    yield Figure("metropolitan", "SOC threats", "threats", {}, exactly(266))


def _btp() -> Iterator[Figure]:
    yield Figure("btp", "lead disruptions", "year", {}, exactly(184))
    yield Figure("btp", "the year before", "before", {}, exactly(34))
    yield Figure("btp", "  pursue", "year", {"pillar": "PURSUE"}, words("virtually all", 97, 100))
    yield Figure("btp", "  drugs", "year", {"crime_type": "DRUGS"}, words("two thirds", 65.5, 67.5))
    yield Figure("btp", "SOC threats", "threats", {}, exactly(22))
    yield Figure("btp", "  drugs", "threats", {"crime_type": "DRUGS"}, exactly(5))
    yield Figure("btp", "  MSHT", "threats", {"crime_type": "MSHT"}, exactly(5))
    acquisitive = {"crime_type": "ORGANISED_ACQUISITIVE_CRIME"}
    yield Figure("btp", "  acquisitive crime", "threats", acquisitive, exactly(12))
    yield Figure("btp", "  vulnerabilities", "threats", {"kind": "VULNERABILITY"}, exactly(0))


def _city() -> Iterator[Figure]:
    yield Figure("city-of-london", "lead disruptions", "year", {}, exactly(506))
    for crime, n in (("CYBER", 441), ("FRAUD", 52), ("DRUGS", 5)):
        yield Figure("city-of-london", f"  {crime.lower()}", "year", {"crime_type": crime}, exactly(n))
    unexplained = {"crime_type": ("OTHER", "UNKNOWN")}
    yield Figure("city-of-london", "  other or unknown", "year", unexplained, exactly(8))
    yield Figure("city-of-london", "  pursue", "year", {"pillar": "PURSUE"}, exactly(78))
    cyber_protect = {"crime_type": "CYBER", "pillar": "PROTECT"}
    almost = words("almost three quarters", 72, 75)
    yield Figure("city-of-london", "  cyber and protect", "year", cyber_protect, almost)
    yield Figure("city-of-london", "SOC threats", "threats", {}, exactly(43))
    yield Figure("city-of-london", "  fraud", "threats", {"crime_type": "FRAUD"}, exactly(33))


FIGURES: tuple[Figure, ...] = (*_metropolitan(), *_btp(), *_city())


def ask_ledger(asked: Client) -> Mapping[str, Sequence[Row]]:
    """The three answers that the figures are read from."""
    dimensions = "org,pillar,crime_type"
    return {
        "year": asked.ask(ExtractQuery, from_=YEAR[0], to=YEAR[1], by=dimensions)["rows"],
        "before": asked.ask(ExtractQuery, from_=YEAR_BEFORE[0], to=YEAR_BEFORE[1], by=dimensions)["rows"],
        "threats": asked.ask(ThreatQuery, as_at=THREATS_AT, by="org,kind,crime_type")["rows"],
    }


def compare(answers: Mapping[str, Iterable[Row]]) -> list[Line]:
    """Every figure beside what the answers count."""
    lines = []
    for figure in FIGURES:
        rows = [row for row in answers[figure.answer] if row["org"] == figure.organisation]
        n = sum(int(row["n"]) for row in rows if _fits(row, figure.where))
        lines.append(Line(figure, n, sum(int(row["n"]) for row in rows)))
    return lines


def figures_table(lines: Iterable[Line]) -> Table:
    """The figures for people."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column("Organisation", no_wrap=True)
    table.add_column("Measure", no_wrap=True)
    table.add_column("Published", justify="right", no_wrap=True)
    table.add_column("Ledger", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    before = ""
    for line in lines:
        organisation = line.figure.organisation
        mark = Text("match", style="green") if line.agrees else Text("MISMATCH", style="bold red")
        shown = "" if organisation == before else organisation
        table.add_row(shown, line.figure.measure, line.figure.published.words, _counted(line), mark)
        before = organisation
    return table


def _counted(line: Line) -> str:
    if not line.figure.published.is_share or not line.of:
        return f"{line.n:,}"
    return f"{line.n:,} = {100 * line.n / line.of:.1f}%"


def _fits(row: Row, where: Where) -> bool:
    return all(row[name] in (wanted if isinstance(wanted, tuple) else (wanted,)) for name, wanted in where.items())

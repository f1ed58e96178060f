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

CountedRow = Mapping[str, Any]
Where = Mapping[str, str | tuple[str, ...]]


class ReportedFigure(NamedTuple):
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
    published: ReportedFigure


class FigureLine(NamedTuple):
    """A figure with the ledger's count beside it."""

    figure: Figure
    n: int
    of: int

    @property
    def agrees(self) -> bool:
        """Equal, or rounding to the published percentage."""
        return self.figure.published.agrees(self.n, self.of)


def match_number(n: int) -> ReportedFigure:
    """Return a published number."""
    return ReportedFigure(f"{n:,}", lambda found, _: found == n)


def match_percentage(share: int) -> ReportedFigure:
    """Return a published percentage: equal once rounded to whole ones."""
    return ReportedFigure(f"{share}%", lambda found, of: of > 0 and round(100 * found / of) == share, is_share=True)


def match_words(said: str, low: float, high: float) -> ReportedFigure:
    """Return a share told in words, and the percentages that they fit."""
    return ReportedFigure(said, lambda found, of: of > 0 and low <= 100 * found / of <= high, is_share=True)


def _list_metropolitan() -> Iterator[Figure]:
    yield Figure("metropolitan", "lead disruptions", "year", {}, match_number(8021))
    yield Figure("metropolitan", "the year before", "before", {}, match_number(4795))
    for pillar, share in (("PURSUE", 78), ("PROTECT", 10), ("PREVENT", 7), ("PREPARE", 5)):
        yield Figure("metropolitan", f"  {pillar.lower()}", "year", {"pillar": pillar}, match_percentage(share))
    yield Figure("metropolitan", "SOC threats", "threats", {}, match_number(266))


def _list_btp() -> Iterator[Figure]:
    yield Figure("btp", "lead disruptions", "year", {}, match_number(184))
    yield Figure("btp", "the year before", "before", {}, match_number(34))
    yield Figure("btp", "  pursue", "year", {"pillar": "PURSUE"}, match_words("virtually all", 97, 100))
    yield Figure("btp", "  drugs", "year", {"crime_type": "DRUGS"}, match_words("two thirds", 65.5, 67.5))
    yield Figure("btp", "SOC threats", "threats", {}, match_number(22))
    yield Figure("btp", "  drugs", "threats", {"crime_type": "DRUGS"}, match_number(5))
    yield Figure("btp", "  MSHT", "threats", {"crime_type": "MSHT"}, match_number(5))
    acquisitive = {"crime_type": "ORGANISED_ACQUISITIVE_CRIME"}
    yield Figure("btp", "  acquisitive crime", "threats", acquisitive, match_number(12))
    yield Figure("btp", "  vulnerabilities", "threats", {"kind": "VULNERABILITY"}, match_number(0))


def _list_city() -> Iterator[Figure]:
    yield Figure("city-of-london", "lead disruptions", "year", {}, match_number(506))
    for crime, n in (("CYBER", 441), ("FRAUD", 52), ("DRUGS", 5)):
        yield Figure("city-of-london", f"  {crime.lower()}", "year", {"crime_type": crime}, match_number(n))
    unexplained = {"crime_type": ("OTHER", "UNKNOWN")}
    yield Figure("city-of-london", "  other or unknown", "year", unexplained, match_number(8))
    yield Figure("city-of-london", "  pursue", "year", {"pillar": "PURSUE"}, match_number(78))
    cyber_protect = {"crime_type": "CYBER", "pillar": "PROTECT"}
    almost = match_words("almost three quarters", 72, 75)
    yield Figure("city-of-london", "  cyber and protect", "year", cyber_protect, almost)
    yield Figure("city-of-london", "SOC threats", "threats", {}, match_number(43))
    yield Figure("city-of-london", "  fraud", "threats", {"crime_type": "FRAUD"}, match_number(33))


FIGURES: tuple[Figure, ...] = (*_list_metropolitan(), *_list_btp(), *_list_city())


def ask_ledger(asked: Client) -> Mapping[str, Sequence[CountedRow]]:
    """Ask for the three answers that the figures are read from."""
    dimensions = "org,pillar,crime_type"
    return {
        "year": asked.ask(ExtractQuery, from_=YEAR[0], to=YEAR[1], by=dimensions)["rows"],
        "before": asked.ask(ExtractQuery, from_=YEAR_BEFORE[0], to=YEAR_BEFORE[1], by=dimensions)["rows"],
        "threats": asked.ask(ThreatQuery, as_at=THREATS_AT, by="org,kind,crime_type")["rows"],
    }


def compare_figures(answers: Mapping[str, Iterable[CountedRow]]) -> list[FigureLine]:
    """Put every figure beside what the answers count."""
    lines = []
    for figure in FIGURES:
        rows = [row for row in answers[figure.answer] if row["org"] == figure.organisation]
        n = sum(int(row["n"]) for row in rows if _fits_filter(row, figure.where))
        lines.append(FigureLine(figure, n, sum(int(row["n"]) for row in rows)))
    return lines


def draw_figures(lines: Iterable[FigureLine]) -> Table:
    """Draw the figures for people."""
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
        table.add_row(shown, line.figure.measure, line.figure.published.words, _format_count(line), mark)
        before = organisation
    return table


def _format_count(line: FigureLine) -> str:
    if not line.figure.published.is_share or not line.of:
        return f"{line.n:,}"
    return f"{line.n:,} = {100 * line.n / line.of:.1f}%"


def _fits_filter(row: CountedRow, where: Where) -> bool:
    return all(row[name] in (wanted if isinstance(wanted, tuple) else (wanted,)) for name, wanted in where.items())

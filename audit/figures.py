"""Published figures beside what the fold's postings add up to: each is proved again by every replay, for ever.

A figure follows when

1. its id is that of what it says, it asks what can be asked, and its instant of knowledge had passed when the broker
   took it;
2. nothing that moved anything and was received by that instant lies past the positions that it names;
3. its cells are the sums of the fold's postings, as at and as known at its instants.
"""

from collections.abc import Iterator, Mapping

from audit.figure_questions import MISASKED, can_be_asked
from audit.findings import Finding, FindingKind
from audit.published_figures import FigureLog, LoggedFigure
from infra.topics import FIGURES
from ledger.vocabulary import FigureSubject
from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS
from methodology.measures import MEASURE
from schemas.figures import PublishedFigure, compute_figure_id
from schemas.stored import StoredEntry

UNREADABLE = "It is no figure: whoever wrote it does not write figures."
NOT_COMPLETE = "It was published before its instant of knowledge had passed: it could still change."
ID_DIFFERS = "Its id is not that of what it says."
UNKNOWN_MEASURE = "It names a measure or a dimension that this software does not have: it was not added up again."
FIGURES_NOT_PROVED = "published figures were not proved again: they are sums of all that was entered"


class FigureAudit:
    """The figures that were published when the replay began."""

    def __init__(self, log: FigureLog) -> None:
        self.log = log
        self.sums = log.begin_sums()
        self.proved: list[str] = []

    @property
    def count(self) -> int:
        """How many records there are."""
        return len(self.log.figures)

    def add_entry(self, entry: StoredEntry) -> None:
        """Add an entry's postings."""
        self.sums.add_entry(entry)

    def compare_figures(self, covered: Mapping[int, int]) -> Iterator[Finding | int]:
        """Compare every figure: 1 for each that follows, and a difference for each that does not.

        Args:
            covered: by partition, the end of what was folded.
        """
        for partition, low in self.log.gone.items():
            sentence = f"Records before offset {low} are deleted: figures that were published there cannot be proved."
            yield Finding(kind=FindingKind.EVIDENCE_GONE, place=f"{FIGURES} partition {partition}", sentence=sentence)
        for logged in self.log.figures:
            yield self._compare_one(logged, covered)

    def _compare_one(self, logged: LoggedFigure, covered: Mapping[int, int]) -> Finding | int:
        figure = logged.figure
        if figure is None:
            return name_finding(FindingKind.UNREADABLE, logged, UNREADABLE)
        if not is_measure_known(figure):
            return name_finding(FindingKind.MEASURE_UNKNOWN, logged, UNKNOWN_MEASURE)
        said = list(self._list_faults(figure, logged, covered))
        if said:
            return name_finding(FindingKind.FIGURE_DIFFERS, logged, " ".join(said))
        self.proved.append(logged.name_record())
        return 1

    def _list_faults(self, figure: PublishedFigure, logged: LoggedFigure, covered: Mapping[int, int]) -> Iterator[str]:
        if compute_figure_id(figure) != figure.figure_id:
            yield ID_DIFFERS
        if not can_be_asked(figure):
            yield MISASKED
        if figure.known_at > logged.appended_at:
            yield NOT_COMPLETE
        ends = dict(enumerate(figure.positions))
        behind = [number for number, end in self.sums.find_reached(figure).items() if end > ends.get(number, 0)]
        if behind:
            yield f"It was read before all was stored that it counts: partition {behind[0]} had come no further."
        ahead = [number for number, end in ends.items() if end > covered.get(number, 0)]
        if ahead:
            yield f"It names positions that are not in the ledger: partition {ahead[0]} ends before."
        yield from _compare_cells(figure, {cell.values: cell.n for cell in self.sums.sum_figure(figure)})


def is_measure_known(figure: PublishedFigure) -> bool:
    """Tell whether this software has the definitions by which a figure was counted."""
    known = THREAT_DIMENSIONS if figure.subject is FigureSubject.THREATS else DIMENSIONS
    return figure.measure == MEASURE and all(name in known for name in figure.by)


def name_finding(kind: FindingKind, logged: LoggedFigure, sentence: str) -> Finding:
    """Make the difference that is found of a figure; its place names the record of ``soc.figures``."""
    place = f"{FIGURES} partition {logged.partition} offset {logged.offset}"
    named = f" It is figure {logged.figure.figure_id[:12]}." if logged.figure else ""
    return Finding(kind=kind, place=place, sentence=sentence + named)


def _compare_cells(figure: PublishedFigure, sums: Mapping[tuple[str, ...], int]) -> Iterator[str]:
    says = {cell.values: cell.n for cell in figure.cells}
    if len(says) < len(figure.cells):
        yield "A cell stands in it twice."
    wrong = [key for key in sorted(says.keys() | sums.keys()) if says.get(key, 0) != sums.get(key, 0)]
    if wrong:
        cell = ", ".join(f"{name} {value}" for name, value in zip(figure.by, wrong[0], strict=True)) or "the total"
        yield (
            f"{len(wrong):,} cells are not what the fold's postings add up to, the first of them: {cell}; "
            f"it says {says.get(wrong[0], 0):,}, they add up to {sums.get(wrong[0], 0):,}."
        )

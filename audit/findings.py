"""What a replay finds: differences, each with its position and ids, and the verdict they add up to.

A difference names fields, never their values: whoever may read the verdict may not be who may read the records.
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class FindingKind(StrEnum):
    """What differs from what."""

    LOST = "LOST"  # a published position has neither entry nor rejection, or was deleted before it had one
    EVIDENCE_GONE = "EVIDENCE_GONE"  # records are deleted: what stands on them cannot be compared
    FORGED = "FORGED"  # an output for which nothing was published
    UNREADABLE = "UNREADABLE"  # an output that is not one
    REPEAT_DIFFERS = "REPEAT_DIFFERS"  # a second output of a position says something else than the first
    OUT_OF_ORDER = "OUT_OF_ORDER"  # an output that comes after later positions' and was not there before
    BROKEN_CHAIN = "BROKEN_CHAIN"  # an output does not join on to the one before
    SOURCE_DIFFERS = "SOURCE_DIFFERS"  # an output does not hold what was published
    VERDICT_DIFFERS = "VERDICT_DIFFERS"  # admitted, duplicate or rejected: the fold says otherwise
    ENTRY_DIFFERS = "ENTRY_DIFFERS"  # the entry's own fields or postings are not those of the fold
    RULES_UNKNOWN = "RULES_UNKNOWN"  # the output names rules that this software does not have
    RULES_CONFLICT = "RULES_CONFLICT"  # this software's rules would touch what was judged by others
    ROW_MISSING = "ROW_MISSING"  # the store lacks a row
    ROW_DIFFERS = "ROW_DIFFERS"  # the store's row says something else
    ROW_UNKNOWN = "ROW_UNKNOWN"  # the store has a row that the fold does not write
    CLOSING_DIFFERS = "CLOSING_DIFFERS"  # a closing is not the sum of the fold's postings before its position
    BALANCE_DIFFERS = "BALANCE_DIFFERS"  # the store's figure is not the sum of the fold's postings
    FIGURE_DIFFERS = "FIGURE_DIFFERS"  # a published figure does not follow from the fold's postings
    SEAL_DIFFERS = "SEAL_DIFFERS"  # published figures are not those that were sealed, or not in their order
    MEASURE_UNKNOWN = "MEASURE_UNKNOWN"  # a published figure names definitions that this software does not have


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference. ``offset`` is that of ``soc.published``; None for a balance, which lies in no one position."""

    kind: FindingKind
    place: str
    sentence: str
    partition: int | None = None
    offset: int | None = None
    event_id: str | None = None
    threat_id: str | None = None
    disruption_id: str | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgedLoss:
    """Offsets, both included, that were deleted before they were judged; who answers for it, and since when."""

    partition: int
    first: int
    last: int
    by: str
    at: str

    def __str__(self) -> str:
        return (
            f"partition {self.partition}, offsets {self.first} to {self.last} were deleted before they were judged; "
            f"acknowledged by {self.by} at {self.at}. What was deleted before them cannot be compared either"
        )


@dataclass(slots=True, kw_only=True)
class PartitionReach:
    """Of one partition: the fixed last positions, and what lay before them. Offsets are ends: the last one plus 1."""

    partition: int
    published_end: int = 0
    entries_end: int = 0
    rejected_end: int = 0
    covered_end: int = 0
    entries: int = 0
    rejections: int = 0
    repeats: int = 0
    not_judged: int = 0
    not_stored: int = 0
    rows: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    """By table, the SHA-256 of the rows that the fold says there must be, as ``audit.packed`` packs them."""


@dataclass(slots=True, kw_only=True)
class ReplayReport:
    """What a replay says. ``shown`` holds the first differences up to a limit, ``differences`` counts all."""

    limit: int
    known_at: str
    reaches: list[PartitionReach] = field(default_factory=list)
    differences: dict[FindingKind, int] = field(default_factory=dict)
    shown: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    acknowledged: list[AcknowledgedLoss] = field(default_factory=list)
    balances: int = 0
    figures: int = 0
    proved_figures: list[str] = field(default_factory=list)
    """The records of published figures that follow from the fold: place and id."""
    sealed_figures: int = 0
    """How many published figures the log seals that they were held to."""
    closings: int = 0
    instants: list[dict[str, Any]] = field(default_factory=list)
    """At which other instants the store was asked, and how many balances were compared there."""
    seed: int = 0
    """Of the instants that were drawn."""
    topics: dict[str, str] = field(default_factory=dict)
    """The identity of each topic."""
    until: dict[str, Any] = field(default_factory=dict)
    """Where it was told to end; nothing where it went to the ends."""

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def add_finding(self, difference: Finding) -> None:
        """Count a difference, and keep it while there is room."""
        self._count_kind(difference.kind, 1)
        if len(self.shown) < self.limit:
            self.shown.append(difference)

    def merge_report(self, other: "ReplayReport") -> None:
        """Add what the replay of a partition says."""
        self.reaches += other.reaches
        for kind, n in other.differences.items():
            self._count_kind(kind, n)
        self.shown += other.shown[: self.limit - len(self.shown)]
        self.notes += [note for note in other.notes if note not in self.notes]
        self.acknowledged += other.acknowledged

    def _count_kind(self, kind: FindingKind, n: int) -> None:
        self.differences[kind] = self.differences.get(kind, 0) + n

    def sum_reaches(self, name: str) -> int:
        """Sum one of the reaches' figures."""
        return sum(getattr(reach, name) for reach in self.reaches)

    def make_body(self) -> dict[str, Any]:
        """Return the verdict as JSON has it."""
        return {
            "agrees": self.agrees,
            "known_at": self.known_at,
            "partitions": [asdict(reach) for reach in self.reaches],
            "balances": self.balances,
            "figures": self.figures,
            "sealed_figures": self.sealed_figures,
            "closings": self.closings,
            "instants": self.instants,
            "seed": self.seed,
            "topics": self.topics,
            "until": self.until,
            "differences": sum(self.differences.values()),
            "kinds": {kind.value: n for kind, n in sorted(self.differences.items())},
            "shown": [asdict(difference) for difference in self.shown],
            "notes": self.notes,
            "acknowledged": [asdict(loss) for loss in self.acknowledged],
        }

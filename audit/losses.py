"""What of a partition is gone, so that nobody can compare it any more.

A record that was deleted before it was judged is *lost*, unless somebody acknowledged it. One that was deleted after it
was judged leaves its output without *evidence*; an acknowledged loss covers all that was deleted up to its offset.
"""

from audit.findings import AcknowledgedLoss, Finding, FindingKind, PartitionReach, ReplayReport
from audit.outputs import Output, make_finding
from audit.topic_reader import TopicRecord
from infra.topics import PUBLISHED
from ledger.facts import Millis
from ledger.vocabulary import Code
from schemas.acknowledged import ACKNOWLEDGED_AT, ACKNOWLEDGED_BY
from schemas.restored import ORIGINAL_GONE
from schemas.stored import StoredRejection

SPANS_SHOWN = 5
ORIGINAL_NOT_KEPT = "The topic was restored, and nobody had kept this record: a stand-in lies in its place."


class DeletedRecords:
    """The deleted beginning of one partition of ``soc.published``.

    Args:
        low: first offset that is still there.
    """

    def __init__(self, reach: PartitionReach, verdict: ReplayReport, low: int) -> None:
        self._reach = reach
        self._verdict = verdict
        self._low = low
        self._bare: list[int] = []  # offsets of outputs whose records are gone
        self._unnamed: list[tuple[int, int]] = []  # deleted offsets that an output covers and none names
        self._acknowledged = -1
        self._last = -1

    def add_output(self, output: Output) -> None:
        """Hear one more output, in order of positions, whether its record is there or not."""
        offset, first = output.offset, self._last + 1
        lost = is_loss(output)
        if lost:
            self._note_acknowledged(output, first)
        elif offset < self._low:
            self._bare.append(offset)
        unnamed = min(offset, self._low) - 1
        if not lost and first <= unnamed:
            self._unnamed.append((first, unnamed))
        self._last = offset

    @property
    def is_passed(self) -> bool:
        """Whether outputs have come to where records are still there, so that nothing more can be gone."""
        return self._last >= self._low - 1

    def follow_output(self, offset: int) -> None:
        """Note an output whose record is there, once the deleted beginning is passed."""
        self._last = offset

    def _note_acknowledged(self, output: Output, first: int) -> None:
        if output.offset >= self._low:
            self._report_output(output, "It acknowledges the loss of positions that are there.")
            return
        said = dict(output.held.source.headers)
        by, at = ((said.get(name) or b"").decode(errors="replace") for name in (ACKNOWLEDGED_BY, ACKNOWLEDGED_AT))
        self._acknowledged = output.offset
        loss = AcknowledgedLoss(self._reach.partition, first, output.offset, by, at)
        self._verdict.acknowledged.append(loss)

    def _report_output(self, output: Output, sentence: str) -> None:
        self._verdict.add_finding(make_finding(FindingKind.FORGED, output.topic, output.held, sentence))

    def close(self) -> None:
        """Say what is lost, and of what the evidence is gone."""
        if self._last < self._low - 1:
            first = self._last + 1
            sentence = (
                f"Offsets {first} to {self._low - 1} were deleted before they were judged. Nobody acknowledged it."
            )
            self._add_finding(FindingKind.LOST, first, sentence)
        bare = [offset for offset in self._bare if offset > self._acknowledged]
        unnamed = [one for one in self._unnamed if one[1] > self._acknowledged]
        if bare or unnamed:
            self._add_finding(
                FindingKind.EVIDENCE_GONE, (bare or [unnamed[0][0]])[0], _say_gone(self._low, len(bare), unnamed)
            )

    def _add_finding(self, kind: FindingKind, offset: int, sentence: str) -> None:
        found = Finding(kind=kind, place=PUBLISHED, partition=self._reach.partition, offset=offset, sentence=sentence)
        self._verdict.add_finding(found)


def _say_gone(low: int, bare: int, unnamed: list[tuple[int, int]]) -> str:
    said = f"Offsets 0 to {low - 1} are deleted: what the outputs of {bare} of them hold cannot be compared."
    if not unnamed:
        return said
    spans = ", ".join(f"{first} to {last}" for first, last in unnamed[:SPANS_SHOWN])
    more = f" and {len(unnamed) - SPANS_SHOWN} more spans" if len(unnamed) > SPANS_SHOWN else ""
    return f"{said} No output names {spans}{more}: whether anything was published there cannot be told."


def is_loss(output: Output) -> bool:
    """Tell whether an output acknowledges a loss."""
    return isinstance(output.held, StoredRejection) and output.held.code == Code.LOST


def is_stand_in(output: Output, record: TopicRecord | None) -> bool:
    """Tell whether a restore put a record there in the place of one that nobody had kept.

    It has what its rejection carries, and the mark behind: so has that of a record which was published with the mark.
    """
    if record is None or not isinstance(output.held, StoredRejection):
        return False
    return record.headers == (*output.held.source.headers, (ORIGINAL_GONE, None))


def list_loss_differences(output: Output, ledger_time: Millis) -> list[str]:
    """Name the fields in which an acknowledged loss is not what one must be."""
    source = output.held.source
    pairs = {"key": source.key is None, "value": source.value is None, "ledger_time": source.ledger_time == ledger_time}
    return [name for name, right in pairs.items() if not right]

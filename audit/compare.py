"""One partition: what was published, what the stream made of it and what the fold says, position by position.

At each position, in order:

1. Something was published there, and exactly one output covers it (*nothing is lost*).
2. The output joins on to the one before, and holds what was published: key, value, headers, ledger time.
3. The fold, from the output's own bytes, gives the same verdict, fields and postings (*live equals replay*).
"""

from collections.abc import Iterator
from typing import NamedTuple

from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.fold import PartitionFold, is_version_dependent
from audit.losses import ORIGINAL_NOT_KEPT, DeletedRecords, is_loss, is_stand_in, list_loss_differences
from audit.outputs import Output, Stored, make_finding
from audit.proving import EntryProver, ProvenEntry
from audit.queue import NO_MORE, OutputQueue
from audit.rules import UNKNOWN_RULES, JudgingRules
from audit.topic_reader import TopicRecord
from infra.topics import PUBLISHED
from ledger.facts import Millis
from ledger.vocabulary import Code
from schemas.judged import name_software
from schemas.stored import StoredEntry, StoredRejection

NOT_RE_JUDGED = "a rejection for an unknown schema was not judged again: its schema is known now"

PACKED = (Code.RECORD_TOO_LARGE, Code.UNREADABLE_HEADERS)


class SettledPosition(NamedTuple):
    """A position with its output, and what the fold says that this output must be."""

    output: Output
    expected: Stored


class PartitionComparison:
    """Walks one partition.

    Args:
        low: first offset of ``soc.published`` that is still there.
        judged: what the intake had committed; below it, a position without an output is lost, and from it on the walk
            ends at the first whose output may be on its way.
    """

    def __init__(
        self, fold: PartitionFold, reach: PartitionReach, verdict: ReplayReport, low: int, judged: int
    ) -> None:
        self._fold = fold
        self._reach = reach
        self._verdict = verdict
        self._low = low
        self._judged = judged
        self._gone = DeletedRecords(reach, verdict, low)
        self._rules = JudgingRules()
        self._prover = EntryProver(fold, reach.partition, self._rules)
        self._previous = -1
        self._ledger_time: Millis = -1
        self._bare: list[int] = []  # first and last published position since the last output, and how many

    def walk_positions(
        self, published: Iterator[TopicRecord], entries: OutputQueue, rejected: OutputQueue
    ) -> Iterator[SettledPosition | ProvenEntry]:
        """Give the settled positions, in order; differences go to the verdict."""
        for record in published:
            proven = self._prove_entry(record, entries, rejected)
            if isinstance(proven, ProvenEntry):
                yield proven
                continue
            yield from self._walk_before(record.offset, entries, rejected)
            outputs = [one.take_output() for one in (entries, rejected) if one.find_offset() == record.offset]
            if not outputs and self._is_on_its_way(record.offset, entries, rejected):
                self._reach.not_judged = 1 + sum(1 for _ in published)
                break
            yield from self._walk_position(record.offset, record, outputs, proven)
        else:
            yield from self._walk_before(NO_MORE, entries, rejected)
        self._close_end()

    def _is_on_its_way(self, offset: int, *queues: OutputQueue) -> bool:
        """Tell whether the output of a position may have come since the ends were taken.

        The ends of the two topics are not those of one instant, so that nothing more is there in one of them, and the
        other has outputs of later positions, says nothing of a position that the intake had not committed.
        """
        return offset >= self._judged and any(one.find_offset() == NO_MORE for one in queues)

    def _walk_before(self, end: int, *queues: OutputQueue) -> Iterator[SettledPosition]:
        """Walk positions before ``end`` that have outputs, and no record."""
        while (offset := min(one.find_offset() for one in queues)) < end:
            outputs = [one.take_output() for one in queues if one.find_offset() == offset]
            yield from self._walk_position(offset, None, outputs)

    def _prove_entry(
        self, record: TopicRecord, entries: OutputQueue, rejected: OutputQueue
    ) -> ProvenEntry | Stored | None:
        """Prove the entry of a position where nothing else is to be said of it; else as ``EntryProver`` has it."""
        offset = record.offset
        if self._bare or not self._gone.is_passed or rejected.find_offset() <= offset:
            return None
        held = entries.find_raw(offset)
        if held is None:
            return None
        ledger_time = max(self._ledger_time, record.appended_at)
        proven = self._prover.prove_entry(record, held, self._previous, ledger_time)
        if isinstance(proven, ProvenEntry):
            entries.drop_proven(offset, proven.value)
            self._gone.follow_output(offset)
            self._ledger_time, self._previous = ledger_time, offset
            self._reach.covered_end = offset + 1
            self._reach.entries += 1
        return proven

    def _walk_position(
        self, offset: int, record: TopicRecord | None, outputs: list[Output], expected: Stored | None = None
    ) -> Iterator[SettledPosition]:
        if record is None and offset >= self._low:
            for output in outputs:
                self._report_output(FindingKind.FORGED, output, "Nothing was published at this position.")
            return
        if record is not None:
            self._ledger_time = max(self._ledger_time, record.appended_at)
        if not outputs:
            self._bare = [self._bare[0], offset, self._bare[2] + 1] if self._bare else [offset, offset, 1]
        else:
            yield self._settle_position(record, outputs, expected)
        self._previous = offset

    def _settle_position(
        self, record: TopicRecord | None, outputs: list[Output], expected: Stored | None
    ) -> SettledPosition:
        output = outputs[0]
        for other in outputs[1:]:
            self._report_output(FindingKind.REPEAT_DIFFERS, other, "The position has both an entry and a rejection.")
        self._report_lost("an output of a later position is there")
        self._gone.add_output(output)
        self._check_source(output, record)
        self._reach.covered_end = output.offset + 1
        rejected = isinstance(output.held, StoredRejection)
        self._reach.rejections += rejected
        self._reach.entries += not rejected
        return SettledPosition(output, self._check_fold(output, record, expected))

    def _check_source(self, output: Output, record: TopicRecord | None) -> None:
        source = output.held.source
        if source.previous_offset != self._previous:
            self._report_output(FindingKind.BROKEN_CHAIN, output, "previous_offset is not the position before.")
        if record is None:
            wrong = list_loss_differences(output, max(self._ledger_time, 0)) if is_loss(output) else []
            self._say_differs(output, wrong)
            self._ledger_time = max(self._ledger_time, source.ledger_time)
            return
        if is_stand_in(output, record):
            self._report_output(FindingKind.EVIDENCE_GONE, output, ORIGINAL_NOT_KEPT)
            record = record._replace(headers=source.headers)
        pairs = {
            "key": source.key == record.key,
            "value": source.value == record.value,
            "headers": source.headers == record.headers,
            "ledger_time": source.ledger_time == self._ledger_time,
        }
        self._say_differs(output, [name for name, same in pairs.items() if not same])

    def _say_differs(self, output: Output, wrong: list[str]) -> None:
        if wrong:
            self._report_output(FindingKind.SOURCE_DIFFERS, output, f"Not as published: {', '.join(wrong)}.")

    def _check_fold(self, output: Output, record: TopicRecord | None, expected: Stored | None) -> Stored:
        held = output.held
        if is_loss(output) or (record is None and is_packed(held)) or is_stand_in(output, record):
            return held  # nothing is left to judge
        rules = self._rules.find_rules(held)
        if rules is None:
            self._report_output(FindingKind.RULES_UNKNOWN, output, UNKNOWN_RULES)
            self._fold.restore_output(held)
            return held
        if expected is None:
            expected = self._fold.judge_output(held, rules, record.misfit if record else None)
        if is_version_dependent(held, expected):
            if NOT_RE_JUDGED not in self._verdict.notes:
                self._verdict.notes.append(NOT_RE_JUDGED)
            return held
        sentence = compare_verdicts(held, expected)
        if sentence:
            self._report_output(FindingKind.VERDICT_DIFFERS, output, sentence)
        elif wrong := list_different_fields(held, expected):
            self._report_output(FindingKind.ENTRY_DIFFERS, output, f"Not as the fold has it: {', '.join(wrong)}.")
        else:
            self._prover.learn_judge(held.source.value, held)
        return expected if isinstance(held, StoredEntry) or sentence else held

    def _report_lost(self, why: str) -> None:
        if not self._bare:
            return
        first, last, count = self._bare
        self._bare = []
        many = "" if count == 1 else f" Nor have the {count - 1} up to offset {last}."
        self._verdict.add_finding(
            Finding(
                kind=FindingKind.LOST,
                place=PUBLISHED,
                partition=self._reach.partition,
                offset=first,
                sentence=f"It has neither an entry nor a rejection, and {why}.{many}",
            )
        )

    def _close_end(self) -> None:
        """Judge the positions at the end without outputs: lost where the intake had committed them, else not judged
        yet.
        """
        self._gone.close()
        for sentence in self._rules.list_conflicts():
            conflict = Finding(
                kind=FindingKind.RULES_CONFLICT, place=PUBLISHED, partition=self._reach.partition, sentence=sentence
            )
            self._verdict.add_finding(conflict)
        if self._bare and self._bare[0] < self._judged:
            self._report_lost("the intake committed it")
        elif self._bare:  # of records behind it there are outputs, and all of them are forged
            self._reach.not_judged += self._bare[2]

    def _report_output(self, kind: FindingKind, output: Output, sentence: str) -> None:
        self._verdict.add_finding(make_finding(kind, output.topic, output.held, sentence))


def is_packed(held: Stored) -> bool:
    """Tell whether an output rejects its record by how it was packed: only the record itself can tell."""
    return isinstance(held, StoredRejection) and (held.original_digest is not None or held.code in PACKED)


def compare_verdicts(held: Stored, expected: Stored) -> str:
    """Say how two verdicts differ, or nothing."""
    said, folded = name_verdict(held), name_verdict(expected)
    return "" if said == folded else f"The ledger says {said}, the fold says {folded}."


def list_different_fields(held: Stored, expected: Stored) -> list[str]:
    """Name the fields in which two outputs of one verdict differ; other software may word a sentence anew."""
    if held == expected:
        return []
    names = (name for name in held._fields if name != "message" or is_worded_here(held))
    return [name for name in names if getattr(held, name) != getattr(expected, name)]


def is_worded_here(held: Stored) -> bool:
    """Tell whether a rejection's sentence must be this software's; what it says of a schema depends on a registry."""
    return (
        isinstance(held, StoredRejection)
        and held.judged.software == name_software()
        and held.code != Code.UNKNOWN_SCHEMA
    )


def name_verdict(stored: Stored) -> str:
    """Name the verdict: ADMITTED or DUPLICATE, or the rejection's code."""
    return stored.verdict if isinstance(stored, StoredEntry) else f"rejected, {stored.code}"

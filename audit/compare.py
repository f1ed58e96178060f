"""One partition: what was published, what the stream made of it and what the fold says, position by position.

At each position, in order:

1. Something was published there, and exactly one output covers it (*nothing is lost*).
2. The output joins on to the one before, and holds what was published: key, value, headers, ledger time.
3. The fold, from the output's own bytes, gives the same verdict, fields and postings (*live equals replay*).
"""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from audit.findings import Difference, Kind, Reach, Verdict
from audit.fold import Fold, is_version_dependent
from audit.losses import GoneRecords, is_loss, loss_differs
from audit.outputs import Output, Stored, difference
from audit.rules import UNKNOWN_RULES, RulesMet
from audit.tape import Record
from infra.topics import PUBLISHED
from ledger.facts import Millis
from ledger.vocabulary import Code
from schemas.stored import StoredEntry, StoredRejection

NOT_RE_JUDGED = "a refusal for an unknown schema was not judged again: its schema is known now"

PACKED = (Code.RECORD_TOO_LARGE, Code.UNREADABLE_HEADERS)


class Settled(NamedTuple):
    """A position with its output, and what the fold says that this output must be."""

    output: Output
    expected: Stored


class Comparison:
    """Walks one partition.

    Args:
        low: first offset of ``soc.published`` that is still there.
        judged: what the intake had committed; below it, a position without an output is lost.
    """

    def __init__(self, fold: Fold, reach: Reach, verdict: Verdict, low: int, judged: int) -> None:
        self._fold = fold
        self._reach = reach
        self._verdict = verdict
        self._low = low
        self._judged = judged
        self._gone = GoneRecords(reach, verdict, low)
        self._rules = RulesMet()
        self._previous = -1
        self._ledger_time: Millis = -1
        self._bare: list[int] = []  # first and last published position since the last output, and how many

    def walk(self, published: Iterator[Record], *outputs: Iterator[Output]) -> Iterator[Settled]:
        """The settled positions, in order; differences go to the verdict."""
        records = ((record.offset, record) for record in published)
        made = (((output.offset, output) for output in one) for one in outputs)
        for offset, group in groupby(merge(records, *made, key=itemgetter(0)), key=itemgetter(0)):
            found = [item for _, item in group]
            record = next((item for item in found if isinstance(item, Record)), None)
            yield from self._position(offset, record, [item for item in found if isinstance(item, Output)])
        self._close()

    def _position(self, offset: int, record: Record | None, outputs: list[Output]) -> Iterator[Settled]:
        if record is None and offset >= self._low:
            for output in outputs:
                self._report(Kind.FORGED, output, "Nothing was published at this position.")
            return
        if record is not None:
            self._ledger_time = max(self._ledger_time, record.appended_at)
        if not outputs:
            self._bare = [self._bare[0], offset, self._bare[2] + 1] if self._bare else [offset, offset, 1]
        else:
            yield self._settle(record, outputs)
        self._previous = offset

    def _settle(self, record: Record | None, outputs: list[Output]) -> Settled:
        output = outputs[0]
        for other in outputs[1:]:
            self._report(Kind.REPEAT_DIFFERS, other, "The position has both an entry and a rejection.")
        self._lose("an output of a later position is there")
        self._gone.add(output)
        self._check_source(output, record)
        self._reach.covered_end = output.offset + 1
        refused = isinstance(output.held, StoredRejection)
        self._reach.rejections += refused
        self._reach.entries += not refused
        return Settled(output, self._check_fold(output, record))

    def _check_source(self, output: Output, record: Record | None) -> None:
        source = output.held.source
        if source.previous_offset != self._previous:
            self._report(Kind.BROKEN_CHAIN, output, "previous_offset is not the position before.")
        if record is None:
            wrong = loss_differs(output, max(self._ledger_time, 0)) if is_loss(output) else []
            self._say_differs(output, wrong)
            self._ledger_time = max(self._ledger_time, source.ledger_time)
            return
        pairs = {
            "key": source.key == record.key,
            "value": source.value == record.value,
            "headers": source.headers == record.headers,
            "ledger_time": source.ledger_time == self._ledger_time,
        }
        self._say_differs(output, [name for name, same in pairs.items() if not same])

    def _say_differs(self, output: Output, wrong: list[str]) -> None:
        if wrong:
            self._report(Kind.SOURCE_DIFFERS, output, f"Not as published: {', '.join(wrong)}.")

    def _check_fold(self, output: Output, record: Record | None) -> Stored:
        held = output.held
        if is_loss(output) or (record is None and is_packed(held)):
            return held  # nothing is left to judge
        rules = self._rules.find(held)
        if rules is None:
            self._report(Kind.RULES_UNKNOWN, output, UNKNOWN_RULES)
            self._fold.restore(held)
            return held
        expected = self._fold.judge(held, rules, record.misfit if record else None)
        if is_version_dependent(held, expected):
            if NOT_RE_JUDGED not in self._verdict.notes:
                self._verdict.notes.append(NOT_RE_JUDGED)
            return held
        sentence = verdict_sentence(held, expected)
        if sentence:
            self._report(Kind.VERDICT_DIFFERS, output, sentence)
        elif wrong := fields_that_differ(held, expected):
            self._report(Kind.ENTRY_DIFFERS, output, f"Not as the fold has it: {', '.join(wrong)}.")
        return expected if isinstance(held, StoredEntry) or sentence else held

    def _lose(self, why: str) -> None:
        if not self._bare:
            return
        first, last, count = self._bare
        self._bare = []
        many = "" if count == 1 else f" Nor have the {count - 1} up to offset {last}."
        self._verdict.add(
            Difference(
                kind=Kind.LOST,
                place=PUBLISHED,
                partition=self._reach.partition,
                offset=first,
                sentence=f"It has neither an entry nor a rejection, and {why}.{many}",
            )
        )

    def _close(self) -> None:
        """Positions at the end without outputs: lost where the intake had committed them, else not judged yet."""
        self._gone.close()
        for sentence in self._rules.list_conflicts():
            conflict = Difference(
                kind=Kind.RULES_CONFLICT, place=PUBLISHED, partition=self._reach.partition, sentence=sentence
            )
            self._verdict.add(conflict)
        if self._bare and self._bare[0] < self._judged:
            self._lose("the intake committed it")
        elif self._bare:
            self._reach.not_judged = self._bare[2]

    def _report(self, kind: Kind, output: Output, sentence: str) -> None:
        self._verdict.add(difference(kind, output.topic, output.held, sentence))


def is_packed(held: Stored) -> bool:
    """Whether an output refuses its record by how it was packed: only the record itself can tell."""
    return isinstance(held, StoredRejection) and (held.original_digest is not None or held.code in PACKED)


def verdict_sentence(held: Stored, expected: Stored) -> str:
    """How two verdicts differ, or nothing."""
    said, folded = verdict_of(held), verdict_of(expected)
    return "" if said == folded else f"The ledger says {said}, the fold says {folded}."


def fields_that_differ(held: Stored, expected: Stored) -> list[str]:
    """Names of the fields in which two outputs of one verdict differ. A refusal's sentence may be worded anew."""
    if held == expected:
        return []
    names = (name for name in held._fields if name != "message")
    return [name for name in names if getattr(held, name) != getattr(expected, name)]


def verdict_of(stored: Stored) -> str:
    """ADMITTED or DUPLICATE, or the refusal's code."""
    return stored.verdict if isinstance(stored, StoredEntry) else f"refused, {stored.code}"

"""Proving an entry by its bytes: what it must be is written from the published record and the fold, and is there.

An entry whose bytes are those needs no reading, field by field. Where they are not, nothing is concluded here: the
output is read and compared as ``audit.compare`` says, which names what differs.
"""

from collections import deque
from typing import NamedTuple

from audit.fold import PartitionFold
from audit.outputs import Stored
from audit.packed import PackedRow, pack_entry, pack_lead, pack_postings, pack_verdict
from audit.rows import ENTRIES
from audit.rules import JudgingRules
from audit.tape import TopicHeaders, TopicRecord
from ledger.entries import JudgedBy, SourceRecord
from ledger.errors import Rejected
from ledger.facts import Fact, Millis
from ledger.longs import encode_long
from methodology.admission import ADMITTED, DUPLICATE
from methodology.posting import Posted
from methodology.rejection_sentences import Rejection
from methodology.ruleset import Rules
from schemas.entries import encode_judged
from schemas.stored import StoredEntry
from schemas.wire import SCHEMA_HEADER

FRAME_BYTES = 5
JUDGES_MOST = 16
VERDICTS = {
    encode_long(number)[0]: symbol for number, symbol in enumerate((ADMITTED, DUPLICATE))
}  # as Entry.avsc has them
BEFORE_POSITION = 2  # verdict and record, a byte each, are not where the store's row has them


class ProvenEntry(NamedTuple):
    """An entry that is, byte for byte, what it must be; ``at`` is where it lies in its topic."""

    offset: int
    at: int
    ledger_time: Millis
    value: bytes
    posted: Posted
    rows: list[PackedRow]


class KnownJudge(NamedTuple):
    """By what outputs were judged, once one of them was read."""

    written: bytes
    judged: JudgedBy
    rules: Rules


class EntryProver:
    """Proves entries of one partition."""

    def __init__(self, fold: PartitionFold, partition: int, rules: JudgingRules) -> None:
        self._codec = codec = fold.codec
        self._fold = fold
        self._partition = partition
        self._rules = rules
        self._prefix, self._writer = codec.open_writer()
        self._judges: dict[bytes, deque[KnownJudge]] = {}  # by the schema that wrote the event

    def learn_judge(self, value: bytes | None, held: Stored) -> None:
        """Learn by what an entry was judged that was compared and is right."""
        rules = self._rules.find_rules(held)
        if value is None or rules is None or names_schema(held.source.headers):
            return
        known = self._judges.setdefault(value[:FRAME_BYTES], deque(maxlen=JUDGES_MOST))
        if all(one.judged != held.judged for one in known):
            known.appendleft(KnownJudge(encode_judged(held.judged), held.judged, rules))

    def prove_entry(
        self, record: TopicRecord, held: TopicRecord, previous: int, ledger_time: Millis
    ) -> ProvenEntry | Stored | None:
        """Prove that ``held`` is the entry of a published record.

        What the fold says that the output must be, where it was asked and the bytes are others; None where it was not.
        """
        value, published = held.value, record.value
        if value is None or published is None or record.key is None or record.misfit is not None:
            return None
        judges = self._judges.get(published[:FRAME_BYTES])
        verdict = VERDICTS.get(value[FRAME_BYTES]) if len(value) > FRAME_BYTES else None
        if judges is None or verdict is None or names_schema(record.headers):
            return None
        try:
            fact = self._codec.decode(published, record.headers)
        except Rejected:
            return None
        source = SourceRecord(
            self._partition, record.offset, previous, ledger_time, record.key, published, record.headers
        )
        head = self._prefix + self._writer.write_head(source, fact, verdict)
        if not value.startswith(head):
            return None
        judge = next((one for one in judges if value.startswith(one.written, len(head))), None)
        return None if judge is None else self._prove_fold(source, fact, held, judge, head)

    def _prove_fold(
        self, source: SourceRecord, fact: Fact, held: TopicRecord, judge: KnownJudge, head: bytes
    ) -> ProvenEntry | Stored:
        value = held.value or b""
        posted = self._fold.post_fact(source, fact, judge.rules)
        self._rules.note_time(judge.judged.rules_digest, source.ledger_time)
        if isinstance(posted, Rejection) or posted.verdict != VERDICTS[value[FRAME_BYTES]]:
            return self._fold.make_output(source, fact, posted, judge.judged)
        counts = self._writer.write_counts(posted)
        body = head + judge.written + counts
        if value != body + self._writer.write_legs(posted):
            return self._fold.make_output(source, fact, posted, judge.judged)
        rows = self._pack_rows(source, fact, posted, judge.judged, body)
        return ProvenEntry(source.offset, held.offset, source.ledger_time, value, posted, rows)

    def _pack_rows(
        self, source: SourceRecord, fact: Fact, posted: Posted, judged: JudgedBy, body: bytes
    ) -> list[PackedRow]:
        """Pack the rows; that of the entry is what was proven, but for the spelling of an event id."""
        lead = pack_lead(source.ledger_time, fact.event_id, fact.threat_id)
        if fact.event_id.islower() or fact.event_id == fact.event_id.lower():
            row = body[FRAME_BYTES + BEFORE_POSITION :] + pack_verdict(posted.verdict, fact.record)
        else:
            output = self._fold.make_output(source, fact, posted, judged)
            assert isinstance(output, StoredEntry)  # noqa: S101  (for the type checker: it was posted)
            row = pack_entry(output)
        rows = pack_postings(source.offset, lead, posted.legs, posted.threat_legs)
        rows.append((ENTRIES, row))
        return rows


def names_schema(headers: TopicHeaders) -> bool:
    """Tell whether a record names the schema that wrote it by a header, not by its first bytes."""
    return SCHEMA_HEADER in [name for name, _ in headers]

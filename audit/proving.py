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
from audit.topic_reader import TopicHeaders, TopicRecord
from ledger.entries import JudgedBy, SourceRecord
from ledger.errors import Rejected
from ledger.facts import Fact, Millis
from ledger.longs import encode_long
from methodology.admission import ADMITTED, DUPLICATE
from methodology.posting import Posted
from methodology.rejection_sentences import Rejection
from methodology.ruleset import Rules
from schemas.entries import encode_counts, encode_judged, encode_lead, encode_move
from schemas.stored import StoredEntry
from schemas.wire import SCHEMA_HEADER

FRAME_BYTES = 5
JUDGES_MOST = 16
VERDICTS = {
    encode_long(number)[0]: symbol for number, symbol in enumerate((ADMITTED, DUPLICATE))
}  # as Entry.avsc has them
BEFORE_POSITION = FRAME_BYTES + 2  # verdict and record, a byte each, are not where the store's row has them


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


class ProvenHead(NamedTuple):
    """Of an entry, what goes before its postings, up to ``end`` of its value; ``lead`` is part of it."""

    held: TopicRecord
    value: bytes
    lead: bytes
    end: int


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
        lead = encode_lead(ledger_time, fact.event_id, fact.threat_id)
        head = self._prefix + self._writer.write_head(source, fact, verdict, lead)
        if value.startswith(head):
            for judge in judges:
                if value.startswith(judge.written, len(head)):
                    end = len(head) + len(judge.written)
                    return self._prove_fold(source, fact, ProvenHead(held, value, lead, end), judge)
        return None

    def _prove_fold(
        self, source: SourceRecord, fact: Fact, head: ProvenHead, judge: KnownJudge
    ) -> ProvenEntry | Stored:
        value = head.value
        posted = self._fold.post_fact(source, fact, judge.rules)
        self._rules.note_time(judge.judged.rules_digest, source.ledger_time)
        if isinstance(posted, Rejection) or posted.verdict != VERDICTS[value[FRAME_BYTES]]:
            return self._fold.make_output(source, fact, posted, judge.judged)
        moves = [encode_move(leg) for leg in posted.legs]
        counts = encode_counts(0, len(posted.legs), len(posted.threat_legs))
        if value[head.end :] != counts + self._writer.write_legs(posted, moves):
            return self._fold.make_output(source, fact, posted, judge.judged)
        if fact.event_id == fact.event_id.lower():
            lead = head.lead
            row = value[BEFORE_POSITION : head.end] + counts + pack_verdict(posted.verdict, fact.record)
        else:  # the store spells an event id otherwise
            lead = pack_lead(source.ledger_time, fact.event_id, fact.threat_id)
            row = self._pack_entry(source, fact, posted, judge.judged)
        rows = pack_postings(source.offset, lead, posted.legs, moves, posted.threat_legs)
        rows.append((ENTRIES, row))
        return ProvenEntry(source.offset, head.held.offset, source.ledger_time, value, posted, rows)

    def _pack_entry(self, source: SourceRecord, fact: Fact, posted: Posted, judged: JudgedBy) -> bytes:
        output = self._fold.make_output(source, fact, posted, judged)
        assert isinstance(output, StoredEntry)  # noqa: S101  (for the type checker: it was posted)
        return pack_entry(output)


def names_schema(headers: TopicHeaders) -> bool:
    """Tell whether a record names the schema that wrote it by a header, not by its first bytes."""
    return SCHEMA_HEADER in [name for name, _ in headers]

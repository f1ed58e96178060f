"""The fold again, by the ledger's own functions: from a record's bytes to what its output must be.

What is judged in which order is ``methodology.judging``'s. Only ``methodology.posting.post_event`` advances a book.
What posting a rejected record would answer is foreseen, because the ledger's books never held it.
"""

from contextlib import suppress

from audit.outputs import Stored
from audit.rules import name_judged
from infra.partitioning import remember_places
from ledger.entries import JudgedBy, SourceRecord
from ledger.errors import Rejected
from ledger.facts import Fact
from ledger.originals import Misfit
from ledger.vocabulary import Code, Verdict
from methodology.book import Book
from methodology.judging import judge_event
from methodology.posting import Posted, foresee_posting, post_event, restore_event
from methodology.rejection_sentences import Rejection, UnfitRecord
from methodology.ruleset import Rules
from schemas.codec import Codec
from schemas.stored import StoredEntry, StoredRejection


class PartitionFold:
    """The books of one partition.

    Args:
        partitions: how many the topics have; a key names one of them.
    """

    def __init__(self, codec: Codec, partition: int, partitions: int) -> None:
        self.codec = codec
        self._is_here = remember_places(partition, partitions)
        self._books: dict[str, Book] = {}

    def judge_output(self, held: Stored, rules: Rules, misfit: Misfit | None = None) -> Stored:
        """Return what an output must be by the rules that it names; where it is a rejection no book moves.

        ``misfit`` says why the record cannot be read as others are.

        Raises:
            Unavailable: the registry could not be asked.
        """
        source, rejected = held.source, isinstance(held, StoredRejection)
        expected = self._judge_source(source, held.judged, rules, rejected=rejected, misfit=misfit)
        fingerprint = self.codec.name_judge(source).schema_fingerprint if misfit is None else None
        return expected._replace(judged=name_judged(rules, fingerprint, held.judged))

    def post_fact(self, source: SourceRecord, fact: Fact, rules: Rules) -> Posted | Rejection:
        """Return what an entry's event posts by these rules; its book moves."""
        return judge_event(fact, source.key, source.ledger_time, self._is_here, self._open_book, rules, post_event)

    @staticmethod
    def make_output(source: SourceRecord, fact: Fact, outcome: Posted | Rejection, judged: JudgedBy) -> Stored:
        """Return the output that an outcome is."""
        if isinstance(outcome, Rejection):
            return _make_rejection(source, outcome, fact, judged)
        return _make_entry(source, fact, outcome, judged)

    def restore_output(self, held: Stored) -> None:
        """Advance the book by what an output says that it admitted, without judging it."""
        if not isinstance(held, StoredEntry) or held.verdict != Verdict.ADMITTED:
            return
        with suppress(Rejected, ValueError):
            fact = self.codec.decode(held.source.value, held.source.headers)
            restore_event(self._books.setdefault(fact.threat_id, Book(fact.threat_id)), fact)

    def _judge_source(
        self, source: SourceRecord, judged: JudgedBy, rules: Rules, *, rejected: bool, misfit: Misfit | None
    ) -> Stored:
        if misfit is not None:
            unfit = UnfitRecord(misfit)
            packed = _make_rejection(source, Rejection(unfit.code, unfit.sentence), None, judged)
            return packed._replace(original_size=misfit.original.size, original_digest=misfit.original.digest)
        try:
            fact = self.codec.decode(source.value, source.headers)
        except Rejected as error:
            return _make_rejection(source, Rejection(error.code, error.sentence), getattr(error, "fact", None), judged)
        find_book, advance = (self._find_book, foresee_posting) if rejected else (self._open_book, post_event)
        outcome = judge_event(fact, source.key, source.ledger_time, self._is_here, find_book, rules, advance)
        return self.make_output(source, fact, outcome, judged)

    def _find_book(self, threat_id: str) -> Book:
        """Find a book to look at: one that is new is not kept."""
        return self._books.get(threat_id) or Book(threat_id)

    def _open_book(self, threat_id: str) -> Book:
        return self._books.setdefault(threat_id, self._find_book(threat_id))


def is_version_dependent(held: object, expected: object) -> bool:
    """Tell whether a rejection cannot be judged again: its schema was unknown then, and is known to the registry
    now.
    """
    if not isinstance(held, StoredRejection) or held.code != Code.UNKNOWN_SCHEMA:
        return False
    return not isinstance(expected, StoredRejection) or expected.code != Code.UNKNOWN_SCHEMA


def _make_rejection(source: SourceRecord, rejection: Rejection, fact: Fact | None, judged: JudgedBy) -> StoredRejection:
    return StoredRejection(
        source,
        rejection.code.value,
        rejection.message,
        fact.event_id if fact else None,
        fact.threat_id if fact else None,
        fact.disruption_id if fact else None,
        judged,
    )


def _make_entry(source: SourceRecord, fact: Fact, posted: Posted, judged: JudgedBy) -> StoredEntry:
    return StoredEntry(
        source=source,
        verdict=posted.verdict.value,
        record=fact.record,
        event_id=fact.event_id,
        threat_id=fact.threat_id,
        disruption_id=fact.disruption_id,
        version=fact.version,
        organisation=fact.recorder,
        entered_at=fact.entered_at,
        legs=posted.legs,
        threat_legs=posted.threat_legs,
        judged=judged,
    )

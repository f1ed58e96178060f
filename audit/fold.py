"""The fold again, by the ledger's own functions: from a record's bytes to what its output must be.

The order of judging is that of the codes: decode, key, partition, then the book. Only ``methodology.posting.post``
advances a book. What posting a refused record would answer is foreseen, because the ledger's books never held it.
"""

from aiokafka.partitioner import murmur2

from ledger.entries import JudgedBy, Source
from ledger.errors import Rejected
from ledger.facts import DisruptionFact, Fact
from ledger.originals import Misfit
from ledger.vocabulary import Code
from methodology.admission import check_key, misrouted
from methodology.book import Book
from methodology.posting import Posted, foresee, post
from methodology.refusals import Refused, Unfit
from schemas.codec import Codec
from schemas.stored import StoredEntry, StoredRejection


class Fold:
    """The books of one partition.

    Args:
        partitions: how many the topics have; a key names one of them.
    """

    def __init__(self, codec: Codec, partition: int, partitions: int) -> None:
        self._codec = codec
        self._partition = partition
        self._partitions = partitions
        self._books: dict[str, Book] = {}

    def judge(
        self, source: Source, judged: JudgedBy, *, refused: bool, misfit: Misfit | None = None
    ) -> StoredEntry | StoredRejection:
        """What the output of a record must be. ``refused``: its output is a rejection, so no book may move.

        ``judged`` is what the output says of how it was judged, ``misfit`` why the record cannot be read as others are.

        Raises:
            Unavailable: the registry could not be asked.
        """
        if misfit is not None:
            unfit = Unfit(misfit)
            packed = _rejection(source, Refused(unfit.code, unfit.sentence), None, judged)
            return packed._replace(original_size=misfit.original.size, original_digest=misfit.original.digest)
        try:
            fact = self._codec.decode(source.value, source.headers)
        except Rejected as error:
            return _rejection(source, Refused(error.code, error.sentence), getattr(error, "fact", None), judged)
        outcome = self._admit(source, fact, refused=refused)
        if isinstance(outcome, Refused):
            return _rejection(source, outcome, fact, judged)
        return _entry(source, fact, outcome, judged)

    def _admit(self, source: Source, fact: Fact, *, refused: bool) -> Posted | Refused:
        refusal = check_key(source.key, fact)
        if refusal is not None:
            return refusal
        book = self._books.get(fact.threat_id)
        if book is None:
            if not self._is_mine(source.key or b""):
                return misrouted(fact)
            book = Book(fact.threat_id)
            if not refused:
                self._books[fact.threat_id] = book
        return (foresee if refused else post)(book, fact, source.ledger_time)

    def _is_mine(self, key: bytes) -> bool:
        """Whether Java's default partitioner puts this key here."""
        place = (murmur2(key) & 0x7FFFFFFF) % self._partitions
        return bool(place == self._partition)


def is_version_dependent(held: object, expected: object) -> bool:
    """Whether a refusal cannot be judged again: its schema was unknown then, and is known to the registry now."""
    if not isinstance(held, StoredRejection) or held.code != Code.UNKNOWN_SCHEMA:
        return False
    return not isinstance(expected, StoredRejection) or expected.code != Code.UNKNOWN_SCHEMA


def _rejection(source: Source, refusal: Refused, fact: Fact | None, judged: JudgedBy) -> StoredRejection:
    return StoredRejection(
        source,
        refusal.code.value,
        refusal.message,
        fact.event_id if fact else None,
        fact.threat_id if fact else None,
        fact.disruption_id if isinstance(fact, DisruptionFact) else None,
        judged,
    )


def _entry(source: Source, fact: Fact, posted: Posted, judged: JudgedBy) -> StoredEntry:
    disruption = fact if isinstance(fact, DisruptionFact) else None
    return StoredEntry(
        source=source,
        verdict=posted.verdict.value,
        record="DisruptionEvent" if disruption else "ThreatEvent",
        event_id=fact.event_id,
        threat_id=fact.threat_id,
        disruption_id=disruption.disruption_id if disruption else None,
        version=fact.version,
        organisation=fact.recorded_by if isinstance(fact, DisruptionFact) else fact.owner,
        entered_at=fact.entered_at,
        legs=posted.legs,
        threat_legs=posted.threat_legs,
        judged=judged,
    )

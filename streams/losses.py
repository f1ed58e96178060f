"""What is gone that should be there: records deleted before they were judged, outputs deleted that books are made of.

And the witness: the last output that was read names a record of ``soc.published`` and holds what it was. Where another
record lies there, the topic is another, whatever its name.
"""

from infra.partitioning import place_key
from infra.topic_identity import Standstill, describe_other_topics
from infra.topics import PUBLISHED
from ledger.entries import JudgedBy
from ledger.facts import Millis
from ledger.vocabulary import Code
from schemas.stored import StoredEntry, StoredOutput, StoredRejection

STANDS = "stands"
"""What a standing worker writes beside the committed offset R: nothing of the partition is in flight then."""


class RecordsLost(Standstill):
    """Records of ``soc.published`` were deleted before they were judged: offsets from ``first`` to before ``low``."""

    def __init__(self, partition: int, first: int, low: int) -> None:
        super().__init__(
            f"partition {partition} stands: offsets {first} to {low - 1} of {PUBLISHED} were deleted before they "
            "were judged",
            f"`disruptions acknowledge-loss --partition {partition}` writes the loss into the ledger for ever, and the "
            "partition goes on after it",
        )
        self.partition = partition
        self.first = first
        self.low = low


def explain_outputs_gone(topic: str, partition: int, low: int) -> Standstill:
    """Say that records of an output topic are gone that books are rebuilt from."""
    return Standstill(
        f"records of {topic} were deleted, partition {partition} before offset {low}: its books cannot be rebuilt",
        f"Put {topic} back from its copy, or begin a new ledger (all topics made anew, another state directory) and "
        f"publish into it what {PUBLISHED} holds",
    )


class ThreatPlacement:
    """Where admitted threats lie: by another count of partitions their keys would lie elsewhere."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._held: set[tuple[str, int]] = set()

    def hold_threat(self, threat_id: str, partition: int) -> None:
        """Make sure that an admitted threat lies where its key places it.

        Raises:
            Standstill: this ledger began with another count of partitions.
        """
        if (threat_id, partition) in self._held:
            return
        if place_key(threat_id.encode(), self._partitions) != partition:
            raise explain_misplaced(partition, self._partitions)
        self._held.add((threat_id, partition))


def explain_misplaced(partition: int, partitions: int) -> Standstill:
    """Say that this ledger began with another count of partitions, and what to do."""
    return Standstill(
        f"partition {partition} holds threats whose keys {partitions} partitions place elsewhere: this ledger began "
        "with another count",
        "Where the topics still have that count, set DISRUPTIONS_PARTITIONS to it. Where partitions were added no "
        "setting mends it: begin a new ledger (all topics made anew, another state directory) and publish into it "
        f"what {PUBLISHED} holds, oldest first",
    )


class OutputWitness:
    """The output of the greatest position among those that were read."""

    def __init__(self) -> None:
        self._stored: StoredOutput | None = None

    def see_output(self, stored: StoredOutput) -> None:
        """Look at one more output; a later part of an entry says nothing of its own."""
        later = isinstance(stored, StoredEntry) and stored.part.part
        if not later and (self._stored is None or stored.source.offset > self._stored.source.offset):
            self._stored = stored

    @property
    def offset(self) -> int | None:
        """The position that it names."""
        return None if self._stored is None else self._stored.source.offset

    def find_judged(self, after: int) -> tuple[JudgedBy, Millis] | None:
        """Find by what it was judged, and its ledger time; None where none past that position was read."""
        if self._stored is None or self._stored.source.offset <= after:
            return None
        return self._stored.judged, self._stored.source.ledger_time

    def hold_record(self, offset: int, key: bytes | None, value: bytes | None) -> None:
        """Make sure that this record, the first that is there from the witness's position on, is the one it names.

        Raises:
            Standstill: it is another: ``soc.published`` was made anew.
        """
        stored = self._stored
        if stored is None:
            return
        lost = isinstance(stored, StoredRejection) and stored.code == Code.LOST
        carried = isinstance(stored, StoredEntry) or stored.original_digest is None
        same = not carried or (stored.source.key, stored.source.value) == (key, value)
        if lost or offset != stored.source.offset or not same:
            raise describe_other_topics([PUBLISHED])

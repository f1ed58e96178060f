"""Records of the output topics that are no outputs of the ledger: passed over, and said.

Whoever may write there can put anything there; nothing of it stops a recovery (docs/decisions/0013). Access rights keep
strangers out; the audit names every one of these records.
"""

import structlog

from infra.status import end_trouble, report_trouble
from infra.topic_identity import Standstill
from ledger.errors import Rejected
from ledger.facts import Fact
from ledger.identity import parse_event_id
from ledger.vocabulary import Code, Verdict
from schemas.codec import Codec
from schemas.stored import StoredEntry, StoredOutput

log = structlog.get_logger(__name__)


class Stray(Exception):
    """A record that is no output of this partition."""


class Strays:
    """Those that one recovery of one partition passed over."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._passed = 0

    def pass_over(self, topic: str, offset: int, why: str) -> None:
        """Say that a record is passed over; health shows the first and how many there are."""
        self._passed += 1
        log.warning("no output of the ledger", topic=topic, partition=self._partition, offset=offset, why=why)
        report_trouble(
            f"strays-{self._partition}",
            f"{self._passed} records among the outputs of partition {self._partition} are not the ledger's, the last "
            f"at offset {offset} of {topic}: they are passed over",
            remedy="see who beside the workers may write there; `disruptions audit replay` names each",
        )

    def end_report(self) -> None:
        """Show nothing of an earlier recovery any more."""
        end_trouble(f"strays-{self._partition}")


def hold_output(stored: StoredOutput, partition: int) -> None:
    """Make sure that an output is of this partition and covers a position.

    Raises:
        Stray: it is not, or does not.
    """
    source = stored.source
    if source.partition != partition:
        raise Stray("it names another partition")
    if not -1 <= source.previous_offset < source.offset:
        raise Stray("it names no position")
    if isinstance(stored, StoredEntry) and not 0 <= stored.part.part < stored.part.parts:
        raise Stray("it names no part of an entry")


def read_fact(codec: Codec, entry: StoredEntry) -> Fact | None:
    """Read what an entry adds to a book; None for a duplicate and for a part that is not the first.

    Raises:
        Stray: the entry does not hold an event, or another than it says.
        Standstill: the registry does not know the schema of its event.
    """
    if entry.verdict != Verdict.ADMITTED or entry.part.part:
        return None
    source = entry.source
    try:
        fact = codec.decode(source.value, source.headers)
    except Rejected as error:
        if error.code == Code.UNKNOWN_SCHEMA:
            raise explain_unknown_schema(source.partition, source.offset) from error
        raise Stray(f"its event cannot be read ({error.code.value})") from error
    if (fact.event_id, fact.threat_id, fact.version) != (entry.event_id, entry.threat_id, entry.version):
        raise Stray("its event is another than it says")
    if source.key != fact.threat_id.encode() or parse_event_id(fact.event_id) is None:
        raise Stray("its event cannot have been admitted")
    return fact


def explain_unknown_schema(partition: int, offset: int) -> Standstill:
    """Say that an admitted event cannot be read any more, and what to do."""
    return Standstill(
        f"the entry of partition {partition} offset {offset} names a schema that the registry does not know: its books "
        "cannot be rebuilt",
        "Put the schema back under its id, or set SCHEMA_REGISTRY_URL to the registry that holds it",
    )

"""How values of one writer's schema become current records: worked out once per schema id."""

from collections.abc import Callable
from io import BytesIO
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from fastavro import schemaless_reader
from fastavro.read import SchemaResolutionError

from ledger.errors import Rejected
from ledger.facts import DisruptionFact, Fact, ThreatFact
from ledger.vocabulary import Code
from schemas.definitions import DISRUPTION, NAMES, THREAT, find_full_name, parse_plain, read_definition, read_plain
from schemas.hazards import is_hazardous
from schemas.meanings import find_other_meaning
from schemas.registry import UNKNOWN
from schemas.upcast import Chains, Record, Upgrade, compute_fingerprint, find_path, make_canonical_form

NOT_AN_EVENT: Final = "The value is a record of the ledger but not an event; publish events only."
UNREADABLE: Final = "The value does not read as its schema says; publish the whole record as its schema encodes it."
UNRESOLVED: Final = "The value's schema cannot be read as the ledger's; publish with a compatible version of it."
OTHER_MEANING: Final = (
    "{field}: the value's schema gives it another logical type than the ledger's; "
    "publish dates as date, and instants as timestamp-millis in UTC."
)
HAZARDOUS: Final = (
    "The value's schema has a type that contains itself, or an array whose items have no bytes; "
    "publish with a schema that adds plain fields."
)


class EventShape(NamedTuple):
    """What the codec checks of one of the two events beside its bytes."""

    kind: type[DisruptionFact] | type[ThreatFact]
    symbols: tuple[str, ...]
    symbols_of: Callable[[Record], tuple[str, ...]]
    ints: Callable[[Record], tuple[int, ...]]


_DISRUPTION_SYMBOLS: Final = ("change", "type", "pillar", "category", "entry_route")
_THREAT_SYMBOLS: Final = ("kind", "crime_type", "assessment_type", "moderation_status")


SHAPES: Final = MappingProxyType(
    {
        DISRUPTION: EventShape(
            DisruptionFact,
            _DISRUPTION_SYMBOLS,
            itemgetter(*_DISRUPTION_SYMBOLS),
            itemgetter("version", "event_date"),
        ),
        THREAT: EventShape(
            ThreatFact,
            _THREAT_SYMBOLS,
            itemgetter(*_THREAT_SYMBOLS),
            itemgetter("version", "tier", "assessed_on"),
        ),
    }
)


class ReadingPlan(NamedTuple):
    """How to read what one schema wrote. ``target`` is None when the writer's schema is the current one."""

    name: str
    writer: Any
    target: Any | None
    upgrades: tuple[Upgrade, ...]
    fingerprint: str

    def read_record(self, value: bytes, start: int) -> Record:
        """Read the current record in ``value`` from ``start`` on.

        Raises:
            Rejected: UNDECODABLE, or UNKNOWN_SCHEMA where the two schemas do not meet.
        """
        stream = BytesIO(value)
        stream.seek(start)
        try:
            record: Record = schemaless_reader(stream, self.writer, self.target)
            whole = stream.tell() == len(value)
            for upgrade in self.upgrades:
                record = upgrade(record)
        except SchemaResolutionError:
            raise Rejected(Code.UNKNOWN_SCHEMA, UNRESOLVED) from None
        except MemoryError:  # this process's want, for which nobody is blamed
            raise
        except Exception:  # bytes from outside: whatever they make the decoder raise, they do not decode
            raise Rejected(Code.UNDECODABLE, UNREADABLE) from None
        if not whole:
            raise Rejected(Code.UNDECODABLE, "Bytes follow the record's end; publish one record as one value.")
        return record

    def read_written(self, value: bytes, start: int) -> Record:
        """Read the record as it was written: its own fields, whatever the ledger's are now. Raises Rejected."""
        return self._replace(target=None, upgrades=()).read_record(value, start)


def make_plan(writer: Any, chains: Chains) -> ReadingPlan:
    """Make the plan for a writer's schema (as data).

    Raises:
        Rejected: UNKNOWN_SCHEMA, it is not a record of the ledger.
    """
    try:
        name, hazardous = find_full_name(writer), is_hazardous(writer)
        plain_writer = None if hazardous else parse_plain(writer)
    except MemoryError:  # this process's want, for which nobody is blamed
        raise
    except Exception:  # a schema from outside, which no registry has to have looked at: one that is none is not ours
        raise Rejected(Code.UNKNOWN_SCHEMA, UNKNOWN) from None
    if name not in NAMES:
        raise Rejected(Code.UNKNOWN_SCHEMA, UNKNOWN)
    if hazardous:
        raise Rejected(Code.UNKNOWN_SCHEMA, HAZARDOUS)
    other = find_other_meaning(writer, read_definition(name))
    if other is not None:
        raise Rejected(Code.UNKNOWN_SCHEMA, OTHER_MEANING.format(field=other))
    current = read_plain(name)
    if path := find_path(chains.get(name, ()), writer):
        return ReadingPlan(name, path.schema, None, path.upgrades, compute_fingerprint(writer))
    same = make_canonical_form(writer) == make_canonical_form(current)
    return ReadingPlan(
        name, current if same else plain_writer, None if same else current, (), compute_fingerprint(writer)
    )


def read_fact(plan: ReadingPlan, record: Record) -> Fact:
    """Read the fact in a current record; an exact writer's fields are in the fact's own order."""
    kind = SHAPES[plan.name].kind
    if plan.target is None and not plan.upgrades:
        return msgspec.convert(list(record.values()), kind)
    return kind(**record)

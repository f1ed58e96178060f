"""Old events are upgraded on read: one version per function, stored bytes never change.

Adding a field with a default needs nothing here, Avro's own resolution reads it. What resolution cannot do (a field
without a default, a value with a new meaning) is a *chain*: the older definitions, oldest first, and for each one the
function that makes its record one of the next. To add a version: move the old .avsc into a folder beside it,
append it with its function to ``CHAINS``, give the new one its line in ``ids.json``.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fastavro.schema import to_parsing_canonical_form

from schemas.definitions import parse_plain

Record = dict[str, Any]
Upgrade = Callable[[Record], Record]


class SchemaVersion(NamedTuple):
    """An older definition and what makes its record one of the next version (plain values: days, milliseconds)."""

    definition: Any
    upgrade: Upgrade


Chain = Sequence[SchemaVersion]
Chains = Mapping[str, Chain]

CHAINS: Final[Chains] = MappingProxyType({})  # version 1 is the first: no event is older


class UpcastPath(NamedTuple):
    """How records of one older version become current ones: read as it was, then the functions in order."""

    schema: Any
    upgrades: tuple[Upgrade, ...]


def find_path(chain: Chain, writer: Any) -> UpcastPath | None:
    """Find the path for records written with ``writer``, or None when it is none of the chain's older versions."""
    wanted = make_canonical_form(writer)
    for index, version in enumerate(chain):
        if make_canonical_form(version.definition) == wanted:
            return UpcastPath(parse_plain(version.definition), tuple(later.upgrade for later in chain[index:]))
    return None


def make_canonical_form(schema: Any) -> str:
    """Write Avro's parsing canonical form: what of a schema decides the bytes."""
    form: str = to_parsing_canonical_form(parse_plain(schema))
    return form


def compute_fingerprint(schema: Any) -> str:
    """Compute the SHA-256 of a schema's parsing canonical form, in hexadecimal."""
    return sha256(make_canonical_form(schema).encode()).hexdigest()

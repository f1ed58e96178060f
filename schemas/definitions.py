"""The seven records as the .avsc files beside this module define them, and their plain forms.

A *plain* schema has no documentation and no logical types: dates and instants stay the integers that they are on the
wire. Bytes are the same either way; reading and writing integers is what the fold wants, and twice as quick.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastavro import parse_schema

from ledger.facts import DisruptionFact, Fact, ThreatFact

NAMESPACE: Final = "uk.police.soc.v1"
DISRUPTION: Final = f"{NAMESPACE}.{DisruptionFact.record}"
THREAT: Final = f"{NAMESPACE}.{ThreatFact.record}"
ENTRY: Final = f"{NAMESPACE}.Entry"
REJECTION: Final = f"{NAMESPACE}.Rejection"
HEARTBEAT: Final = f"{NAMESPACE}.Heartbeat"
ALERT: Final = f"{NAMESPACE}.Alert"
FIGURE: Final = f"{NAMESPACE}.Figure"
NAMES: Final = (DISRUPTION, THREAT, ENTRY, REJECTION, HEARTBEAT, ALERT, FIGURE)

Schema = Mapping[str, Any]
_NESTED = frozenset({"type", "items", "values", "fields"})
_DROPPED = frozenset({"doc", "logicalType", "precision", "scale"})


def name_schema(fact: Fact) -> str:
    """Return the full name of the record that a fact is on the wire."""
    return DISRUPTION if isinstance(fact, DisruptionFact) else THREAT


@cache
def read_text(name: str) -> str:
    """Return the definition of ``name`` (a full record name), as the file holds it."""
    return files("schemas").joinpath(f"{name.removeprefix(NAMESPACE + '.')}.avsc").read_text()


@cache
def read_definition(name: str) -> Schema:
    """Return the definition of ``name`` as data; not to be changed."""
    found: Schema = json.loads(read_text(name))
    return found


@cache
def read_plain(name: str) -> Any:
    """Return the plain schema of ``name``, parsed, as fastavro takes it."""
    return parse_plain(read_definition(name))


def parse_plain(schema: Any) -> Any:
    """Make a schema plain and parse it; raises what fastavro raises for one that is not Avro."""
    return parse_schema(make_plain(schema))


def make_plain(schema: Any) -> Any:
    """Return ``schema`` without documentation and logical types."""
    if isinstance(schema, list):
        return [make_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: make_plain(v) if k in _NESTED else v for k, v in schema.items() if k not in _DROPPED}
    return kept["type"] if set(kept) == {"type"} else kept


def find_full_name(schema: Any) -> str | None:
    """Return the full name of a record schema; None for anything else."""
    if not isinstance(schema, dict) or schema.get("type") != "record":
        return None
    name, namespace = schema.get("name", ""), schema.get("namespace")
    return name if "." in name or not namespace else f"{namespace}.{name}"

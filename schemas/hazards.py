"""Schemas with which a few bytes can keep a reader for ever, or end its process.

Whoever may register a schema may add fields that the ledger passes over, and it must read past them. A type that
contains itself is read by calls within calls, as deep as the value says; an array whose items have no bytes has as many
as it says. None of the ledger's own types is either.
"""

from collections.abc import Mapping
from typing import Any


def is_hazardous(schema: Any) -> bool:
    """Tell whether a writer's schema, as data, holds a type that contains itself, an array of nothing, or no end."""
    try:
        return _HazardSearch().has_hazard(schema)
    except RecursionError:  # so deep that reading it would be as deep
        return True


class _HazardSearch:
    """Goes through a schema once; ``_sizes`` says of each named type whether it can be without bytes."""

    def __init__(self) -> None:
        self._empty: dict[str, bool] = {}
        self._open: set[str] = set()

    def has_hazard(self, schema: Any) -> bool:
        """Tell whether there is a hazard in it."""
        if isinstance(schema, list):
            return any(self.has_hazard(one) for one in schema)
        if isinstance(schema, Mapping):
            return self._has_hazard_in(schema, schema.get("type"))
        return isinstance(schema, str) and _shorten_name(schema) in self._open

    def _has_hazard_in(self, schema: Mapping[str, Any], kind: Any) -> bool:
        if not isinstance(kind, str):
            return self.has_hazard(kind)
        if kind in {"record", "error"}:
            return self._has_hazard_within(schema)
        if kind == "array":
            return self.has_hazard(schema.get("items")) or self._is_empty(schema.get("items"))
        if kind == "map":
            return self.has_hazard(schema.get("values"))
        if "name" in schema:
            self._empty[_shorten_name(str(schema["name"]))] = kind == "fixed" and not schema.get("size")
        return _shorten_name(kind) in self._open

    def _has_hazard_within(self, record: Mapping[str, Any]) -> bool:
        name, types = _shorten_name(str(record.get("name"))), [one.get("type") for one in record.get("fields", ())]
        self._open.add(name)
        found = any(self.has_hazard(one) for one in types)
        self._open.discard(name)
        self._empty[name] = all(self._is_empty(one) for one in types)
        return found

    def _is_empty(self, schema: Any) -> bool:
        """Tell whether a value of it can be without bytes; its named types were met before."""
        if isinstance(schema, str):
            return schema == "null" or self._empty.get(_shorten_name(schema), False)
        if not isinstance(schema, Mapping):
            return False
        name = schema.get("name")
        return self._empty.get(_shorten_name(str(name)), False) if name else self._is_empty(schema.get("type"))


def _shorten_name(name: str) -> str:
    """Return a name without its namespace: two of one short name are taken for one, which can only refuse more."""
    return name.rpartition(".")[2]

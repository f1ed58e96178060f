"""Whether a writer means by a field what the ledger does: Avro's resolution looks at types, never at logical types.

A ``long`` of microseconds, or of local time, reads as one of milliseconds in UTC without an error, and is an hour or a
factor of a thousand out. A writer that states no logical type is taken at the type's word; one that states another is
of another meaning.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def find_other_meaning(writer: Any, reader: Any) -> str | None:
    """Name the first field of ``reader`` to which ``writer`` gives another logical type; None when there is none."""
    written = {field["name"]: field["type"] for field in list_fields(writer)}
    for field in list_fields(reader):
        ours, theirs = find_logical_type(field["type"]), find_logical_type(written.get(field["name"]))
        if theirs is not None and theirs != ours:
            return str(field["name"])
    return None


def list_fields(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Give the fields of a record that have a name and a type; none where it is no record."""
    found = schema.get("fields") if isinstance(schema, Mapping) else None
    for field in found if isinstance(found, list) else []:
        if isinstance(field, Mapping) and isinstance(field.get("name"), str) and "type" in field:
            yield field


def find_logical_type(kind: Any) -> str | None:
    """Give the logical type of a field's type; of a union, that of its first branch that has one."""
    if isinstance(kind, list):
        return next((found for one in kind if (found := find_logical_type(one)) is not None), None)
    if not isinstance(kind, Mapping):
        return None
    found = kind.get("logicalType")
    return found if isinstance(found, str) else find_logical_type(kind.get("type"))

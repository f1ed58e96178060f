"""The ledger's own records under ids that are not known here: never garbage, so nobody may pass them over."""

from typing import Final

from ledger.errors import LedgerError, Misuse, Rejected, Unavailable
from schemas.definitions import read_definition
from schemas.plans import make_plan
from schemas.registry import NO_REGISTRY, SchemaIds
from schemas.upcast import CHAINS
from schemas.wire import Reference, make_prefix

OWN_UNDER_REGISTRY: Final = (
    "the ledger's own records name schema ids of a registry, and none is set: set SCHEMA_REGISTRY_URL to the registry "
    "that they were written with"
)
OWN_UNKNOWN: Final = (
    "the registry does not know the schema of the ledger's own records: set SCHEMA_REGISTRY_URL to the registry that "
    "they were written with, or put its schemas back"
)


def is_own_record(name: str, value: bytes | None) -> bool:
    """Tell whether a value reads whole as this version's record of that name, whatever id is before it."""
    if not value:
        return False
    try:
        make_plan(read_definition(name), CHAINS).read_record(value, len(make_prefix(0)))
    except Rejected:
        return False
    return True


def explain_own(ids: SchemaIds, reference: Reference, name: str, value: bytes | None) -> LedgerError | None:
    """Return what to raise where no schema has the id before a value: None where the value is not the ledger's own.

    Args:
        ids: which know no schema of that reference.
        reference: as the value names it.
        name: of the record that its topic holds.
        value: whole.
    """
    if not is_own_record(name, value):
        return None
    if ids.explain_absence(reference) == NO_REGISTRY:
        return Misuse(OWN_UNDER_REGISTRY)
    return Unavailable(OWN_UNKNOWN) if ids.may_lag else None

"""The ledger's own records under ids that are not known here: never garbage, so nobody may pass them over."""

from typing import Final

from ledger.errors import LedgerError, Misuse, Rejected, Unavailable
from schemas.definitions import definition
from schemas.plans import plan_for
from schemas.registry import NO_REGISTRY, Ids
from schemas.upcast import CHAINS
from schemas.wire import Reference, prefix

OWN_UNDER_REGISTRY: Final = (
    "the ledger's own records name schema ids of a registry, and none is set: set SCHEMA_REGISTRY_URL to the registry "
    "that they were written with"
)
OWN_UNKNOWN: Final = (
    "the registry does not know the schema of the ledger's own records: set SCHEMA_REGISTRY_URL to the registry that "
    "they were written with, or put its schemas back"
)


def is_own(name: str, value: bytes | None) -> bool:
    """Whether a value reads whole as this version's record of that name, whatever id is before it."""
    if not value:
        return False
    try:
        plan_for(definition(name), CHAINS).read(value, len(prefix(0)))
    except Rejected:
        return False
    return True


def explain_own(ids: Ids, reference: Reference, name: str, value: bytes | None) -> LedgerError | None:
    """What to raise where no schema has the id before a value: None where the value is not the ledger's own.

    Args:
        ids: which know no schema of that reference.
        reference: as the value names it.
        name: of the record that its topic holds.
        value: whole.
    """
    if not is_own(name, value):
        return None
    if ids.explain_absence(reference) == NO_REGISTRY:
        return Misuse(OWN_UNDER_REGISTRY)
    return Unavailable(OWN_UNKNOWN) if ids.may_lag else None

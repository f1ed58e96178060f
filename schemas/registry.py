"""Which id names which schema: pinned in ``ids.json``, or asked of a Confluent-compatible registry.

Subjects are full record names (RecordNameStrategy), so one topic may hold several records. Pinned ids start far above
what a registry hands out, so that a value of the one is never misread as one of the other.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, Protocol
from uuid import UUID

from schemas.definitions import read_definition
from schemas.wire import Reference


class SchemaIds(Protocol):
    """What the codec asks of a registry."""

    def find_id(self, name: str) -> int:
        """Find the id to write before a datum of ``name``. Raises Unavailable."""
        ...

    def find_writer(self, reference: Reference) -> Any | None:
        """Find the schema that ``reference`` names, as data, or None when there is no such one. Raises Unavailable."""
        ...

    def explain_absence(self, reference: Reference) -> str:
        """Say why there is no such schema, and what to do."""
        ...

    @property
    def may_lag(self) -> bool:
        """Whether a schema that is not there may be there in a moment."""
        ...


class RegistrySetting(Protocol):
    """What is read here of ``infra.settings.Settings``."""

    def build_registry_options(self) -> dict[str, str] | None:
        """Build the options of the client of a Confluent-compatible registry, or None for pinned ids. Raises Misuse."""
        ...


REGISTRY_IDS_END: Final = 2_000_000_000
"""Ids below are a registry's, ids from here on are pinned."""

UNKNOWN: Final = (
    "The value names a schema that the ledger does not hold; register it, or check the publisher's registry."
)
NO_REGISTRY: Final = (
    "The value names a schema id of a registry, and this ledger has none: set SCHEMA_REGISTRY_URL for the workers, "
    "or publish with the pinned ids of schemas/ids.json; then send the event again."
)


class PinnedIds:
    """Ids that need no server: ``current`` by record name, ``writers`` by id and by GUID."""

    def __init__(self, current: Mapping[str, int], writers: Mapping[Reference, Any]) -> None:
        self._current = current
        self._writers = writers

    def find_id(self, name: str) -> int:
        """Find the id of the newest version of ``name``."""
        return self._current[name]

    def find_writer(self, reference: Reference) -> Any | None:
        """Find the definition pinned to an id or a GUID."""
        return self._writers.get(reference)

    def explain_absence(self, reference: Reference) -> str:
        """Say that an id of a registry needs one."""
        return NO_REGISTRY if isinstance(reference, int) and reference < REGISTRY_IDS_END else UNKNOWN

    @property
    def may_lag(self) -> bool:
        """Never: what is pinned is all there is."""
        return False


class RegistryIds:
    """Ids of a registry; those that are pinned are known beside it, so that what was written without one is read on."""

    def __init__(self, registry: "RegistryClient") -> None:
        self._registry = registry

    def find_id(self, name: str) -> int:
        """Find it as the registry does. Raises Unavailable."""
        return self._registry.find_id(name)

    def find_writer(self, reference: Reference) -> Any | None:
        """Find the definition that is pinned, or the registry's. Raises Unavailable."""
        found = pin_ids().find_writer(reference)
        return self._registry.find_writer(reference) if found is None else found

    def explain_absence(self, reference: Reference) -> str:  # noqa: ARG002 - the protocol's
        """Say that the registry does not have it."""
        return UNKNOWN

    @property
    def may_lag(self) -> bool:
        """A registry's replicas do."""
        return True


class RegistryClient(Protocol):
    """What is asked of a registry's client; ``schemas.confluent.ConfluentIds`` has it."""

    def find_id(self, name: str) -> int:
        """Find the id to write before a datum of ``name``. Raises Unavailable."""
        ...

    def find_writer(self, reference: Reference) -> Any | None:
        """Find the schema that ``reference`` names, or None. Raises Unavailable."""
        ...


@cache
def pin_ids() -> PinnedIds:
    """Make the ids of ``schemas/ids.json``."""
    subjects = json.loads(files("schemas").joinpath("ids.json").read_text())
    current: dict[str, int] = {}
    writers: dict[Reference, Any] = {}
    for name, versions in subjects.items():
        for version in versions:
            schema = _find_definition(name, version.get("file"))
            current[name] = version["id"]
            writers[version["id"]] = writers[UUID(version["guid"])] = schema
    return PinnedIds(current, writers)


def _find_definition(name: str, file: str | None) -> Any:
    return read_definition(name) if file is None else json.loads(files("schemas").joinpath(file).read_text())


def connect_registry(url: str, user_info: str | None = None) -> SchemaIds:
    """Make the ids of the registry at ``url``, asked as the user of ``name:password``; nothing is before the first id
    is.
    """
    from schemas.confluent import ConfluentIds  # noqa: PLC0415 - the client loads an HTTP stack that pinned ids do not need

    return RegistryIds(ConfluentIds(url, user_info))


def resolve_ids(settings: RegistrySetting) -> SchemaIds:
    """Make the ids of the registry that ``SCHEMA_REGISTRY_URL`` names, or else the pinned ones. Raises Misuse."""
    options = settings.build_registry_options()
    return pin_ids() if options is None else connect_registry(options["url"], options.get("basic.auth.user.info"))

"""Which id names which schema: pinned in ``ids.json``, or asked of a Confluent-compatible registry.

Subjects are full record names (RecordNameStrategy), so one topic may hold several records. Pinned ids start far above
what a registry hands out, so that a value of the one is never misread as one of the other.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Protocol
from uuid import UUID

from schemas.definitions import definition
from schemas.wire import Reference


class Ids(Protocol):
    """What the codec asks of a registry."""

    def id_of(self, name: str) -> int:
        """Id to write before a datum of ``name``. Raises Unavailable."""
        ...

    def writer(self, reference: Reference) -> Any | None:
        """The schema that ``reference`` names, as data, or None when there is no such one. Raises Unavailable."""
        ...


class RegistrySetting(Protocol):
    """What is read here of ``infra.settings.Settings``."""

    def schema_registry(self) -> dict[str, str] | None:
        """Options of the client of a Confluent-compatible registry, or None for pinned ids. Raises Misuse."""
        ...


class PinnedIds:
    """Ids that need no server: ``current`` by record name, ``writers`` by id and by GUID."""

    def __init__(self, current: Mapping[str, int], writers: Mapping[Reference, Any]) -> None:
        self._current = current
        self._writers = writers

    def id_of(self, name: str) -> int:
        """Id of the newest version of ``name``."""
        return self._current[name]

    def writer(self, reference: Reference) -> Any | None:
        """The definition pinned to an id or a GUID."""
        return self._writers.get(reference)


@cache
def pinned() -> PinnedIds:
    """The ids of ``schemas/ids.json``."""
    subjects = json.loads(files("schemas").joinpath("ids.json").read_text())
    current: dict[str, int] = {}
    writers: dict[Reference, Any] = {}
    for name, versions in subjects.items():
        for version in versions:
            schema = _definition(name, version.get("file"))
            current[name] = version["id"]
            writers[version["id"]] = writers[UUID(version["guid"])] = schema
    return PinnedIds(current, writers)


def _definition(name: str, file: str | None) -> Any:
    return definition(name) if file is None else json.loads(files("schemas").joinpath(file).read_text())


def confluent(url: str, user_info: str | None = None) -> Ids:
    """Ids of the registry at ``url``, asked as the user of ``name:password``; nothing is before the first id is."""
    from schemas.confluent import ConfluentIds  # noqa: PLC0415 - the client loads an HTTP stack that pinned ids do not need

    return ConfluentIds(url, user_info)


def resolve(settings: RegistrySetting) -> Ids:
    """The registry that ``SCHEMA_REGISTRY_URL`` names, or else the pinned ids. Raises Misuse."""
    options = settings.schema_registry()
    return pinned() if options is None else confluent(options["url"], options.get("basic.auth.user.info"))

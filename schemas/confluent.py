"""Ids of a Confluent-compatible registry, by confluent-kafka's own client; asked once per schema, then kept."""

import json
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, TypeVar
from uuid import UUID

from ledger.errors import Misuse, Unavailable
from schemas.definitions import NAMES, read_text
from schemas.wire import Reference

with warnings.catch_warnings():
    import_module("authlib.deprecate")  # sets a filter of its own: ours must come after it

    warnings.simplefilter("ignore")  # that login library, unused here, announces which HTTP client it will want next
    from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError

COMPATIBILITY: Final = "FULL_TRANSITIVE"
TIMEOUT_SECONDS: Final = 10
RETRIES_PER_REQUEST: Final = 2

_NOT_FOUND: Final = 404
_NO_SUCH_ENDPOINT: Final = frozenset({404, 405, 501})
_INCOMPATIBLE: Final = 409
_NOT_LET_IN: Final = frozenset({401, 403})
_NOT_FOUND_CODES: Final = frozenset({40401, 40402, 40403})  # subject, version, schema
_T = TypeVar("_T")


class ConfluentIds:
    """The ``SchemaIds`` of the registry at ``url``, asked as the user of ``name:password``. Making one asks nothing of
    it.
    """

    def __init__(self, url: str, user_info: str | None = None) -> None:
        options = {"url": url, "timeout": TIMEOUT_SECONDS, "max.retries": RETRIES_PER_REQUEST, "retries.wait.ms": 200}
        self._client = SchemaRegistryClient(options | ({"basic.auth.user.info": user_info} if user_info else {}))
        self._ids: dict[str, int] = {}

    def find_id(self, name: str) -> int:
        """Find the id of the newest version of ``name``; the first question registers whichever of the seven is not
        there yet.
        """
        if name not in self._ids:
            self._ids = {known: self.register_schema(known, read_text(known)) for known in NAMES}
        return self._ids[name]

    def register_schema(self, name: str, schema_text: str) -> int:
        """Return the id of ``schema_text`` under its record name, registered as FULL_TRANSITIVE where it is not there
        yet.

        Raises:
            Misuse: the registry refuses it as incompatible with what it holds.
            Unavailable: it cannot be asked, or asks for something else first.
        """
        schema = Schema(schema_text, "AVRO")
        found = self._look_up(name, schema)
        if found is not None:
            return found
        try:
            self._client.set_compatibility(name, COMPATIBILITY)
            registered: int = self._client.register_schema(name, schema)
        except SchemaRegistryError as error:
            if error.http_status_code == _INCOMPATIBLE:
                raise Misuse(f"the registry refuses {name}: not {COMPATIBILITY} with the versions it holds") from None
            raise _explain_unavailable(error) from None
        except Exception as error:
            raise _explain_unavailable(error) from None
        return registered

    def find_writer(self, reference: Reference) -> Any | None:
        """Find the schema that an id or a GUID names, or None; a registry that knows no GUIDs knows none of them."""
        if isinstance(reference, UUID):
            found = self._ask_registry(lambda: self._client.get_schema_by_guid(str(reference)), self._is_unknown_guid)
        else:
            found = self._ask_registry(lambda: self._client.get_schema(reference), _is_unknown_id)
        if found is None or found.schema_type != "AVRO":
            return None
        try:
            return json.loads(found.schema_str)
        except (TypeError, ValueError):
            return None

    def _look_up(self, name: str, schema: Any) -> int | None:
        found = self._ask_registry(lambda: self._client.lookup_schema(name, schema), _is_unknown_id)
        return None if found is None else int(found.schema_id)

    def _is_unknown_guid(self, error: Any) -> bool:
        if error.http_status_code not in _NO_SUCH_ENDPOINT:
            return False
        self._ask_registry(
            self._client.get_subjects, _is_never_absent
        )  # a registry that answers at all: else the world is at fault
        return True

    def _ask_registry(self, question: Callable[[], _T], absent: Callable[[Any], bool]) -> _T | None:
        try:
            return question()
        except SchemaRegistryError as error:
            if absent(error):
                return None
            raise _explain_unavailable(error) from None
        except Exception as error:  # whatever its HTTP stack raises, the registry gave no answer
            raise _explain_unavailable(error) from None


def _is_unknown_id(error: Any) -> bool:
    return error.http_status_code == _NOT_FOUND and error.error_code in _NOT_FOUND_CODES


def _is_never_absent(_error: Any) -> bool:
    return False


def _explain_unavailable(error: Exception) -> Unavailable:
    status = getattr(error, "http_status_code", None)
    said = f"answered with status {status}" if status else f"gave no answer ({type(error).__name__})"
    if status in _NOT_LET_IN:
        said = f"lets this user do nothing (status {status}): check the file of SCHEMA_REGISTRY_USER_INFO_FILE"
    return Unavailable(f"the schema registry {said}; nothing was decided")

"""Asking the read API over HTTP."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import httpx
import msgspec

from access.reader import find_reader
from access.reads import encode_reader
from infra.groups import LOADER_GROUP
from ledger.errors import LedgerError, Misuse, Unavailable
from queries.errors import WrongField
from queries.health_answers import LoadedAgainAnswer
from queries.query import AnswerT_co, Query, drop_absent
from queries.rebuild_answer import REBUILD, RebuildAnswer
from queries.record_queries import StoredRowsQuery

TIMEOUT_SECONDS: Final = 60.0
ROWS_TIMEOUT_SECONDS: Final = 120.0
SENT_CHARACTERS_MAX: Final = 1_000
LOAD_AGAIN: Final = "unloadable/load-again"
BodyT = TypeVar("BodyT")


class ApiClient:
    """Asks a read API. The client protocol is ``queries.client.Client``.

    Args:
        address: where it is, with or without ``http://``.
    """

    def __init__(self, address: str) -> None:
        self._address = address if "://" in address else f"http://{address}"
        try:
            self._client = httpx.Client(
                base_url=self._address,
                timeout=TIMEOUT_SECONDS,
                trust_env=False,  # the environment's proxies are for the outside world; this is loopback
                headers={"X-Reader": encode_reader(find_reader())},
            )
        except httpx.InvalidURL:
            raise Misuse("DISRUPTIONS_READ_API is no address: write http://127.0.0.1:8123") from None

    def ask(self, kind: type[Query[AnswerT_co]], /, **written: str | None) -> AnswerT_co:
        """Ask as ``Askable.ask`` does."""
        asked = drop_absent(written)
        for name, value in asked.items():
            _hold_sendable(name, value)
        return self._send("GET", kind.PATH, asked, kind.find_answer())

    def load_again(self) -> LoadedAgainAnswer:
        """Load as ``Client.load_again`` does."""
        return self._send("POST", LOAD_AGAIN, {}, LoadedAgainAnswer)

    def read_rebuild(self) -> RebuildAnswer:
        """Read where a rebuild is. Raises as ``ask``."""
        return self._send("GET", REBUILD, {}, RebuildAnswer)

    @staticmethod
    def find_loader_group() -> str:
        """Find as ``Client.find_loader_group`` does: what a read API shows was loaded."""
        return LOADER_GROUP

    def advance_rebuild(self, step: str, **asked: str) -> RebuildAnswer:
        """Ask for a step of a rebuild: ``begin``, ``cancel`` or ``drop-old``. Raises as ``ask``."""
        return self._send("POST", f"{REBUILD}/{step}", asked, RebuildAnswer)

    def switch_tables(self, certificate: Mapping[str, Any], approved: str) -> RebuildAnswer:
        """Ask for the switch to what was certified. Raises as ``ask``."""
        body = {"certificate": certificate, "approved": approved}
        return self._send("POST", f"{REBUILD}/switch", {}, RebuildAnswer, body)

    def read_rows(self, query: StoredRowsQuery) -> Iterator[bytes]:
        """Read as ``Client.read_rows`` does."""
        path, asked = f"/v1/{query.path}", query.filters
        try:
            with self._client.stream("GET", path, params=asked, timeout=ROWS_TIMEOUT_SECONDS) as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise self._judge_response(response)
                yield from (line.encode() for line in response.iter_lines() if line)
        except httpx.HTTPError as error:
            raise self._report_away(error) from None

    def read_packed(self, query: StoredRowsQuery) -> bytes:
        """Read as ``Client.read_packed`` does."""
        try:
            response = self._client.get(f"/v1/{query.path}", params=query.filters, timeout=ROWS_TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            raise self._report_away(error) from None
        if response.status_code != httpx.codes.OK:
            raise self._judge_response(response)
        return response.content

    def _send(self, method: str, path: str, asked: Mapping[str, str], kind: type[BodyT], body: Any = None) -> BodyT:
        try:
            response = self._client.request(method, f"/v1/{path}", params=asked, json=body)
        except httpx.HTTPError as error:
            raise self._report_away(error) from None
        if response.status_code != httpx.codes.OK:
            raise self._judge_response(response)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            what = f"what answers at {self._address} is no read API of a ledger of this version: {error}"
            raise Unavailable(what) from None

    def _report_away(self, error: httpx.HTTPError) -> Unavailable:
        kind = type(error).__name__
        return Unavailable(f"the read API at {self._address} does not answer ({kind}); is `up` running?")

    def _judge_response(self, response: httpx.Response) -> LedgerError:
        """Judge whose fault it is that there is no answer."""
        problem = _read_body(response)
        detail, field = problem.get("detail"), problem.get("field")
        if not isinstance(detail, str):
            what = f"what answers at {self._address} is no read API of a ledger ({response.status_code})"
            return Unavailable(what)
        if not httpx.codes.is_client_error(response.status_code):
            return Unavailable(detail)
        return WrongField(field, detail.removeprefix(f"{field}: ")) if isinstance(field, str) else Misuse(detail)


def _read_body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _hold_sendable(name: str, value: str) -> None:
    """Refuse what no address can carry: more than a server reads, or bytes that are no text."""
    if len(value) > SENT_CHARACTERS_MAX or not _is_text(value):
        raise WrongField(name, f"give at most {SENT_CHARACTERS_MAX:,} characters of UTF-8 text")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # argv's bytes that were not UTF-8
        return False
    return True

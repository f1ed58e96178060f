"""Where answers come from: the read API of the local whole, or the store itself when ``CLICKHOUSE_DSN`` names a server.

Both give the same bodies: the read API is a thin shell around ``queries.questions.Questions``, asked directly
in the second case. Dates, instants and dimensions go as they were written, and are judged in one place, over there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import httpx

from access.reader import DirectReads, find_reader
from access.reads import encode_reader
from infra.settings import Settings, load_settings
from ledger.errors import Misuse, Unavailable

Body = dict[str, Any]
TIMEOUT_SECONDS = 60.0
SENT_CHARACTERS_MAX = 1_000
ACTIONS = {"load_again": "unloadable/load-again"}  # and where the read API does them


class Answers(Protocol):
    """Someone who can be asked."""

    def ask(self, question: str, **asked: str | None) -> Body:
        """The answer to one of the questions of ``queries.questions.Questions``, by its name.

        Raises:
            Misuse: the question makes no sense; says which part and the remedy.
            Unavailable: nobody answers.
        """
        ...

    def act(self, action: str) -> Body:
        """Do one of the actions of ``queries.questions.Questions``, by its name. Raises as ``ask`` does."""
        ...


def answers(state: Path) -> Answers:
    """The way to ask that the settings name.

    Raises:
        Unavailable: neither a running local whole nor a server is known.
    """
    settings = load_settings(state)
    if settings.clickhouse_dsn is not None:
        return Direct(settings)
    if settings.read_api is None:
        raise nothing_runs(settings, "DISRUPTIONS_READ_API or CLICKHOUSE_DSN")
    return OverHttp(settings.read_api)


def nothing_runs(settings: Settings, names: str) -> Unavailable:
    """The error of a state directory under which nothing runs; ``names`` are the settings that would do instead."""
    return Unavailable(
        f"nothing runs under {settings.state}: start it with `disruptions up --state {settings.state}`, or set {names}"
    )


class Direct:
    """Answers from the store that the settings name, without a server of ours in between."""

    def __init__(self, settings: Settings) -> None:
        from queries.questions import Questions  # noqa: PLC0415  (the engine's client is slow to import)
        from sinks.store import open_store  # noqa: PLC0415  (as above: slow to import)

        self._questions = Questions(settings, open_store(settings))
        self._reads = DirectReads(settings.state)

    def ask(self, question: str, **asked: str | None) -> Body:
        """As ``Answers.ask``."""
        with self._reads.note_question(_path_of(question), _query_of(asked)):
            body: Body = getattr(self._questions, question)(**asked)
        return body

    def act(self, action: str) -> Body:
        """As ``Answers.act``."""
        with self._reads.note_question(ACTIONS[action], {}):
            body: Body = getattr(self._questions, action)()
        return body


class OverHttp:
    """Answers of the read API."""

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

    def ask(self, question: str, **asked: str | None) -> Body:
        """As ``Answers.ask``."""
        query = _query_of(asked)
        for name, value in query.items():
            _hold_sendable(name, value)
        return self._body(self._send("GET", _path_of(question), query))

    def act(self, action: str) -> Body:
        """As ``Answers.act``."""
        return self._body(self._send("POST", ACTIONS[action], {}))

    def _send(self, method: str, path: str, query: dict[str, str]) -> httpx.Response:
        try:
            return self._client.request(method, f"/v1/{path}", params=query)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"the read API at {self._address} does not answer ({type(error).__name__}); is `up` running?"
            ) from None

    def _body(self, response: httpx.Response) -> Body:
        try:
            body = response.json()
        except ValueError:
            body = None
        if response.status_code == 200 and isinstance(body, dict):
            return body
        if isinstance(body, dict) and isinstance(body.get("detail"), str):
            raise (Misuse if 400 <= response.status_code < 500 else Unavailable)(body["detail"])
        raise Unavailable(f"what answers at {self._address} is no read API of a ledger ({response.status_code})")


def _path_of(question: str) -> str:
    return "disruptions" if question == "disruption" else question


def _query_of(asked: Mapping[str, str | None]) -> dict[str, str]:
    return {name.rstrip("_"): value for name, value in asked.items() if value is not None}


def _hold_sendable(name: str, value: str) -> None:
    """Refuse what no address can carry: more than a server reads, or bytes that are no text."""
    if len(value) > SENT_CHARACTERS_MAX or not _is_text(value):
        raise Misuse(f"{name}: give at most {SENT_CHARACTERS_MAX:,} characters of UTF-8 text")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # argv's bytes that were not UTF-8
        return False
    return True

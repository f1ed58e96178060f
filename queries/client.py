"""Who can be asked: the read API of the local whole, or the store itself when ``CLICKHOUSE_DSN`` names a server.

Both give the same bodies. Fields go as they were written and are judged in one place: by the read API, or here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from infra.settings import Settings, load_settings
from ledger.errors import Unavailable
from queries.api_client import LOAD_AGAIN, ApiClient
from queries.health_answers import LoadedAgainAnswer
from queries.query import AnswerT_co, Query, drop_absent
from queries.record_queries import StoredRowsQuery


class Askable(Protocol):
    """Someone who answers questions."""

    def ask(self, kind: type[Query[AnswerT_co]], /, **written: str | None) -> AnswerT_co:
        """Ask a question of this kind, its fields as they were written.

        Raises:
            WrongField: the question makes no sense; says which field and the remedy.
            Unavailable: nobody answers.
        """
        ...


class Client(Askable, Protocol):
    """Someone who also hands out stored rows, and has what was not taken loaded again."""

    def find_loader_group(self) -> str:
        """Find the consumer group of who fills the store. Raises as ``ask`` does."""
        ...

    def load_again(self) -> LoadedAgainAnswer:
        """Load once more what the store did not take. Raises as ``ask`` does."""
        ...

    def read_rows(self, query: StoredRowsQuery) -> Iterator[bytes]:
        """Read stored rows, one JSON object a line. Raises as ``ask`` does."""
        ...

    def read_packed(self, query: StoredRowsQuery) -> bytes:
        """Read the stored rows of a packed query, as one file of Avro. Raises as ``ask`` does."""
        ...


def open_client(state: Path) -> Client:
    """Open the way to ask that the settings name.

    Raises:
        Unavailable: neither a running local whole nor a server is known.
    """
    settings = load_settings(state)
    if settings.clickhouse_dsn is not None:
        return StoreClient(settings)
    if settings.read_api is None:
        raise report_nothing_runs(settings, "DISRUPTIONS_READ_API or CLICKHOUSE_DSN")
    return ApiClient(settings.read_api)


def report_nothing_runs(settings: Settings, names: str) -> Unavailable:
    """Report that nothing runs under the state directory; ``names`` are the settings that would do instead."""
    return Unavailable(
        f"nothing runs under {settings.state}: start it with `disruptions up --state {settings.state}`, or set {names}"
    )


class StoreClient:
    """Asks the store that the settings name, without a server of ours in between; every read is logged."""

    def __init__(self, settings: Settings) -> None:
        from access.reader import DirectReads  # noqa: PLC0415  (as below)
        from queries.store_answers import StoreAnswers  # noqa: PLC0415  (the engine's client is slow to import)
        from sinks.store import open_store  # noqa: PLC0415  (as above: slow to import)

        self._store = StoreAnswers(settings, open_store(settings))
        self._reads = DirectReads(settings.state)

    def ask(self, kind: type[Query[AnswerT_co]], /, **written: str | None) -> AnswerT_co:
        """Ask as ``Askable.ask`` does."""
        with self._reads.note_question(kind.PATH, drop_absent(written)):
            return self._store.answer_query(kind.parse_fields(**written))

    def find_loader_group(self) -> str:
        """Find as ``Client.find_loader_group`` does."""
        return self._store.find_loader_group()

    def load_again(self) -> LoadedAgainAnswer:
        """Load as ``Client.load_again`` does."""
        with self._reads.note_question(LOAD_AGAIN, {}):
            return self._store.load_again()

    def read_rows(self, query: StoredRowsQuery) -> Iterator[bytes]:
        """Read as ``Client.read_rows`` does."""
        with self._reads.note_question(query.path, query.filters):
            blocks = self._store.read_lines(query)
        return join_lines(blocks)

    def read_packed(self, query: StoredRowsQuery) -> bytes:
        """Read as ``Client.read_packed`` does."""
        with self._reads.note_question(query.path, query.filters):
            return self._store.read_packed(query)


def join_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Join a text that comes in blocks, and give back its whole lines."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest

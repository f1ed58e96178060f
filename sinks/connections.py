"""Connections to the engine in process or to a server, and a few of them kept to be lent."""

import logging
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, ProgrammingError

from infra.settings import Settings
from infra.state_directory import check_name
from ledger.errors import LedgerError, Misuse, Unavailable
from sinks.dsn import parse_dsn
from sinks.faults import describe_fault, read_code

WAIT_SECONDS: Final = 30.0
ANOTHER_OPEN: Final = "already initialized"  # in the engine's sentence
DIRECTORY: Final = "clickhouse"  # under the state directory
FIRST_DATABASE: Final = "default"  # the engine's own
ZONED: Final = "aware"  # instants come with their zone
REMEDIES: Final = {
    81: "make the database that CLICKHOUSE_DSN names first",  # UNKNOWN_DATABASE
    192: "check the user of CLICKHOUSE_DSN",  # UNKNOWN_USER
    193: "check the password of CLICKHOUSE_DSN",  # WRONG_PASSWORD
    194: "CLICKHOUSE_DSN has no password",  # REQUIRED_PASSWORD
    497: "the user of CLICKHOUSE_DSN may not do this",  # ACCESS_DENIED
    516: "check the user and the password of CLICKHOUSE_DSN",  # AUTHENTICATION_FAILED
}
_UNHEARD: Final = logging.NullHandler()


class Connections:
    """Up to ``most`` connections, each opened when it is first lent, each serving one call at a time.

    Args:
        database: whose tables an unqualified name means; None: as the DSN says, or the engine's first.
    """

    def __init__(self, settings: Settings, most: int, database: str | None) -> None:
        self._settings = settings
        self._most = most
        self._database = database
        self._idle: queue.LifoQueue[Client | None] = queue.LifoQueue()
        for _ in range(most):
            self._idle.put(None)

    @contextmanager
    def lend_connection(self) -> Iterator[Client]:
        """Lend a connection for one call.

        Raises:
            Unavailable: none became free, or none could be opened.
        """
        try:
            client = self._idle.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise Unavailable(f"no connection to the store was free for {WAIT_SECONDS:.0f} s") from None
        try:
            if client is None:
                client = open_connection(self._settings, self._database)
            yield client
        finally:
            self._idle.put(client)

    def close(self) -> None:
        """Close every connection, waiting for those that are lent.

        Raises:
            Unavailable: one was not given back; it can be asked for again.
        """
        closed = 0
        try:
            while closed < self._most:
                client = self._idle.get(timeout=WAIT_SECONDS)
                closed += 1
                if client is not None:
                    client.close()
        except queue.Empty:
            raise Unavailable(f"the store was still being asked after {WAIT_SECONDS:.0f} s: try again") from None
        finally:
            for _ in range(closed):
                self._idle.put(None)


def open_connection(settings: Settings, database: str | None = None) -> Client:
    """Open a new connection; ``database`` as for ``Connections``.

    Raises:
        Misuse: the DSN is not one, or this process has another directory open.
        Unavailable: the server does not answer.
    """
    dsn = settings.clickhouse_dsn
    logging.getLogger("clickhouse_connect").addHandler(_UNHEARD)  # it is heard where a log is kept, and not elsewhere
    try:
        return _open_embedded(settings, database) if dsn is None else _open_server(dsn.get_secret_value())
    except ProgrammingError as error:
        raise _judge_unopened(settings, error) from error
    except (ClickHouseError, OSError) as error:
        raise Unavailable(_explain_unanswered(error)) from error


def _judge_unopened(settings: Settings, error: ProgrammingError) -> LedgerError:
    """Judge why none was opened: in process one directory for a whole life, and none that is damaged."""
    if ANOTHER_OPEN in str(error):
        return Misuse(f"the store under {settings.state} cannot be opened: this process has another one open")
    place = settings.state / DIRECTORY
    return Unavailable(
        f"the store in {place} is damaged, or may not be read: move it away while nothing runs, and start again; "
        "all of it is loaded again from the topics"
    )


def _open_embedded(settings: Settings, database: str | None) -> Client:
    """Open the engine in process; a name with a question mark, which begins options there, is refused."""
    state = check_name(settings.state.absolute())
    place = str(state / DIRECTORY / "engine")
    return clickhouse_connect.get_client(
        interface="chdb", path=place, database=database or FIRST_DATABASE, tz_mode=ZONED
    )


def _open_server(dsn: str) -> Client:
    return clickhouse_connect.get_client(**parse_dsn(dsn), autogenerate_session_id=False, tz_mode=ZONED)


def _explain_unanswered(error: Exception) -> str:
    remedy = REMEDIES.get(read_code(error))
    return f"the store does not answer: {describe_fault(error)}{f'; {remedy}' if remedy else ''}"

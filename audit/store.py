"""Where stored rows and balances come from: the read API of a running whole, or the store itself."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import httpx
import msgspec

from audit.balances import Answers
from audit.rows import Row
from ledger.errors import Unavailable

TIMEOUT_SECONDS = 120.0


class StoredRows(Protocol):
    """Whoever hands out the stored rows."""

    def rows(self, table: str, partition: int, first: int, last: int | None) -> Iterator[Row]:
        """Rows whose source position lies in the range, both offsets included, as ``queries.stored`` gives them.

        Raises:
            Unavailable: the store did not answer.
        """
        ...


class StoreSide(StoredRows, Answers, Protocol):
    """Both."""


class OverHttp:
    """Rows from the read API, as NDJSON.

    Args:
        answers: whoever asks it for balances.
        reader: who reads, for the log of reads.
    """

    def __init__(self, address: str, answers: Answers, reader: str) -> None:
        base = address if "://" in address else f"http://{address}"
        self._client = httpx.Client(
            base_url=base, timeout=TIMEOUT_SECONDS, trust_env=False, headers={"X-Reader": reader}
        )
        self._answers = answers

    def ask(self, question: str, **asked: str | None) -> dict[str, Any]:
        """As ``Answers.ask``."""
        return self._answers.ask(question, **asked)

    def rows(self, table: str, partition: int, first: int, last: int | None) -> Iterator[Row]:
        """As ``StoredRows.rows``."""
        asked = {"partition": partition, "first": first} | ({} if last is None else {"last": last})
        try:
            with self._client.stream("GET", f"/v1/stored/{table}", params=asked) as response:
                if response.status_code != httpx.codes.OK:
                    raise Unavailable(f"the read API answered {response.status_code} for the stored {table}")
                for line in response.iter_lines():
                    yield msgspec.json.decode(line)
        except httpx.HTTPError as error:
            raise Unavailable(f"the read API does not answer ({type(error).__name__}); is `up` running?") from None


def lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines of a text that comes in blocks."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


class Direct:
    """Rows of the store that the settings name, through ``sinks`` alone.

    Args:
        blocks: table, partition, first and last offset to blocks of NDJSON.
    """

    def __init__(self, blocks: Any, answers: Answers) -> None:
        self._blocks = blocks
        self._answers = answers

    def ask(self, question: str, **asked: str | None) -> dict[str, Any]:
        """As ``Answers.ask``."""
        return self._answers.ask(question, **asked)

    def rows(self, table: str, partition: int, first: int, last: int | None) -> Iterator[Row]:
        """As ``StoredRows.rows``."""
        return (msgspec.json.decode(line) for line in lines(self._blocks(table, partition, first, last)))

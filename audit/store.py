"""What the audit asks of whoever answers for the store; ``queries.audited`` is that."""

from collections.abc import Iterator
from typing import Protocol

from audit.balances import AnswerSource
from audit.rows import StoredRow


class StoredRows(Protocol):
    """Whoever hands out the stored rows."""

    def read_rows(self, table: str, partition: int, first: int, last: int | None) -> Iterator[StoredRow]:
        """List the rows whose source position lies in the range, offsets included, as ``queries.stored`` gives them.

        Raises:
            Unavailable: the store did not answer.
        """
        ...

    def read_packed(self, table: str, partition: int, first: int, last: int) -> bytes:
        """Read the same rows as one Avro file, whose fields are ``audit.packed.PACKED_COLUMNS``.

        Raises as ``read_rows``.
        """
        ...


class ClosingRows(Protocol):
    """Whoever hands out the stored closings."""

    def read_closings(self) -> Iterator[StoredRow]:
        """Read one row for each closing (closing, grain, positions), then their balances. Raises Unavailable."""
        ...


class StoreSide(StoredRows, ClosingRows, AnswerSource, Protocol):
    """All that an audit asks of the store."""

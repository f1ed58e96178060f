"""The store as the audit asks it: stored rows and balances, by way of a client."""

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from queries.balance_queries import CountQuery, ExtractQuery, ThreatQuery
from queries.client import Client, open_client
from queries.query import Query
from queries.record_queries import CLOSINGS, DisruptionQuery, StoredRowsQuery

KINDS: Final = MappingProxyType[str, type[Query[Any]]](
    {"counts": CountQuery, "extract": ExtractQuery, "threats": ThreatQuery, "disruption": DisruptionQuery}
)


def open_audited(state: Path) -> "AuditedStore":
    """Open the store that the settings under a state directory name. Raises Unavailable."""
    return AuditedStore(open_client(state))


class AuditedStore:
    """What ``audit.store.StoreSide`` asks for."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, question: str, **asked: str | None) -> dict[str, Any]:
        """Ask for balances. Raises Unavailable."""
        return dict(self._client.ask(KINDS[question], **asked))

    def read_rows(self, table: str, partition: int, first: int, last: int | None) -> Iterator[dict[str, Any]]:
        """Read stored rows, both offsets included. Raises Unavailable."""
        query = StoredRowsQuery(table=table, partition=partition, first=first, last=last)
        return map(msgspec.json.decode, self._client.read_rows(query))

    def read_packed(self, table: str, partition: int, first: int, last: int) -> bytes:
        """Read stored rows, both offsets included, as one file of Avro. Raises Unavailable."""
        query = StoredRowsQuery(table=table, partition=partition, first=first, last=last, packed=True)
        return self._client.read_packed(query)

    def read_closings(self) -> Iterator[dict[str, Any]]:
        """Read what each closing is, then their balances. Raises Unavailable."""
        return map(msgspec.json.decode, self._client.read_rows(StoredRowsQuery(table=CLOSINGS)))

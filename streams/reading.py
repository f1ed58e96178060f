"""Step 7 of a run: every record decoded, and the schemas that are new looked up beside the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from infra.status import end_trouble, report_trouble
from ledger.errors import Rejected
from ledger.facts import Fact
from schemas.codec import Codec
from schemas.definitions import ENTRY
from schemas.lookups import SchemaLookups
from schemas.registry import NO_REGISTRY, SchemaIds
from streams.intake import SchemasNotLearnt, decode_records

TROUBLE = "registry"
TROUBLE_SECONDS = 600.0  # that it is said after the last such event
NO_REGISTRY_TROUBLE = "events name schema ids of a registry, and none is set: they were refused"
SET_REGISTRY = "set SCHEMA_REGISTRY_URL for workers and service if publishers use one, or have them use pinned ids"


class RecordReader:
    """Decodes what was published, for one worker. ``codec`` writes its outputs too: it knows who wrote each event."""

    def __init__(self, ids: SchemaIds) -> None:
        self._lookups = SchemaLookups(ids)
        self.codec = Codec(self._lookups)
        self._forgets: asyncio.TimerHandle | None = None

    def learn_own_schema(self) -> None:
        """Ask now for what the event loop will want of the registry. Raises Unavailable."""
        self._lookups.find_id(ENTRY)

    async def read_records(
        self, records: Sequence[Any], in_thread: Callable[..., Awaitable[None]]
    ) -> list[Fact | Rejected]:
        """Return the fact of each record, or why there is none.

        Args:
            records: aiokafka's.
            in_thread: runs a function with its arguments beside the event loop.

        Raises:
            Unavailable: the registry did not answer; nothing was decided.
        """
        while True:
            try:
                facts = decode_records(self.codec, records)
            except SchemasNotLearnt as schemas:
                await in_thread(self._lookups.learn_schemas, schemas.references)
            else:
                if any(isinstance(one, Rejected) and one.sentence == NO_REGISTRY for one in facts):
                    self._report_no_registry()
                return facts

    def _report_no_registry(self) -> None:
        """Say it for a while after the last such event: somebody's garbage must not keep health red for ever."""
        report_trouble(TROUBLE, NO_REGISTRY_TROUBLE, remedy=SET_REGISTRY)
        if self._forgets is not None:
            self._forgets.cancel()
        self._forgets = asyncio.get_running_loop().call_later(TROUBLE_SECONDS, end_trouble, TROUBLE)

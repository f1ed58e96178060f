"""Who can build the stored tables anew, as the read API asks it (docs/decisions/0029)."""

from collections.abc import Mapping
from typing import Any, Protocol

from ledger.errors import Misuse
from queries.rebuild_answer import RebuildAnswer
from queries.store_answers import StoreAnswers


class RebuildHost(Protocol):
    """Whoever holds the store and can build beside it. Every method raises Misuse, Unavailable."""

    def read_state(self) -> RebuildAnswer:
        """Read where it is."""
        ...

    def find_next(self) -> StoreAnswers | None:
        """Find who answers from the generation that is being built; None while its tables are not there."""
        ...

    def begin_rebuild(self, rate: int) -> RebuildAnswer:
        """Begin, or go on with, building the next generation; ``rate``: 0 for as fast as it goes."""
        ...

    def switch_tables(self, certificate: Mapping[str, Any], approved: str, approved_by: str) -> RebuildAnswer:
        """Show it from now on: a replay certified it; ``approved``: the digest of its differences."""
        ...

    def cancel_rebuild(self) -> RebuildAnswer:
        """Build no more, and drop what was built."""
        ...

    def drop_previous(self) -> RebuildAnswer:
        """Drop the generation that was shown before."""
        ...


def hold_host(host: RebuildHost | None) -> RebuildHost:
    """Hold that there is one. Raises Misuse."""
    if host is None:
        raise Misuse("this read API has no store of its own: a rebuild is asked of the service that loads it")
    return host

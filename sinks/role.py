"""What a loader loads for: the tables that are shown, or the next generation of them beside it."""

from typing import Final, NamedTuple

from infra.groups import LOADER_GROUP, name_rebuild_group
from infra.status import report_status


class LoaderRole(NamedTuple):
    """How a loader does its work.

    Attributes:
        group: in which it commits how far it has come.
        rate: records a second at most; None: as fast as it goes.
        is_aside: another loader of this process speaks for it, and is measured.
    """

    group: str = LOADER_GROUP
    rate: int | None = None
    is_aside: bool = False

    def report_status(self, state: str) -> None:
        """Show life for the process, where this loader is the one that it is about."""
        if not self.is_aside:
            report_status(state)


LIVE: Final = LoaderRole()


def build_aside(generation: int, rate: int) -> LoaderRole:
    """Build the role of who fills a generation that is not shown; ``rate``: 0 for as fast as it goes."""
    return LoaderRole(name_rebuild_group(str(generation)), rate or None, is_aside=True)


def build_alone(name: str, rate: int) -> LoaderRole:
    """Build the role of who fills tables of a server that are not shown, and does nothing else; ``rate`` as above."""
    return LoaderRole(name_rebuild_group(name), rate or None)

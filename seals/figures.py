"""Published figures as the log takes them: which records of ``soc.figures`` are leaves, and which is the next.

Every record of its partition 0 that is a figure is a leaf, in the order of the topic; what is none is passed over, and
the replay names it. What is a figure is for ``schemas.figures.decode_figure`` to say.
"""

from collections.abc import Iterator
from typing import Final

from infra.settings import Settings
from infra.topics import FIGURES
from proofs.errors import NotValid
from schemas.figures import decode_figure
from schemas.registry import SchemaIds
from schemas.upcast import compute_fingerprint
from schemas.wire import FRAME_BYTES
from seals.chain import SealedOutput
from seals.leaves import hash_output
from seals.topics import TopicPlace, TopicTail

FIGURE_PLACE: Final[TopicPlace] = (FIGURES, 0)


class FigureHasher:
    """Hashes published figures to their leaves, by the schemas of one registry."""

    def __init__(self, ids: SchemaIds) -> None:
        self._ids = ids
        self._fingerprints: dict[int, str] = {}

    def hash_figure(self, value: bytes | None) -> bytes | None:
        """Hash a record to its leaf; None where it is no figure. Raises Unavailable for the registry."""
        if value is None or decode_figure(value, self._ids) is None:
            return None
        return self.hash_framed(value)

    def hash_framed(self, value: bytes) -> bytes:
        """Hash a record that is a figure. Raises Unavailable for the registry."""
        reference = int.from_bytes(value[1:FRAME_BYTES], "big")
        if reference not in self._fingerprints:
            self._fingerprints[reference] = compute_fingerprint(self._ids.find_writer(reference))
        return hash_output(FIGURES, self._fingerprints[reference], [value[FRAME_BYTES:]])


def read_figure_leaves(settings: Settings, ids: SchemaIds, count: int) -> Iterator[SealedOutput]:
    """Read the first figures of the topic, so many: their offsets in it, and the hashes of their leaves.

    Raises:
        NotValid: there are not so many.
        Unavailable: the broker or the registry did not answer, or records are deleted.
    """
    if not count:
        return
    hasher, found = FigureHasher(ids), 0
    tail = TopicTail(settings, {FIGURE_PLACE: 0})
    try:
        for record in tail.read_rest():
            leaf_hash = hasher.hash_figure(record.value)
            if leaf_hash is not None:
                yield SealedOutput(record.offset, leaf_hash)
                found += 1
            if found == count:
                return
    finally:
        tail.close()
    raise NotValid(f"soc.figures holds {found:,} published figures, and {count:,} were sealed: some were taken away")

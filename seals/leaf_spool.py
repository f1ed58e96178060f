"""Leaves put aside on disk until their turn in the log comes: of any number of partitions in one file without a name.

Each partition's rows, 40 bytes a leaf, come in blocks; where the blocks lie is remembered, so memory stays flat but for
a block of each partition that is being filled, or taken from.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct
from tempfile import TemporaryFile
from types import TracebackType
from typing import Final, NamedTuple, Self

from seals.chain import SealedOutput
from seals.leaves import FIGURE_LEAVES

ReadOutputs = Iterable[tuple[int, SealedOutput]]
"""Outputs with their partitions, each partition's in order; published figures in ``FIGURE_LEAVES``."""

_ROW: Final = Struct("q32s")
_BLOCK_BYTES: Final = _ROW.size * 2_000


class _Block(NamedTuple):
    """Where in the file some rows lie."""

    begins: int
    size: int


class LeafSpool:
    """The leaves of all partitions, each in order; used as a ``with`` block, at whose end the disk has them back.

    Args:
        beside: a directory of the disk that it may use; None for that of temporary files.

    Raises:
        OSError: the disk does not take a file.
    """

    def __init__(self, beside: Path | None = None) -> None:
        self._file = TemporaryFile(dir=beside)  # noqa: SIM115 - it is closed by ``__exit__``
        self._blocks: dict[int, deque[_Block]] = defaultdict(deque)
        self._held: dict[int, list[SealedOutput]] = defaultdict(list)
        self._figures = 0

    def __enter__(self) -> Self:
        """Put leaves aside in a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the disk have it back."""
        self._file.close()

    def fill_spool(self, outputs: ReadOutputs) -> None:
        """Keep all outputs. Raises OSError, and what reading them raises."""
        filling: dict[int, bytearray] = defaultdict(bytearray)
        for partition, one in outputs:
            rows = filling[partition]
            rows += _ROW.pack(*one)
            if len(rows) == _BLOCK_BYTES:
                self._write_block(partition, rows)
                rows.clear()
        for partition, rows in filling.items():
            self._write_block(partition, rows)

    def take_before(self, partition: int, position: int) -> Iterator[SealedOutput]:
        """Take the next outputs of a partition that lie before a position."""
        while held := self._hold_some(partition):
            count = next((n for n, one in enumerate(held) if one.offset >= position), len(held))
            yield from held[:count]
            del held[:count]
            if held:
                return

    def take_figures(self, count: int) -> Iterator[SealedOutput]:
        """Take the next published figures, up to so many in all."""
        while self._figures < count and (held := self._hold_some(FIGURE_LEAVES)):
            taken = held[: count - self._figures]
            del held[: len(taken)]
            self._figures += len(taken)
            yield from taken

    def _write_block(self, partition: int, rows: bytearray) -> None:
        self._blocks[partition].append(_Block(self._file.tell(), len(rows)))
        self._file.write(rows)

    def _hold_some(self, partition: int) -> list[SealedOutput]:
        """Return what is read of a partition and not taken, with its next block where that would be nothing."""
        held = self._held[partition]
        if not held and self._blocks[partition]:
            block = self._blocks[partition].popleft()
            self._file.seek(block.begins)
            held.extend(SealedOutput(*row) for row in _ROW.iter_unpack(self._file.read(block.size)))
        return held

"""Which leaf is the output of which position: a cache beside the tiles, made again from the topics wherever it is gone.

Of each partition two files of 64-bit numbers as this machine has them: ``offsets-P`` holds the positions that are
sealed, in order, 8 bytes a leaf; ``runs-P`` pairs of a row of it and the leaf that it is, one for each checkpoint that
covered something new of the partition. Finding is two bisections. Nothing is proved by it: a wrong index gives a proof
that does not hold. The published figures have files of their own, ``offsets-figures`` and ``runs-figures``, whose
positions are those of ``soc.figures``; in the code they are partition ``FIGURE_LEAVES``.
"""

import mmap
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import SEEK_END
from pathlib import Path
from typing import Final, NamedTuple

from ledger.errors import Unavailable
from proofs.checkpoints import Checkpoint
from seals.leaves import FIGURE_LEAVES

INDEX_NAME: Final = "index"
_NUMBER_BYTES: Final = 8
Numbers = Sequence[int]


class OutputPosition(NamedTuple):
    """A place in ``soc.published``, or in ``soc.figures`` where the partition is ``FIGURE_LEAVES``."""

    partition: int
    offset: int


class SealIndex:
    """The index of a log's directory."""

    def __init__(self, seals: Path) -> None:
        self._path = seals / INDEX_NAME

    def find_leaf(self, place: OutputPosition) -> int | None:
        """Find the leaf of a position; None where it has no output, or none that is in the index."""
        with _map_numbers(self._locate_offsets(place.partition)) as offsets:
            row = bisect_left(offsets, place.offset)
            if row == len(offsets) or offsets[row] != place.offset:
                return None
        with _map_numbers(self._locate_runs(place.partition)) as runs:
            run = bisect_right(range(len(runs) // 2), row, key=lambda n: runs[2 * n]) - 1
            return None if run < 0 else runs[2 * run + 1] + row - runs[2 * run]

    def append_outputs(self, partition: int, offsets: Sequence[int], first_leaf: int) -> None:
        """Append the positions of successive leaves. Raises OSError."""
        self._path.mkdir(parents=True, exist_ok=True)
        file = self._locate_offsets(partition)
        with file.open("ab") as out:
            row = out.tell() // _NUMBER_BYTES
            out.write(array("q", offsets).tobytes())
        with self._locate_runs(partition).open("ab") as out:
            out.write(array("q", (row, first_leaf)).tobytes())

    def cut_back(self, checkpoint: Checkpoint) -> bool:
        """Cut what a checkpoint does not cover; tell whether all that it covers is there. Raises OSError."""
        ends = [self._cut_partition(partition, position) for partition, position in enumerate(checkpoint.positions)]
        ends.append(self._cut_rows(FIGURE_LEAVES, checkpoint.sealed_figures))
        return sum(rows for rows, _ in ends) == checkpoint.size == max([0, *(end for _, end in ends)])

    def find_figure_end(self) -> int:
        """Find the offset in ``soc.figures`` behind the last figure that is in the index."""
        with _map_numbers(self._locate_offsets(FIGURE_LEAVES)) as offsets:
            return offsets[-1] + 1 if offsets else 0

    def clear_all(self) -> None:
        """Remove the index. Raises OSError."""
        if self._path.is_dir():
            for file in self._path.iterdir():
                file.unlink()

    def _cut_partition(self, partition: int, position: int) -> tuple[int, int]:
        with _map_numbers(self._locate_offsets(partition)) as offsets:
            rows = bisect_left(offsets, position)
        return self._cut_rows(partition, rows)

    def _cut_rows(self, partition: int, most: int) -> tuple[int, int]:
        """Return how many rows are left, and the end of the leaves that they are."""
        with _map_numbers(self._locate_offsets(partition)) as offsets:
            rows = min(most, len(offsets))
        with _map_numbers(self._locate_runs(partition)) as runs:
            count = bisect_left(range(len(runs) // 2), rows, key=lambda n: runs[2 * n])
            end = runs[2 * count - 1] + rows - runs[2 * count - 2] if count else 0
        _cut_file(self._locate_offsets(partition), rows)
        _cut_file(self._locate_runs(partition), 2 * count)
        return rows, end

    def _locate_offsets(self, partition: int) -> Path:
        return self._path / f"offsets-{_name_part(partition)}"

    def _locate_runs(self, partition: int) -> Path:
        return self._path / f"runs-{_name_part(partition)}"


def _name_part(partition: int) -> str:
    return "figures" if partition == FIGURE_LEAVES else str(partition)


@contextmanager
def _map_numbers(file: Path) -> Iterator[Numbers]:
    """Map a file of numbers; none where there is no file. Raises Unavailable."""
    try:
        with file.open("rb") as found:
            size = found.seek(0, SEEK_END) // _NUMBER_BYTES * _NUMBER_BYTES
            if not size:
                yield ()
                return
            with (
                mmap.mmap(found.fileno(), size, access=mmap.ACCESS_READ) as content,
                memoryview(content) as view,
                view.cast("q") as numbers,
            ):
                yield numbers
    except FileNotFoundError:
        yield ()
    except OSError as error:
        raise Unavailable(f"{file} cannot be read: {error.strerror}") from None


def _cut_file(file: Path, numbers: int) -> None:
    if file.exists() and file.stat().st_size != numbers * _NUMBER_BYTES:
        with file.open("r+b") as found:
            found.truncate(numbers * _NUMBER_BYTES)

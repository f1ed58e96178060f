"""Sealing: outputs in, tiles and signed checkpoints out. Whoever feeds it and publishes for it stands around it.

The order of effects of one checkpoint:

1. Outputs that joined on since the last one are appended, partition after partition, each in the order of positions;
   then the figures that were published since, in the order of their topic.
2. Their full tiles and the partial tiles of the new size are written; what lies past the last checkpoint already, of a
   sealer that was killed, is overwritten. So is the index.
3. The signed checkpoint is published, and acknowledged: this commits. After any kill the next sealer goes on from the
   last checkpoint that was published, to the same leaves in the same order.
4. The file ``checkpoint`` is replaced (after a kill before that, by the next sealer); partial tiles whose full one is
   there are removed; an announced key is followed.

Whatever raises between leaves this object unusable: the next one begins at the last published checkpoint.
"""

from collections.abc import Callable

from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.notes import SignedNote
from proofs.tiles import HashTile, TreeEdge
from proofs.tree import EMPTY_ROOT
from seals.chain import SealedOutput, SealingChain
from seals.directory import SealDirectory
from seals.index import SealIndex
from seals.keys import SealKeys
from seals.leaves import FIGURE_LEAVES
from seals.outputs import OutputPart

Publish = Callable[[SignedNote], None]


class Sealer:
    """Seals one ledger's outputs and published figures from a checkpoint on.

    Args:
        directory: of the tiles.
        keys: by which checkpoints are signed.
        last: the last checkpoint that was published; ``begin_log`` where there is none.
        publish: returns once a note is acknowledged.

    Raises:
        NotValid: the tiles are not those of the last checkpoint, or the index lacks some of it: make them again.
    """

    def __init__(self, directory: SealDirectory, keys: SealKeys, last: Checkpoint, publish: Publish) -> None:
        self.checkpoint = last
        self._directory, self._keys, self._publish = directory, keys, publish
        self._index = SealIndex(directory.path)
        self._edge = restore_tree(directory, last)
        if not self._index.cut_back(last):
            raise NotValid("the index beside the tiles is not that of the last checkpoint")
        self._chains = [SealingChain(position - 1) for position in last.positions]
        self._ready: list[list[SealedOutput]] = [[] for _ in last.positions]
        self._figures: list[SealedOutput] = []
        self.figures_next = self._index.find_figure_end()
        self.ready = 0

    def add_part(self, partition: int, part: OutputPart) -> None:
        """Add an output of a partition, or a part of one, in whatever order they are heard."""
        chain, ready = self._chains[partition], self._ready[partition]
        chain.add_part(part)
        before = len(ready)
        ready.extend(chain.follow_links())
        self.ready += len(ready) - before

    def add_figure(self, figure: SealedOutput) -> None:
        """Add a published figure, by its offset in ``soc.figures``; one that was added already changes nothing."""
        if figure.offset >= self.figures_next:
            self._figures.append(figure)
            self.figures_next = figure.offset + 1
            self.ready += 1

    def find_loose(self) -> dict[tuple[str, int], int]:
        """Find by topic and partition where the first record lies that waits for what comes before its output."""
        return {
            (topic, partition): at
            for partition, chain in enumerate(self._chains)
            for topic, at in chain.find_loose().items()
        }

    def seal_ready(self) -> Checkpoint | None:
        """Seal what has joined on; None where nothing is new.

        Raises:
            OSError: something cannot be written.
        """
        following = self._keys.read_following()
        if not self.ready and following is None:
            return None
        figures = self.checkpoint.sealed_figures + len(self._figures)
        full = self._append_ready()
        self._directory.write_tiles(self._edge.list_partial())
        verifier = None if following is None else following.make_verifier()
        checkpoint = Checkpoint(
            self._keys.origin,
            self._edge.size,
            self._edge.compute_root(),
            tuple(chain.position for chain in self._chains),
            "" if verifier is None else str(verifier),
            figures,
            self.checkpoint.follows,
        )
        note = self._keys.sign_text(checkpoint.write_text(), following)
        self._publish(note)
        self._directory.write_checkpoint(str(note))
        self._directory.prune_partial(tile.name for tile in full)
        if following is not None:
            self._keys.follow_key(following)
        self.checkpoint = checkpoint
        return checkpoint

    def _append_ready(self) -> list[HashTile]:
        """Append what is ready to the tree, its files and the index; the tiles that became full."""
        full: list[HashTile] = []
        for partition, ready in (*enumerate(self._ready), (FIGURE_LEAVES, self._figures)):
            if ready:
                self._index.append_outputs(partition, [one.offset for one in ready], self._edge.size)
                full += self._edge.append_leaves([one.leaf_hash for one in ready])
                ready.clear()
        self._directory.write_tiles(full)
        self.ready = 0
        return full


def begin_log(origin: str, partitions: int) -> Checkpoint:
    """Return the head of a log that nothing was appended to."""
    return Checkpoint(origin, 0, EMPTY_ROOT, (0,) * partitions)


def restore_tree(directory: SealDirectory, checkpoint: Checkpoint) -> TreeEdge:
    """Restore the right edge of a checkpoint's tree from its tiles. Raises NotValid: they are not its own."""
    edge = TreeEdge.restore_edge(checkpoint.size, directory.read_tile)
    if edge.compute_root() != checkpoint.root:
        raise NotValid(
            f"the tiles under {directory.path} are not those of the checkpoint of {checkpoint.size:,} leaves"
        )
    return edge

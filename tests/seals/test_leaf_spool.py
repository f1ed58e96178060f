"""Leaves put aside: given back by partition, in order, from one file however many partitions there are."""

import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from seals.chain import SealedOutput
from seals.leaf_spool import LeafSpool
from seals.leaves import FIGURE_LEAVES

PARTITIONS = 60
LEAVES = 9_000  # of one partition more than two blocks, of most less than one


def list_opened(folder: Path) -> list[str]:
    """The files of a folder that this process has open."""
    links = []
    for one in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):
            links.append(os.readlink(f"/proc/self/fd/{one}"))
    return [link for link in links if link.startswith(f"{folder}/")]


def make_leaves(rng: random.Random) -> list[tuple[int, SealedOutput]]:
    """Leaves of many partitions in a random order between them, most of them of partition 7, with holes; figures."""
    after = dict.fromkeys((*range(PARTITIONS), FIGURE_LEAVES), 0)
    made = []
    for _ in range(LEAVES):
        partition = 7 if rng.random() < 0.6 else rng.choice(list(after))
        after[partition] += rng.randrange(1, 4)
        made.append((partition, SealedOutput(after[partition], rng.randbytes(32))))
    return made


@pytest.mark.parametrize("seed", range(5))
def test_every_leaf_is_given_back_once_and_in_order(tmp_path: Path, seed: int) -> None:
    """Cut at random positions of each partition, and figures at random counts: together all, none twice."""
    rng = random.Random(seed)
    made = make_leaves(rng)
    with LeafSpool(tmp_path) as spool:
        spool.fill_spool(made)
        assert len(list_opened(tmp_path)) == 1
        for partition in range(PARTITIONS):
            leaves = [leaf for number, leaf in made if number == partition]
            cuts = sorted(rng.randrange(0, 20_000) for _ in range(4))
            before = 0
            for cut in cuts:
                wanted = [leaf for leaf in leaves if before <= leaf.offset < cut]
                assert list(spool.take_before(partition, cut)) == wanted
                before = max(before, cut)
            assert list(spool.take_before(partition, 2**62)) == [leaf for leaf in leaves if leaf.offset >= before]
        figures = [leaf for number, leaf in made if number == FIGURE_LEAVES]
        assert list(spool.take_figures(2)) == figures[:2]
        assert list(spool.take_figures(2)) == []
        assert list(spool.take_figures(10_000)) == figures[2:]
    assert list_opened(tmp_path) == []


def test_a_partition_without_leaves_gives_none(tmp_path: Path) -> None:
    """And an empty spool gives nothing at all."""
    with LeafSpool(tmp_path) as spool:
        spool.fill_spool([(3, SealedOutput(5, bytes(32)))])
        assert list(spool.take_before(0, 100)) == []
        assert list(spool.take_figures(1)) == []
        assert list(spool.take_before(3, 5)) == []
        assert list(spool.take_before(3, 6)) == [SealedOutput(5, bytes(32))]

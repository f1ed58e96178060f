"""A sealer without a broker: which leaves in which order, and that a killed one goes on to the same bytes."""

import itertools
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from ledger.errors import Misuse
from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.notes import SignedNote
from proofs.tiles import HashTile
from proofs.tree import Node, compute_root, hash_children
from seals.chain import SealingChain
from seals.index import OutputPosition, SealIndex
from seals.keys import SealKeys, make_secret
from seals.proving import prove_extension, prove_leaf, verify_tiles
from seals.remaking import remake_directory
from tests.seals.log_made import ORIGIN, MadeLog, join_outputs


def list_leaves(made: MadeLog, partition: int) -> dict[int, bytes]:
    """The leaf of each position of a partition."""
    chain = SealingChain()
    for found, part in made.outputs:
        if found == partition:
            chain.add_part(part)
    return {one.offset: one.leaf_hash for one in chain.follow_links()}


def compute_plain_root(hashes: list[bytes]) -> bytes:
    """The root over leaves by the definition, without a tile."""

    def read_node(node: Node) -> bytes:
        if node.level == 0:
            return hashes[node.number]
        return hash_children(*(read_node(Node(node.level - 1, 2 * node.number + n)) for n in (0, 1)))

    return compute_root(0, len(hashes), read_node)


def test_leaves_follow_partition_after_partition_within_each_checkpoint(tmp_path: Path) -> None:
    """Two checkpoints: the order is that of the checkpoints, then of partitions, then of positions."""
    made = MadeLog(tmp_path)
    made.fill_positions(2, 0, 2)
    made.fill_positions(0, 0, 1)
    made.sealer.seal_ready()
    made.fill_positions(1, 0, 1)
    made.fill_positions(0, 1, 3)
    made.sealer.seal_ready()
    order = [(0, 0), (2, 0), (2, 1), (0, 1), (0, 2), (1, 0)]
    hashes = [list_leaves(made, partition)[offset] for partition, offset in order]
    first, second = made.list_checkpoints()
    assert (first.size, first.positions, first.root) == (3, (1, 0, 2), compute_plain_root(hashes[:3]))
    assert (second.size, second.positions, second.root) == (6, (3, 1, 2), compute_plain_root(hashes))
    index = SealIndex(made.directory.path)
    assert [index.find_leaf(OutputPosition(*place)) for place in order] == list(range(6))
    assert index.find_leaf(OutputPosition(0, 3)) is None
    assert made.sealer.seal_ready() is None, "nothing is new"


def test_every_output_of_many_is_proved_and_another_is_refused(tmp_path: Path) -> None:
    """Over several full tiles, by each later checkpoint."""
    made = MadeLog(tmp_path, partitions=2)
    for first in range(0, 700, 100):
        made.fill_positions(0, first, first + 100)
        made.fill_positions(1, first // 2, first // 2 + 50)
        made.sealer.seal_ready()
    checkpoints, index = made.list_checkpoints(), SealIndex(made.directory.path)
    known = list_leaves(made, 0)
    for offset in (0, 99, 100, 399, 699):
        leaf = index.find_leaf(OutputPosition(0, offset))
        assert leaf is not None
        for checkpoint in (one for one in checkpoints if one.has_position(0, offset)):
            assert prove_leaf(made.directory, checkpoint, leaf, known[offset]).leaf == leaf
        with pytest.raises(NotValid, match=f"leaf {leaf:,} of the log is another"):
            prove_leaf(made.directory, checkpoints[-1], leaf, known[(offset + 1) % 700])
    for before, after in itertools.combinations(checkpoints, 2):
        prove_extension(made.directory, before, after)
    assert len(list(verify_tiles(made.directory, checkpoints[-1]))) == 4 + 1 + 1
    assert not list(made.directory.path.glob("tile/0/*.p"))[1:], "partial tiles go when the full one is there"


@pytest.mark.parametrize("step", ["tiles", "partial", "publish", "checkpoint", "prune"])
def test_a_sealer_killed_at_any_step_goes_on_to_the_same_bytes(tmp_path: Path, step: str) -> None:
    """Beside one that was never killed; what the killed one wrote past its last checkpoint is overwritten."""
    calm, killed = MadeLog(tmp_path / "calm"), MadeLog(tmp_path / "killed")
    killed.key_file.write_bytes(calm.key_file.read_bytes())
    killed.keys = SealKeys(killed.key_file, killed.next_file, killed.directory.path)
    killed.resume()
    for made in (calm, killed):
        made.fill_positions(0, 0, 300)
        made.publish_figures("Table 1")
        made.sealer.seal_ready()
    kill_at(killed, step)
    for made in (calm, killed):
        made.fill_positions(1, 0, 250)
        made.publish_figures("Table 2", "Table 3")
    with pytest.raises(KeyboardInterrupt):
        killed.sealer.seal_ready()
    killed = revive_log(killed)
    published = step in ("checkpoint", "prune")
    assert len(killed.published) == 1 + published
    if published:
        calm.sealer.seal_ready()
        assert killed.sealer.seal_ready() is None
    for made in (calm, killed):  # what was not published is sealed together with what comes now
        made.fill_positions(0, 300, 420)
        made.publish_figures("Table 4")
        made.sealer.seal_ready()
    assert killed.published == calm.published
    for name, content in calm.list_files().items():
        assert killed.list_files()[name] == content, name


def kill_at(made: MadeLog, step: str) -> None:
    """Let the sealer be killed at a step of its next checkpoint."""
    calls = {"tiles": 1, "partial": 2}
    if step in calls:
        write, left = made.directory.write_tiles, [calls[step]]

        def write_some(tiles: Iterable[HashTile]) -> None:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            write(tiles)

        made.directory.write_tiles = write_some  # type: ignore[method-assign]  # in this process alone
    elif step == "publish":
        made.sealer._publish = raise_killed
    else:
        name = {"checkpoint": "write_checkpoint", "prune": "prune_partial"}[step]
        setattr(made.directory, name, raise_killed)


def raise_killed(*_: object) -> None:
    """Be killed."""
    raise KeyboardInterrupt


def revive_log(made: MadeLog) -> MadeLog:
    """What a new process finds."""
    return MadeLog(made.path, published=made.published, outputs=made.outputs, figures=made.figures)


def test_tiles_and_index_are_made_again_from_the_outputs(tmp_path: Path) -> None:
    """Byte for byte, partial tiles of older checkpoints apart."""
    made = MadeLog(tmp_path)
    for first in range(0, 900, 300):
        made.fill_positions(0, first, first + 300)
        made.fill_positions(2, first, first + 10)
        made.publish_figures(f"Table {first}")
        made.sealer.seal_ready()
    before = made.list_files()
    for file in (*made.directory.path.glob("tile/**/*"), *made.directory.path.glob("index/*")):
        if file.is_file():
            file.unlink()
    with pytest.raises(NotValid, match="is missing"):
        made.resume()
    remake_directory(made.directory, made.list_checkpoints(), join_outputs(made))
    made.resume()
    after = made.list_files()
    assert after == {name: content for name, content in before.items() if name in after}
    assert {name for name in before if ".p/" not in name} <= after.keys()
    assert len(list(verify_tiles(made.directory, made.list_checkpoints()[-1]))) == 4 + 1


def test_a_directory_that_was_removed_is_made_again(tmp_path: Path) -> None:
    """All of it, not its files alone: tiles may be thrown away."""
    made = MadeLog(tmp_path, partitions=1)
    made.fill_positions(0, 0, 300)
    made.sealer.seal_ready()
    tiles = {name: content for name, content in made.list_files().items() if name.startswith("tile")}
    shutil.rmtree(made.directory.path)
    remake_directory(made.directory, made.list_checkpoints(), join_outputs(made))
    assert {name: content for name, content in made.list_files().items() if name.startswith("tile")} == tiles


def test_outputs_that_are_not_those_that_were_sealed_make_no_tile(tmp_path: Path) -> None:
    """The first checkpoint that does not hold is named, and what lies on the disk stays as it is."""
    made = MadeLog(tmp_path, partitions=1)
    for end in (300, 600):
        made.fill_positions(0, end - 300, end)
        made.sealer.seal_ready()
    before = made.list_files()
    outputs = join_outputs(made)
    outputs[400] = (0, outputs[400][1]._replace(leaf_hash=bytes(32)))
    with pytest.raises(NotValid, match=r"the checkpoint of 600 leaves seals: .* before its positions 600$"):
        remake_directory(made.directory, made.list_checkpoints(), outputs)
    tiles = {name: content for name, content in before.items() if name.startswith("tile")}
    assert {name: content for name, content in made.list_files().items() if name.startswith("tile")} == tiles


def test_a_key_is_changed_by_a_checkpoint_that_both_signed(tmp_path: Path) -> None:
    """Who knows the first key alone follows; what the old key signs afterwards does not count."""
    made = MadeLog(tmp_path)
    first = made.keys.list_verifiers()
    made.fill_positions(0, 0, 2)
    made.sealer.seal_ready()
    old = SealKeys(made.key_file, tmp_path / "none", tmp_path / "elsewhere")
    following = make_secret(made.next_file, ORIGIN)
    announced = made.sealer.seal_ready()
    assert announced is not None
    assert announced.next_key == str(following.make_verifier())
    assert (made.key_file.read_text().strip(), made.next_file.exists()) == (following.write_secret(), False)
    made.fill_positions(0, 2, 4)
    made.sealer.seal_ready()
    history = made.follow_history(keys=first)
    assert [one.checkpoint.size for one in history.checkpoints] == [2, 2, 4]
    assert history.keys == made.keys.list_verifiers() == [*first, following.make_verifier()]
    stolen = Checkpoint(ORIGIN, 5, bytes(32), (5, 0, 0)).write_text()
    made.publish(old.sign_text(stolen, None))
    assert [one.why for one in made.follow_history(keys=first).passed] == ["it is not signed by the log's key"]


def test_a_change_of_keys_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    """Killed between publishing and following: the next sealer signs by the announced key."""
    made = MadeLog(tmp_path)
    made.fill_positions(0, 0, 2)
    following = make_secret(made.next_file, ORIGIN)
    made.keys.follow_key = raise_killed  # type: ignore[method-assign, assignment]  # in this process alone
    with pytest.raises(KeyboardInterrupt):
        made.sealer.seal_ready()
    assert made.follow_history().signing_key == following.make_verifier()
    assert made.next_file.exists()


def test_keys_of_a_log_that_was_put_away_are_none_of_the_next_ones(tmp_path: Path) -> None:
    """Though they were left beside the secret: a bundle of the next log would begin with a key that never signed it."""
    file = tmp_path / "keys" / "seal.key"
    make_secret(file, "the.first/log")
    SealKeys(file, tmp_path / "none", tmp_path / "seals")
    file.unlink()
    new = make_secret(file, "the.second/log")
    keys = SealKeys(file, tmp_path / "none", tmp_path / "other-seals")
    assert keys.list_verifiers() == [new.make_verifier()]
    assert (tmp_path / "other-seals" / "keys").read_text() == f"{new.make_verifier()}\n"


def test_a_log_whose_directory_is_lost_is_made_again_across_a_change_of_keys(tmp_path: Path) -> None:
    """The older verifier keys are kept beside the secret too: without them no older checkpoint could be followed."""
    made = MadeLog(tmp_path)
    made.fill_positions(2, 0, 2)
    made.fill_positions(0, 0, 1)
    made.sealer.seal_ready()
    make_secret(made.next_file, ORIGIN)
    made.fill_positions(1, 0, 1)
    made.sealer.seal_ready()
    before, known = made.list_checkpoints(), made.keys.list_verifiers()
    shutil.rmtree(made.directory.path)
    made.keys = SealKeys(made.key_file, made.next_file, made.directory.path)
    assert made.keys.list_verifiers() == known
    assert made.list_checkpoints() == before
    remake_directory(made.directory, before, join_outputs(made))
    made.resume()


def test_a_secret_key_is_for_its_owner_alone_and_is_never_shown(tmp_path: Path) -> None:
    """Nor written over; one that everybody may read is refused."""
    file = tmp_path / "keys" / "seal.key"
    key = make_secret(file, ORIGIN)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(Misuse, match="is there already"):
        make_secret(file, ORIGIN)
    file.chmod(0o644)
    with pytest.raises(Misuse, match="may be read by everybody") as found:
        SealKeys(file, tmp_path / "none", tmp_path)
    assert key.write_secret() not in str(found.value)


def test_a_note_that_cannot_be_published_is_not_in_the_directory(tmp_path: Path) -> None:
    """The file follows the topic, never the other way round."""
    made = MadeLog(tmp_path)
    made.fill_positions(0, 0, 1)

    def raise_refusal(_: SignedNote) -> None:
        raise OSError("no")

    made.sealer._publish = raise_refusal
    with pytest.raises(OSError, match="no"):
        made.sealer.seal_ready()
    assert not (made.directory.path / "checkpoint").exists()

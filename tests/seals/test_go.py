"""Checkpoints, proofs and tiles, checked by Go's sumdb packages: code that nobody here wrote."""

import json
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from proofs.tree import hash_leaf
from schemas.definitions import FIGURE, read_definition
from schemas.figures import encode_figure
from schemas.registry import pin_ids
from schemas.upcast import compute_fingerprint
from schemas.wire import FRAME_BYTES
from seals.index import OutputPosition, SealIndex
from seals.keys import make_secret
from seals.leaves import FIGURE_LEAVES, make_leaf
from seals.proving import list_tiles, prove_extension, prove_leaf
from tests.figures import make_published_figure
from tests.seals.log_made import ORIGIN, MadeLog

HERE = Path(__file__).parent / "goverify"
LEAF = OutputPosition(1, 7)


@pytest.fixture(scope="module")
def goverify(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small program beside this file, built."""
    go = shutil.which("go")
    assert go is not None, "this test needs Go: `make setup` installs Debian's golang-go, or put go on the path"
    program = tmp_path_factory.mktemp("goverify") / "goverify"
    subprocess.run([go, "build", "-buildvcs=false", "-o", str(program), "."], cwd=HERE, check=True, timeout=240)
    return program


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A log over several tiles, whose key was changed, and what we say of it."""
    made = MadeLog(tmp_path_factory.mktemp("log"))
    made.fill_positions(1, 0, 100)
    made.fill_positions(2, 0, 300)
    made.publish_figures("Table 1", "Table 2")
    made.sealer.seal_ready()
    make_secret(made.next_file, ORIGIN)
    made.sealer.seal_ready()
    made.fill_positions(0, 0, 403)
    made.sealer.seal_ready()
    part = next(part for partition, part in made.outputs if (partition, part.offset) == LEAF)
    return describe_leaf(made, LEAF, make_leaf(part.topic, part.fingerprint, [part.datum]))


def describe_leaf(made: MadeLog, place: OutputPosition, leaf: bytes) -> dict[str, Any]:
    """What we say of a log and of one of its leaves."""
    checkpoints = made.list_checkpoints()
    first, second = checkpoints[0], checkpoints[-1]
    index = SealIndex(made.directory.path).find_leaf(place)
    assert index is not None
    proof = prove_leaf(made.directory, second, index, hash_leaf(leaf))
    return {
        "Keys": [str(key) for key in made.keys.list_verifiers()],
        "Directory": str(made.directory.path),
        "First": made.published[0].decode(),
        "Second": made.published[-1].decode(),
        "Index": index,
        "Leaf": b64encode(leaf).decode(),
        "Inclusion": [b64encode(one).decode() for one in proof.hashes],
        "Consistency": [b64encode(one).decode() for one in prove_extension(made.directory, first, second)],
        "Tiles": [str(name) for name in list_tiles(second.size)],
    }


def run_verifier(goverify: Path, asked: dict[str, Any]) -> str:
    """What the program says."""
    done = subprocess.run(
        [str(goverify)], input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode == 0) is (done.stdout == "valid\n"), done.stderr
    return done.stdout.strip()


def test_go_verifies_signatures_proofs_and_tiles(goverify: Path, asked: dict[str, Any]) -> None:
    """The first checkpoint by the first key, the second by the one that followed."""
    assert run_verifier(goverify, asked) == "valid"


def test_go_verifies_that_a_published_figure_is_sealed(goverify: Path, tmp_path: Path) -> None:
    """Its leaf is the datum behind the line that names topic and schema, and another's proof is none of its own."""
    made = MadeLog(tmp_path)
    made.fill_positions(1, 0, 100)
    made.publish_figures("Table 1", "Table 2")
    made.sealer.seal_ready()
    made.fill_positions(0, 0, 300)
    made.sealer.seal_ready()
    value = encode_figure(make_published_figure(note="Table 2"), pin_ids())
    leaf = make_leaf("soc.figures", compute_fingerprint(read_definition(FIGURE)), [value[FRAME_BYTES:]])
    asked = describe_leaf(made, OutputPosition(FIGURE_LEAVES, 3), leaf)
    assert asked["Index"] == 101
    assert run_verifier(goverify, asked) == "valid"
    assert run_verifier(goverify, asked | {"Leaf": b64encode(leaf + b"x").decode()}).startswith(
        "our proof of inclusion: "
    )


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("Leaf", "our proof of inclusion: "),
        ("Index", "our proof of inclusion: "),
        ("Inclusion", "our proof of inclusion: "),
        ("Consistency", "our proof of consistency: "),
        ("First", "first checkpoint: "),
        ("Second", "second checkpoint: "),
        ("Directory", "inclusion"),  # another proof; later versions of the package name the tile
        ("Tiles", "tiles "),
    ],
)
def test_go_refuses_what_was_altered(
    goverify: Path, asked: dict[str, Any], field: str, said: str, tmp_path: Path
) -> None:
    """Each in its turn: the check can fail."""
    wrong: dict[str, Any] = {
        "Leaf": b64encode(b"another").decode(),
        "Index": asked["Index"] + 1,
        "Inclusion": [*asked["Inclusion"][:-1], b64encode(bytes(32)).decode()],
        "Consistency": asked["Consistency"][1:],
        "First": asked["First"].replace("\n402\n", "\n401\n"),
        "Second": asked["Second"].replace("positions 403", "positions 404"),
        "Tiles": asked["Tiles"][1:],
        "Directory": str(tmp_path / "log"),
    }
    if field == "Directory":
        shutil.copytree(asked["Directory"], wrong["Directory"])
        tile = tmp_path / "log" / "tile" / "0" / "000"
        tile.write_bytes(tile.read_bytes()[:-1] + b"x")
    assert run_verifier(goverify, asked | {field: wrong[field]}).startswith(said)

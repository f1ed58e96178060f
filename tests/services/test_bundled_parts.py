"""Entries in parts, and positions with several outputs: what is sealed is what a bundle holds."""

from pathlib import Path

import pytest

from audit.topic_reader import TopicRecord
from infra.topics import ENTRIES
from proofs.errors import NotValid
from schemas.containers import read_datums
from schemas.definitions import ENTRY, read_definition
from seals.chain import SealedOutput
from seals.leaves import hash_output
from seals.outputs import OutputPart
from services.bundle.topics import HeldPart, choose_sealed
from tests.services import bundled
from tests.services.bundled import CUTS
from tests.services.conftest import Verify

AMENDED = 4  # the output that moves a disruption from one account to another: it has two legs


@pytest.fixture
def parted(tmp_path: Path) -> Path:
    """A bundle with an entry in two parts."""
    ledger = bundled.make_sealed()
    ledger.parted = (0, AMENDED)
    bundled.write_bundle(tmp_path / "out", ledger.make_source(ledger.seal_at(*CUTS)))
    return tmp_path / "out"


def test_an_entry_in_parts_is_one_leaf(parted: Path, verify: Verify) -> None:
    """It is counted once, and the figures are those of the whole one."""
    said = verify(parted)
    assert said["valid"], said["fault"]
    assert any("16 outputs are byte for byte" in one for one in said["checked"])
    assert any("12 entries and 4 rejections" in one for one in said["checked"])


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ([0, 1, 2, 3, 5, 4, 6], "the record of offset 4 has no place here"),  # the second part first
        ([0, 1, 2, 3, 4, 6], "has no place here"),  # the second part is missing
        ([0, 1, 2, 3, 4, 5], "a part of the last entry is missing, or there are not 6 frames"),  # one frame too many
    ],
)
def test_parts_that_are_not_those_of_the_entry_are_named(
    parted: Path, verify: Verify, order: list[int], said: str
) -> None:
    """With the manifest made again."""
    path = next(one for one in parted.glob("entries/0.*") if ".frames." not in one.name)
    with path.open("rb") as stream:
        datums = [datum for datum, _ in read_datums(stream)]
    path.write_bytes(bundled.pack_container(read_definition(ENTRY), [datums[number] for number in order]))
    bundled.rewrite_manifest(parted)
    assert said in verify(parted)["fault"]


def make_part(part: int, parts: int, datum: bytes) -> HeldPart:
    """A part of the output of position 7."""
    found = OutputPart(ENTRIES, part, 0, 7, 6, part, parts, "ab", datum)
    return found, TopicRecord(part, 0, None, datum, ())


def test_of_several_outputs_of_a_position_the_sealed_one_is_taken() -> None:
    """Known by its leaf: of a repeated part the first, and not the entry that is not in parts."""
    held = [make_part(0, 1, b"other"), make_part(0, 2, b"a"), make_part(0, 2, b"again"), make_part(1, 2, b"b")]
    sealed = SealedOutput(7, hash_output(ENTRIES, "ab", [b"a", b"b"]))
    assert choose_sealed(sealed, held) == [held[1], held[3]]
    with pytest.raises(NotValid, match="nothing of position 7"):
        choose_sealed(sealed, held[:3])

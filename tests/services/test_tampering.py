"""Every way of not being valid, each of them named, whatever its forger computes again."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pytest

from audit import offline_verifier
from proofs.notes import SignedNote, sign_note
from schemas.containers import read_datums
from tests.services import bundled
from tests.services.bundled import CUTS
from tests.services.conftest import Verify


def edit_lines(path: Path, number: int, change: Callable[[Any], Any]) -> None:
    """Change one line of JSON."""
    lines = path.read_text().splitlines()
    lines[number] = json.dumps(change(json.loads(lines[number])))
    path.write_text("\n".join(lines) + "\n")


def edit_datum(path: Path, number: int, change: Callable[[bytes], bytes]) -> None:
    """Write a container again with one datum changed."""
    with path.open("rb") as stream:
        datums = [datum for datum, _ in read_datums(stream)]
    datums[number] = change(datums[number])
    path.write_bytes(bundled.pack_container(read_schema(path), datums))


def read_schema(path: Path) -> Any:
    """The schema in a container's header."""
    with path.open("rb") as stream:
        return json.loads(fastavro.block_reader(stream).metadata["avro.schema"])


def find_file(bundle: Path, pattern: str) -> Path:
    """The first file of that pattern that is no file of frames."""
    return next(one for one in sorted(bundle.glob(pattern)) if ".frames." not in one.name)


@pytest.mark.parametrize("seed", range(16))
def test_a_changed_byte_anywhere_is_found(bundle: Path, verify: Verify, seed: int) -> None:
    """Of a file that the seed chooses, and the file is named."""
    chance = random.Random(seed)
    path = chance.choice(sorted(one for one in bundle.rglob("*") if one.is_file() and one.name != "manifest.json"))
    raw = bytearray(path.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    path.write_bytes(raw)
    said = verify(bundle)
    assert said["fault"] == f"{path.relative_to(bundle).as_posix()}: it is not as the manifest has it: it was changed"


def test_a_file_missing_added_swapped_or_linked_is_named(bundle: Path, verify: Verify) -> None:
    """Each by its name."""
    first, second = find_file(bundle, "entries/0*"), find_file(bundle, "entries/1*")
    first.rename(bundle / "aside")
    second.rename(first)
    (bundle / "aside").rename(second)
    assert verify(bundle)["fault"].startswith(first.relative_to(bundle).as_posix())
    bundled.rewrite_manifest(bundle)
    assert "has no place here" in verify(bundle)["fault"]
    first.unlink()
    assert verify(bundle)["fault"] == f"{first.relative_to(bundle).as_posix()}: the file is missing"
    first.symlink_to(second)
    assert "it is a link" in verify(bundle)["fault"]
    first.unlink()
    second.rename(first)
    (bundle / "entries" / "x.txt").write_text("x")
    said = verify(bundle)["fault"]
    assert said == f"{second.relative_to(bundle).as_posix()}: the file is missing"
    second.write_bytes(first.read_bytes())
    assert verify(bundle)["fault"] == "entries/x.txt: the manifest does not list it: it was added"


def test_a_name_says_no_more_than_a_name(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file whose name is a verdict of its own, and turns a terminal's colours."""
    (bundle / "a\nvalid: all that was checked holds\x1b[2J\u00e9").write_text("x")
    assert offline_verifier.main([str(bundle)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == (
        "NOT VALID: a?valid: all that was checked holds?[2J\\xe9: the manifest does not list it: it was added"
    )


def test_the_manifests_own_digest_is_held_to_what_was_told(bundle: Path, verify: Verify) -> None:
    """A manifest that says the same in other bytes is another."""
    digest = verify(bundle)["checked"][0].rpartition(" ")[2]
    assert verify(bundle, "--manifest", digest.upper())["valid"]
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["valid"]
    assert "not the one that you gave" in verify(bundle, "--manifest", digest)["fault"]


@pytest.mark.parametrize("seed", range(16))
def test_a_changed_record_is_found_whatever_its_forger_computes_again(bundle: Path, verify: Verify, seed: int) -> None:
    """A byte of a datum changes, and every digest of the manifest follows: its position is named, or where it is."""
    chance = random.Random(seed)
    path = find_file(bundle, chance.choice(["entries/0*", "entries/1*", "rejected/0*", "rejected/1*"]))

    def flip_byte(datum: bytes) -> bytes:
        place = chance.randrange(len(datum))
        return datum[:place] + bytes([datum[place] ^ 1 << chance.randrange(8)]) + datum[place + 1 :]

    edit_datum(path, chance.randrange(2), flip_byte)
    bundled.rewrite_manifest(bundle)
    said = verify(bundle)["fault"]
    assert said.startswith((f"partition {path.name[0]}", path.relative_to(bundle).as_posix(), "partition")), said


def test_a_record_whose_meaning_changes_is_named_by_its_position(bundle: Path, verify: Verify) -> None:
    """Kent becomes Gent in an entry of partition 0: the leaf is another."""
    path = find_file(bundle, "entries/0*")
    edit_datum(path, 2, lambda datum: datum.replace(b"kent", b"gent"))
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == ("partition 0, offset 2: the output is not the one that was sealed (leaf 5)")


def test_a_record_left_out_is_named(bundle: Path, verify: Verify) -> None:
    """With its frame: what comes after it joins on to nothing."""
    path = find_file(bundle, "entries/1*")
    for one in (path, path.with_name(path.name.replace(".avro", ".frames.avro"))):
        with one.open("rb") as stream:
            datums = [datum for datum, _ in read_datums(stream)]
        one.write_bytes(bundled.pack_container(read_schema(one), datums[:1] + datums[2:]))
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == (
        "partition 1: the output of offset 2 does not join on to 0: one is missing or added"
    )


def test_a_forger_who_makes_the_tiles_again_is_stopped_by_the_root(bundle: Path, verify: Verify) -> None:
    """Record, tile and manifest agree; the signed root does not."""
    tile = bundle / "tile/0/000.p/17"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == (
        "checkpoints.ndjson, line 1: its root is not that of the first 3 leaves: a tile or it was changed"
    )


@pytest.mark.parametrize("seed", range(12))
def test_a_changed_letter_of_a_checkpoint_is_found(bundle: Path, verify: Verify, seed: int) -> None:
    """Of its text or of a signature: the line is named."""
    chance = random.Random(seed)
    number = chance.randrange(len(CUTS))

    def change_record(line: dict[str, Any]) -> dict[str, Any]:
        note = line["note"]
        place = chance.choice([n for n, letter in enumerate(note) if letter not in "\n \u2014=+"])
        letter = "A" if note[place] != "A" else "B"
        return line | {"note": note[:place] + letter + note[place + 1 :]}

    edit_lines(bundle / "checkpoints.ndjson", number, change_record)
    bundled.rewrite_manifest(bundle)
    said = verify(bundle, "--quorum", "1")["fault"]
    places = [f"checkpoints.ndjson, line {number + one}" for one in (1, 2)]
    assert said.startswith((*places, "manifest.json")), said


def test_a_checkpoint_that_goes_back_is_named(bundle: Path, verify: Verify) -> None:
    """Signed by the log's own key: signatures are no excuse."""
    path = bundle / "checkpoints.ndjson"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[1], lines[0], lines[2]]) + "\n")
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == "checkpoints.ndjson, line 2: it goes back behind the one before it"


def test_who_signs_everything_again_by_another_key_is_found_by_who_knows_the_key(
    tmp_path: Path, verify: Verify
) -> None:
    """The whole bundle is a stranger's and agrees with itself: without the key, nothing is said of who signed."""
    ledger = bundled.make_sealed()
    source = ledger.make_source(ledger.seal_at(*CUTS, key=bundled.STRANGER_KEY), bundled.STRANGER_KEY)
    bundled.write_bundle(tmp_path / "forged", source)
    said = verify(tmp_path / "forged")
    assert said["valid"]
    assert any("who signed" in one for one in said["not_checked"])
    (key,) = map(str, bundled.read_keys(bundled.LOG_KEY))
    assert verify(tmp_path / "forged", "--key", key)["fault"] == (
        "checkpoints.ndjson, line 3: the log's key is not the one that you gave with --key"
    )


def test_a_checkpoint_signed_by_an_unknown_key_is_named(bundle: Path, verify: Verify) -> None:
    """The last one, again by a stranger of the same name."""

    def change_record(line: dict[str, Any]) -> dict[str, Any]:
        text = line["note"].partition("\n\n")[0] + "\n"
        return line | {"note": str(SignedNote(text, (sign_note(text, bundled.STRANGER_KEY),)))}

    edit_lines(bundle / "checkpoints.ndjson", 2, change_record)
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == "checkpoints.ndjson, line 3: it is not signed by the log's key"


def test_the_log_goes_on_by_a_key_that_it_announced_and_by_no_other(tmp_path: Path, verify: Verify) -> None:
    """Who knows the old key or the new one knows who signed; an announcement that one did not sign is none."""
    ledger = bundled.make_sealed()
    out = tmp_path / "out"
    bundled.write_bundle(out, ledger.make_source(ledger.seal_at(*CUTS, announced=1)))
    old, new, other = map(
        str, bundled.read_keys(bundled.LOG_KEY, bundled.STRANGER_KEY, bundled.LOG_KEY._replace(seed=bytes(32)))
    )
    assert verify(out, "--key", old)["valid"]
    assert verify(out, "--key", new)["valid"]
    assert "not the one that you gave" in verify(out, "--key", other)["fault"]

    def drop_record(line: dict[str, Any]) -> dict[str, Any]:
        return line | {"note": line["note"].rpartition("\u2014")[0]}

    edit_lines(out / "checkpoints.ndjson", 1, drop_record)
    bundled.rewrite_manifest(out)
    assert verify(out)["fault"] == "checkpoints.ndjson, line 2: it is not signed by the log's key"


def test_more_cosignatures_than_there_are_are_refused(made: Path, verify: Verify) -> None:
    """One witness cosigned; one whose key is not known does not count."""
    assert verify(made, "--quorum", "1")["valid"]
    assert "1 known witnesses cosigned it; 2 were asked for" in verify(made, "--quorum", "2")["fault"]
    (other,) = map(str, bundled.read_keys(bundled.WITNESS_KEY._replace(seed=bytes(range(3, 35)))))
    assert "0 known witnesses" in verify(made, "--quorum", "1", "--witness", other)["fault"]


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        (("cells", 0, "n"), lambda n: n + 1, "the total is 7; the postings add up to 6"),
        (("cells",), lambda _: [], "the total is 0; the postings add up to 6"),
        (("as_at",), lambda at: at - 10 * 86_400_000, "the total is 6; the postings add up to 0"),
        (("type",), lambda _: None, "it adds lead and support"),
        (("positions",), lambda _: [9, 9], "it counts what the bundle does not hold"),
    ],
)
def test_a_figure_that_does_not_follow_from_the_postings_is_named(
    bundle: Path, verify: Verify, place: tuple[str | int, ...], change: Callable[[Any], Any], said: str
) -> None:
    """With the manifest made again."""
    path = bundle / "figures/table.json"
    table = json.loads(path.read_text())
    found = table["figures"][0]
    for step in place[:-1]:
        found = found[step]
    found[place[-1]] = change(found[place[-1]])
    path.write_text(json.dumps(table))
    bundled.rewrite_manifest(bundle)
    assert verify(bundle)["fault"] == f"figures/table.json, figure 1: {said}"


def test_a_published_figure_that_does_not_follow_is_named(tmp_path: Path, verify: Verify) -> None:
    """Kent has two in the period, not three; and one read further than the seal is not checked, and that is said."""
    ledger = bundled.make_sealed()
    ledger.figures += [bundled.make_figure(2, positions=(9, 1)), bundled.make_figure(3)]
    bundled.write_bundle(tmp_path / "out", ledger.make_source(ledger.seal_at(*CUTS)))
    said = verify(tmp_path / "out")
    assert said["fault"].endswith("avro, figure 2: by org: kent is 3; the postings add up to 2")
    ledger.figures.pop()
    bundled.write_bundle(tmp_path / "other", ledger.make_source(ledger.seal_at(*CUTS)))
    assert any("1 published figures, which count by" in one for one in verify(tmp_path / "other")["not_checked"])

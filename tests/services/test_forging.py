"""Forgeries that agree with themselves: ends cut off, words put in, a past that was known later, a log that errs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.containers import read_datums
from tests.services import bundled
from tests.services.conftest import Verify
from tests.services.test_tampering import edit_datum, edit_lines, find_file, read_schema


def cut_last(bundle: Path) -> None:
    """Leave out the last refusal of partition 0, and its frame."""
    path = find_file(bundle, "rejected/0*")
    for one in (path, path.with_name(path.name.replace(".avro", ".frames.avro"))):
        with one.open("rb") as stream:
            datums = [datum for datum, _ in read_datums(stream)]
        one.write_bytes(bundled.pack_container(read_schema(one), datums[:-1]))


def change_note(bundle: Path) -> None:
    """Say that a published figure was published in something else."""
    edit_datum(find_file(bundle, "figures/0*"), 0, lambda datum: datum.replace(b"A report", b"B report"))


def change_text(pattern: str, old: str, new: str) -> Callable[[Path], None]:
    """Change words of a file."""

    def change_claims(bundle: Path) -> None:
        path = find_file(bundle, pattern)
        path.write_text(path.read_text().replace(old, new))

    return change_claims


def know_earlier(bundle: Path) -> None:
    """Say of the first figure that it was known ten days before."""
    path = bundle / "figures/table.json"
    table = json.loads(path.read_text())
    table["figures"][0]["known_at"] -= 10 * 86_400_000
    path.write_text(json.dumps(table))


def withhold_positions(bundle: Path) -> None:
    """Give positions as hashes in a bundle that says that it holds everything."""
    (bundle / "withheld").mkdir()
    (bundle / "withheld/0.txt").write_text("8 7\n")


def sign_another(old: str, new: str) -> Callable[[Path], None]:
    """Sign, by the log's own key, a checkpoint of other words."""
    return lambda bundle: edit_lines(bundle / "checkpoints.ndjson", 1, lambda line: bundled.sign_line(line, old, new))


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (cut_last, "partition 0: its outputs end at offset 6; the last checkpoint seals those before 8"),
        (change_note, "figure 1: it was changed after it was sealed (place 1 of the 1 figures that were sealed)"),
        (change_text("rules/*", "Kent Police", "Gent Police"), "its digest is not its name"),
        (change_text("schemas/aa4a*", '"DUPLICATE"', '"REPEATED"'), "its fingerprint is not its name"),
        (know_earlier, "figures/table.json, figure 1: the total is 6; the postings add up to 0"),
        (withhold_positions, "and says that everything is held"),
        (
            sign_another("positions 5 8", "positions 5 7"),
            "checkpoints.ndjson, line 2: its positions and figures hold 12 leaves, and it says 13",
        ),
        (sign_another("figures 0", "figures -1"), "line 2: it is not written as a checkpoint of a ledger"),
        (sign_another("figures 0", "figures \uff10"), "line 2: it is not written as a checkpoint of a ledger"),
    ],
)
def test_a_forgery_is_named(bundle: Path, verify: Verify, forge: Callable[[Path], None], said: str) -> None:
    """With every digest of the manifest made again."""
    forge(bundle)
    bundled.rewrite_manifest(bundle)
    assert said in verify(bundle)["fault"]

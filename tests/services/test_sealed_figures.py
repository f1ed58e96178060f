"""Published figures in a bundle: those that were sealed, in their order, and no others."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proofs.errors import NotValid
from schemas.containers import read_datums
from tests.services import bundled
from tests.services.bundled import CUTS
from tests.services.conftest import Verify
from tests.services.test_tampering import edit_datum, edit_lines, find_file, read_schema

NOTES = ("Table 1", "Table 2", "Table 3")
Change = Callable[[list[bytes]], list[bytes]]


def make_ledger(*, seals_figures: bool = True) -> bundled.SealedLedger:
    """Three published figures: the second checkpoint seals the first of them, the third all."""
    ledger = bundled.make_sealed()
    ledger.figures += [bundled.make_figure(2, note=note) for note in NOTES]
    ledger.seals_figures = seals_figures
    return ledger


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A bundle of them."""
    ledger = make_ledger()
    bundled.write_bundle(tmp_path / "three", ledger.make_source(ledger.seal_at(*CUTS)))
    return tmp_path / "three"


def change_figures(bundle: Path, change: Change) -> None:
    """Change the figures, and in the same way their frames; every digest of the manifest is made again."""
    figures = find_file(bundle, "figures/0*")
    frames = figures.with_name(figures.name.replace(".avro", ".frames.avro"))
    for path in (figures, frames):
        with path.open("rb") as stream:
            datums = [datum for datum, _ in read_datums(stream)]
        path.write_bytes(bundled.pack_container(read_schema(path), change(datums)))
    manifest = json.loads((bundle / "manifest.json").read_text())
    with figures.open("rb") as stream:
        manifest["published_figures"] = len(list(read_datums(stream)))
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    bundled.rewrite_manifest(bundle)


def test_all_that_were_sealed_are_there(three: Path, verify: Verify) -> None:
    """And what a bundle could not say before is not left open any more."""
    said = verify(three)
    assert said["valid"], said["fault"]
    assert (
        "3 published figures are byte for byte those that were sealed: none was left out, none put in"
        in said["checked"]
    )
    assert "16 outputs are byte for byte those that were sealed" in said["checked"]
    assert not [one for one in said["not_checked"] if "left out or put in" in one]
    assert json.loads((three / "manifest.json").read_text())["format"] == "disruption-ledger/bundle/v2"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: [one[0], one[2]], "figure 2: one that was sealed before it was left out (place 2 of the 3"),
        (lambda one: one[:2], "figures: one that was sealed before it was left out (place 3 of the 3"),
        (lambda _: [], "figures: one that was sealed before it was left out (place 1 of the 3"),
        (lambda one: [*one, one[0]], "does not stand where it was sealed (place 2 of the 3"),
    ],
)
def test_one_that_was_left_out_or_stands_twice_is_named(three: Path, verify: Verify, change: Change, said: str) -> None:
    """With its frame; the last of them, and all of them, too."""
    change_figures(three, change)
    assert said in verify(three)["fault"]


def test_two_whose_order_was_changed_are_named(three: Path, verify: Verify) -> None:
    """Their frames, which say where in the topic they lay, stay."""
    figures = find_file(three, "figures/0*")
    with figures.open("rb") as stream:
        one, two, last = (datum for datum, _ in read_datums(stream))
    figures.write_bytes(bundled.pack_container(read_schema(figures), [one, last, two]))
    bundled.rewrite_manifest(three)
    assert "figure 2: it does not stand where it was sealed (place 2 of the 3" in verify(three)["fault"]


def test_one_whose_words_alone_were_changed_is_named(three: Path, verify: Verify) -> None:
    """By which software it was published is no part of its id, and its sums still hold."""
    edit_datum(find_file(three, "figures/0*"), 1, lambda datum: datum.replace(b"test", b"tset"))
    bundled.rewrite_manifest(three)
    said = verify(three)["fault"]
    assert said.endswith("figure 2: it was changed after it was sealed (place 2 of the 3 figures that were sealed)")


def test_one_that_was_put_in_is_named(tmp_path: Path, verify: Verify) -> None:
    """A figure that is right in every sum, and was never published."""
    ledger = make_ledger()
    source = ledger.make_source(ledger.seal_at(*CUTS))
    other = bundled.make_record(3, bundled.make_figure(2, note="Table 4"))
    bundled.write_bundle(tmp_path / "out", source._replace(figures=[*source.figures, other]))
    assert "figure 4: it was never sealed: it was put in (place 4 of the 3" in verify(tmp_path / "out")["fault"]
    between = other._replace(record=other.record._replace(record=other.record.record._replace(offset=1)))
    moved = [
        one._replace(record=one.record._replace(record=one.record.record._replace(offset=5))) for one in source.figures
    ]
    with pytest.raises(NotValid, match="no bundle is made"):
        bundled.write_bundle(tmp_path / "none", source._replace(figures=[source.figures[0], between, *moved[1:]]))


def test_a_figure_without_its_frame_is_named(three: Path, verify: Verify) -> None:
    """The frames say in which order the figures of several schemas lay."""
    path = next(three.glob("figures/0*.frames.avro"))
    with path.open("rb") as stream:
        datums = [datum for datum, _ in read_datums(stream)]
    path.write_bytes(bundled.pack_container(read_schema(path), datums[:2]))
    bundled.rewrite_manifest(three)
    assert verify(three)["fault"].endswith(".frames.avro: there are not 3 frames")


def test_a_log_that_seals_no_figures_makes_a_bundle_as_before(tmp_path: Path, verify: Verify) -> None:
    """It is valid, says that nothing shows whether one was left out, and still holds each to its id."""
    ledger = make_ledger(seals_figures=False)
    bundled.write_bundle(tmp_path / "old", ledger.make_source(ledger.seal_at(*CUTS)))
    said = verify(tmp_path / "old")
    assert said["valid"], said["fault"]
    assert json.loads((tmp_path / "old/manifest.json").read_text())["format"] == "disruption-ledger/bundle/v1"
    assert "that no published figure was left out or put in: this log does not seal them" in said["not_checked"]
    assert "3 published figures follow from the postings" in said["checked"]
    change_figures(tmp_path / "old", lambda one: one[:2])
    assert verify(tmp_path / "old")["valid"], "that is what it cannot know"
    edit_datum(find_file(tmp_path / "old", "figures/0*"), 0, lambda datum: datum.replace(b"Table 1", b"Table 9"))
    bundled.rewrite_manifest(tmp_path / "old")
    assert verify(tmp_path / "old")["fault"].endswith("figure 1: its id is not that of what it says")


def test_a_bundle_of_sealed_figures_is_not_passed_off_as_one_of_before(three: Path, verify: Verify) -> None:
    """By its format, or by checkpoints from which the line was taken, signed again by the log's own key."""
    manifest = json.loads((three / "manifest.json").read_text())
    (three / "manifest.json").write_text(json.dumps(manifest | {"format": "disruption-ledger/bundle/v1"}))
    assert verify(three)["fault"] == ("manifest.json: its format is not that of a bundle with such a last checkpoint")
    (three / "manifest.json").write_text(json.dumps(manifest))
    edit_lines(three / "checkpoints.ndjson", 2, lambda line: bundled.sign_line(line, "figures 3\n", ""))
    bundled.rewrite_manifest(three)
    assert verify(three)["fault"] == "checkpoints.ndjson, line 3: it goes back behind the one before it"


@pytest.mark.parametrize("count", ["2", "9" * 18])
def test_a_count_that_is_not_that_of_the_leaves_is_named(three: Path, verify: Verify, count: str) -> None:
    """Signed by the log's own key: one fewer, or more than any tree has."""
    edit_lines(three / "checkpoints.ndjson", 2, lambda line: bundled.sign_line(line, "figures 3", f"figures {count}"))
    bundled.rewrite_manifest(three)
    said = verify(three)["fault"]
    assert (
        said == f"checkpoints.ndjson, line 3: its positions and figures hold {16 + int(count):,} leaves, and it says 19"
    )

"""Bundles as they are made: whole or not at all, for their owner alone, valid on a machine with nothing but Python."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import Misuse, Unavailable
from proofs.errors import NotValid
from services.bundle.directory import BundleDirectory
from services.bundle.outputs import BundledOutput, BundlePeriod
from tests.facts import JUNE_1_2022
from tests.seals.test_leaf_spool import list_opened
from tests.services import bundled
from tests.services.bundled import CUTS
from tests.services.conftest import Verify


def test_a_bundle_is_valid_on_a_machine_with_nothing_but_python(made: Path) -> None:
    """It runs isolated, without site packages, in an empty environment and another directory; the keys are known."""
    log, witness = map(str, bundled.read_keys(bundled.LOG_KEY, bundled.WITNESS_KEY))
    command = [sys.executable, "-I", "-S", str(made / "verify.py"), str(made), "--key", log]
    command += ["--witness", witness, "--quorum", "1"]
    done = subprocess.run(command, env={}, cwd="/", capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("valid: all that was checked holds\n")
    assert "checked: 12 entries and 4 rejections: each joins on to the one before, none is missing" in done.stdout
    assert "checked: 16 outputs are byte for byte those that were sealed" in done.stdout
    assert "checked: 1 published figures follow" in done.stdout
    assert "who signed" not in done.stdout


def test_what_was_not_checked_is_said(made: Path, verify: Verify) -> None:
    """Without keys nothing is known of who signed."""
    said = " ".join(verify(made)["not_checked"])
    for words in ("who signed", "--key", "who the witnesses are", "compare its SHA-256", "audit replay"):
        assert words in said


def test_the_bundle_is_for_its_owner_alone_and_the_same_ledger_makes_the_same_records(
    made: Path, tmp_path: Path
) -> None:
    """Permissions; and every file but those that say when it was made."""
    for path in (made, *made.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    ledger = bundled.make_sealed()
    ledger.figures.append(bundled.make_figure(2))
    bundled.write_bundle(tmp_path / "again", ledger.make_source(ledger.seal_at(*CUTS)))
    for path in made.rglob("*"):
        if path.is_file() and path.name not in {"manifest.json", "report.html"}:
            assert (tmp_path / "again" / path.relative_to(made)).read_bytes() == path.read_bytes(), path.name


def test_its_figures_are_those_that_were_counted_by_hand(made: Path) -> None:
    """Two partitions with a disruption of the Metropolitan Police and two of Kent each; one of support."""
    figures = json.loads((made / "figures/table.json").read_text())["figures"]
    cells = {
        (one["type"], tuple(one["by"])): {tuple(cell["values"]): cell["n"] for cell in one["cells"]} for one in figures
    }
    assert cells["LEAD", ()] == {(): 6}
    assert cells["LEAD", ("org",)] == {("metropolitan",): 2, ("kent",): 4}
    assert cells["LEAD", ("pillar",)] == {("PURSUE",): 4, ("PREVENT",): 2}
    assert cells["LEAD", ("month",)] == {("2022-04",): 2, ("2022-06",): 4}
    assert cells["SUPPORT", ("org",)] == {("nca",): 2}
    assert cells[None, ("org",)] == {("metropolitan",): 2}


def test_a_period_holds_other_outputs_as_hashes_and_says_what_that_does_not_prove(
    tmp_path: Path, verify: Verify
) -> None:
    """April has one disruption of Kent in each partition; the rest are hashes, and rejections are held."""
    ledger = bundled.make_sealed()
    period = BundlePeriod(JUNE_1_2022 - 50, JUNE_1_2022 - 30)
    written = bundled.write_bundle(tmp_path / "april", ledger.make_source(ledger.seal_at(*CUTS)), period)
    assert written.said["outputs"] == {"entries": 2, "rejected": 4, "withheld": 10}
    said = verify(tmp_path / "april")
    assert said["valid"]
    assert any(one.startswith("10 outputs that the bundle gives as hashes only") for one in said["not_checked"])
    assert any("6 outputs are byte for byte" in one for one in said["checked"])
    (tmp_path / "april/withheld/0.txt").write_text("0 -1\n")
    bundled.rewrite_manifest(tmp_path / "april")
    assert "does not join on to 0" in verify(tmp_path / "april")["fault"]


def test_outputs_that_are_not_those_that_were_sealed_make_no_bundle(tmp_path: Path) -> None:
    """Something was changed in a topic after it was sealed: nothing is left behind."""
    ledger = bundled.make_sealed()
    source = ledger.make_source(ledger.seal_at(*CUTS))
    one = ledger.partitions[1].entries[2]
    ledger.partitions[1].entries[2] = one._replace(value=(one.value or b"").replace(b"kent", b"gent"))
    with pytest.raises(NotValid, match="the checkpoint of 3 leaves"):
        bundled.write_bundle(tmp_path / "out", source)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_holds_something_is_never_written_into(tmp_path: Path) -> None:
    """An empty one is taken; what a killed run left beside it is removed; a second run at once is refused."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    with pytest.raises(Misuse, match="is not an empty directory"):
        BundleDirectory(tmp_path / "full")
    (tmp_path / "empty").mkdir()
    (tmp_path / ".empty.incomplete").mkdir()
    (tmp_path / ".empty.incomplete/left.avro").write_text("half")
    with BundleDirectory(tmp_path / "empty") as directory:
        with pytest.raises(Misuse, match="another process"):
            BundleDirectory(tmp_path / "empty")
        directory.write_file("a/b.txt", b"b")
        directory.finish_bundle({})
    assert sorted(one.name for one in (tmp_path / "empty").rglob("*")) == ["a", "b.txt", "manifest.json"]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_no_file_of_a_partition_is_open_while_the_next_is_written(tmp_path: Path) -> None:
    """So that a ledger of hundreds of partitions needs no more open files than one of two."""
    ledger = bundled.make_sealed()
    opened: list[list[str]] = []

    def read_partition(number: int) -> Iterator[BundledOutput]:
        opened.append([Path(one).name for one in list_opened(tmp_path) if one.endswith(".avro")])
        yield from ledger.read_partition(number)
        opened.append([Path(one).name for one in list_opened(tmp_path) if one.endswith(".avro")])

    source = ledger.make_source(ledger.seal_at(*CUTS))
    bundled.write_bundle(tmp_path / "out", source._replace(read_partition=read_partition))
    before_first, in_first, before_second, in_second = opened
    assert before_first == before_second == []
    assert {name[:2] for name in in_first} == {"0."}
    assert {name[:2] for name in in_second} == {"1."}


def test_a_full_disk_names_the_place(tmp_path: Path) -> None:
    """And leaves nothing behind."""

    def fill_disk() -> None:
        with BundleDirectory(tmp_path / "out") as directory:
            stream = directory.open_file("a.txt")
            descriptor = os.open("/dev/full", os.O_WRONLY)
            os.dup2(descriptor, stream.fileno())
            os.close(descriptor)
            stream.write(b"x" * 100_000)
            directory.finish_bundle({})

    with pytest.raises(Unavailable, match="out cannot be written: No space left on device; nothing was left there"):
        fill_disk()
    assert list(tmp_path.iterdir()) == []

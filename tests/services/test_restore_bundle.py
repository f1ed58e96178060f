"""What a bundle gives back of the topics that it was made of: every byte, with its offset and its time."""

import json
from pathlib import Path

import pytest

from infra.topics import ALERTS, CHECKPOINTS, ENTRIES, FIGURES, PUBLISHED, REJECTED
from ledger.errors import Misuse
from schemas.figures import encode_figure
from schemas.registry import pin_ids
from services.bundle.outputs import BundlePeriod
from services.restore_bundle import BundleRestoreSource
from services.restore_plan import RestoredRecord
from tests.services import bundled


def open_source(bundle: Path, partitions: int = 2) -> BundleRestoreSource:
    """The bundle as a source."""
    return BundleRestoreSource(bundle, pin_ids(), partitions)


@pytest.mark.parametrize("partition", [0, 1])
def test_topics_come_back_from_a_bundle_byte_for_byte(made: Path, partition: int) -> None:
    """Outputs, and what was published, which is in them alone."""
    ledger, source = bundled.make_sealed().partitions[partition], open_source(made)
    for topic, held in ((PUBLISHED, ledger.published), (ENTRIES, ledger.entries), (REJECTED, ledger.rejected)):
        assert list(source.read_topic(topic, partition)) == [RestoredRecord(*one[:5]) for one in held], topic
    assert (source.find_end(PUBLISHED, partition), source.find_low(partition)) == (8, 0)
    assert list(source.read_past(partition)) == list(source.read_topic(ALERTS, partition)) == []


def test_checkpoints_and_figures_come_back_at_their_offsets(made: Path) -> None:
    """By checkpoints the order of the leaves is known again."""
    sealed = bundled.make_sealed()
    sealed.figures.append(bundled.make_figure(2))
    notes = sealed.seal_at(*bundled.CUTS)
    found = list(open_source(made).read_topic(CHECKPOINTS, 0))
    assert [(one.offset, one.value) for one in found] == [(one.offset, one.note.encode()) for one in notes]
    assert {one.key for one in found} == {bundled.ORIGIN.encode()}
    (figure,) = open_source(made).read_topic(FIGURES, 0)
    assert figure.value == encode_figure(bundled.make_figure(2), pin_ids())


def test_a_bundle_that_lacks_outputs_is_not_restored_from(tmp_path: Path, bundle: Path) -> None:
    """That of a period, one of other partitions, and one of which a file is gone."""
    ledger = bundled.make_sealed()
    period = BundlePeriod(0, 1)
    bundled.write_bundle(tmp_path / "part", ledger.make_source(ledger.seal_at(*bundled.CUTS)), period)
    with pytest.raises(Misuse, match="bundle of a period"):
        open_source(tmp_path / "part")
    with pytest.raises(Misuse, match="DISRUPTIONS_PARTITIONS"):
        open_source(bundle, 3)
    for file in (bundle / "rejected").glob("0.*"):
        file.unlink()
    with pytest.raises(Misuse, match="lacks an output of partition 0"):
        list(open_source(bundle).read_topic(PUBLISHED, 0))
    (bundle / "manifest.json").write_text(json.dumps({}))
    with pytest.raises(Misuse, match="0 partitions"):
        open_source(bundle)

"""A receipt of a published figure held against a bundle: the bundle has that very record, or it is named."""

from pathlib import Path

import msgspec
import pytest

from audit.receipt_checks import TrustedKeys
from audit.receipts import (
    LeafProof,
    PublishedReceipt,
    SealedBytes,
    describe_publication,
    describe_receipt_figure,
    write_receipt,
)
from proofs.tree import prove_inclusion
from schemas.definitions import FIGURE, read_definition
from schemas.upcast import make_canonical_form
from services.bundle_evidence import BundleEvidence
from services.receipt_verifying import ReceiptVerdict, ReceiptVerifier
from tests.audit.receipts_made import make_reader
from tests.services import bundled


def make_ledger() -> bundled.SealedLedger:
    """Two partitions with a story in each, and two published figures."""
    found = bundled.make_sealed()
    found.figures += [bundled.make_figure(2, note=note) for note in ("Table 1", "Table 2")]
    return found


def make_published_receipt(sealed: bundled.SealedLedger, number: int) -> PublishedReceipt:
    """The receipt of a figure, by the last checkpoint."""
    places, hashes = [0, 0], []
    for cut, figures in zip(bundled.CUTS, (0, 1, 2), strict=True):
        for partition, end in enumerate(cut):
            outputs = list(sealed.read_partition(partition))
            hashes += [one.hash_leaf() for one in outputs[places[partition] : end]]
            places[partition] = end
        hashes += [bundled.make_record(n, sealed.figures[n]).hash_leaf() for n in range(max(0, figures - 1), figures)]
    record = bundled.make_record(number, sealed.figures[number])
    leaf = hashes.index(record.hash_leaf())
    return PublishedReceipt(
        describe_receipt_figure(sealed.figures[number]),
        describe_publication(sealed.figures[number]),
        SealedBytes(make_canonical_form(read_definition(FIGURE)), (record.record.datum,)),
        LeafProof(leaf, tuple(prove_inclusion(leaf, len(hashes), make_reader(hashes)))),
        sealed.seal_at(*bundled.CUTS)[-1].note,
        "us 1",
    )


def verify_receipt(receipt: PublishedReceipt, directory: Path) -> ReceiptVerdict:
    """What is said of a receipt and a bundle."""
    trusted = TrustedKeys([bundled.LOG_KEY.make_verifier()])
    return ReceiptVerifier(trusted, bundle=BundleEvidence(directory, trusted)).verify_receipt(write_receipt(receipt))


@pytest.mark.parametrize("number", [0, 1])
def test_a_published_figure_is_found_in_a_bundle(tmp_path: Path, number: int) -> None:
    """Of either checkpoint; what the bundle's own check left is said."""
    sealed = make_ledger()
    bundled.write_bundle(tmp_path / "made", sealed.make_source(sealed.seal_at(*bundled.CUTS)))
    found = verify_receipt(make_published_receipt(sealed, number), tmp_path / "made")
    assert (found.outcome.value, found.fault) == ("valid", None)
    assert found.checked[-1] == "the bundle holds the same record of it, byte for byte"
    assert any(one.startswith("that the published figure follows from the ledger") for one in found.not_checked)


def test_a_published_figure_of_another_view_is_named(tmp_path: Path) -> None:
    """The same key signed another log of as many leaves, whose figure is another."""
    sealed, other = make_ledger(), make_ledger()
    other.figures[1] = bundled.make_figure(3, note="Table 2")
    bundled.write_bundle(tmp_path / "made", sealed.make_source(sealed.seal_at(*bundled.CUTS)))
    receipt = make_published_receipt(other, 1)
    assert "is of another log" in (verify_receipt(receipt, tmp_path / "made").fault or "")
    mixed = msgspec.structs.replace(receipt, checkpoint=make_published_receipt(sealed, 1).checkpoint)
    assert "the proof does not lead from leaf" in (verify_receipt(mixed, tmp_path / "made").fault or "")

"""Receipts held against a bundle: the bundle must be valid and of the same log, and hold what the receipt is of."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from audit.contributions import ContributingLegs
from audit.receipt_checks import TrustedKeys
from audit.receipts import (
    EventReceipt,
    FigureReceipt,
    LeafProof,
    LedgerReceipt,
    SealedBytes,
    SealedEvent,
    describe_receipt_figure,
    write_receipt,
)
from ledger.errors import Misuse
from proofs.tree import prove_inclusion
from schemas.figures import FigureCell
from schemas.stored import StoredEntry
from services.bundle.outputs import BundlePeriod
from services.bundle_evidence import BundleEvidence
from services.receipt_verifying import ReceiptOutcome, ReceiptVerdict, ReceiptVerifier
from tests.audit.receipts_made import SCHEMA, make_reader
from tests.facts import JUNE_1_2022
from tests.services import bundled

TRUSTED = TrustedKeys([bundled.LOG_KEY.make_verifier()])
CELLS = (FigureCell(("kent",), 2), FigureCell(("metropolitan",), 2))


def make_event_receipt(sealed: bundled.SealedLedger, cuts: Any = bundled.CUTS, offset: int = 1) -> EventReceipt:
    """The receipt of a position of partition 1, by the last checkpoint of these cuts."""
    checkpoints = sealed.seal_at(*cuts)
    outputs = [list(sealed.read_partition(number)) for number in (0, 1)]
    hashes, places, order = [], [0, 0], []
    for cut in cuts:
        for number, end in enumerate(cut):
            order += [(number, place) for place in range(places[number], end)]
            places[number] = end
    hashes = [outputs[number][place].hash_leaf() for number, place in order]
    hashes += [bundled.make_record(place, figure).hash_leaf() for place, figure in enumerate(sealed.figures)]
    leaf, found = order.index((1, offset)), outputs[1][offset]
    proof = tuple(prove_inclusion(leaf, len(hashes), make_reader(hashes)))
    event = SealedEvent(str(found.content.event_id), found.topic, 1, offset)
    output = SealedBytes(SCHEMA, (found.records[0].datum,))
    return EventReceipt(event, output, LeafProof(leaf, proof), checkpoints[-1].note, "us 1")


def make_figure_receipt(sealed: bundled.SealedLedger, **said: Any) -> FigureReceipt:
    """The receipt of lead disruptions on 1 June and the day before, by organisation."""
    figure = bundled.make_figure(2, **{"cells": CELLS, "positions": (8, 8)} | said)
    legs = ContributingLegs(figure)
    for number in (0, 1):
        for output in sealed.read_partition(number):
            if isinstance(output.content, StoredEntry):
                legs.add_entry(output.content)
    note = sealed.seal_at(*bundled.CUTS)[-1].note
    return FigureReceipt(describe_receipt_figure(figure), figure.positions, legs.make_digest(), note, "us 1")


def verify_receipt(receipt: LedgerReceipt, directory: Path) -> ReceiptVerdict:
    """What is said of a receipt and a bundle."""
    return ReceiptVerifier(TRUSTED, bundle=BundleEvidence(directory, TRUSTED)).verify_receipt(write_receipt(receipt))


@pytest.fixture(scope="module")
def sealed() -> bundled.SealedLedger:
    """Two partitions with a story in each, and a published figure: what the bundle is of."""
    found = bundled.make_sealed()
    found.figures.append(bundled.make_figure(2))
    return found


def test_both_receipts_are_valid_against_a_bundle_of_everything(sealed: bundled.SealedLedger, made: Path) -> None:
    """The output is there, byte for byte; the figure is added up; and what the bundle's check left is said."""
    event = verify_receipt(make_event_receipt(sealed), made)
    assert event.outcome is ReceiptOutcome.VALID, event.fault
    assert event.checked[-1] == "the bundle holds the same output, byte for byte"
    figure = verify_receipt(make_figure_receipt(sealed), made)
    assert figure.outcome is ReceiptOutcome.VALID, figure.fault
    # Of each partition: Kent's disruption of 1 June; the Metropolitan Police's in, out of pursue, and into prevent.
    assert figure.checked[-1] == "the figure is the sum of 8 legs, whose digest is that of the receipt"
    assert any(one.startswith("of the bundle: that the postings are what the rules give") for one in figure.not_checked)


def test_another_figure_than_the_bundle_holds_is_named(sealed: bundled.SealedLedger, made: Path) -> None:
    """Kent has two, not three."""
    receipt = make_figure_receipt(sealed, cells=(CELLS[0]._replace(n=3), CELLS[1]))
    assert (
        verify_receipt(receipt, made).fault
        == "the figure is not the sum of the legs: kent: it says 3, they add up to 2"
    )


def test_another_output_than_the_bundle_holds_is_named(sealed: bundled.SealedLedger, made: Path) -> None:
    """A receipt whose checkpoint the same key signed for another log: its leaves came in another order."""
    found = verify_receipt(make_event_receipt(sealed, ((0, 2), (8, 8))), made)
    assert found.outcome is ReceiptOutcome.NOT_VALID
    assert found.fault == "the receipt's checkpoint is not one of the bundle's: one of the two is of another log"


def test_a_bundle_that_is_not_valid_is_no_evidence(sealed: bundled.SealedLedger, bundle: Path) -> None:
    """It names what is not."""
    (bundle / "report.html").write_text("All is well.")
    found = verify_receipt(make_event_receipt(sealed), bundle)
    assert found.fault == "the bundle is not valid: report.html: it is not as the manifest has it: it was changed"


def test_a_bundle_of_an_unknown_key_is_no_evidence(sealed: bundled.SealedLedger, tmp_path: Path) -> None:
    """Signed by somebody else under the log's name."""
    key = bundled.STRANGER_KEY
    bundled.write_bundle(tmp_path / "other", sealed.make_source(sealed.seal_at(*bundled.CUTS, key=key), key))
    found = verify_receipt(make_event_receipt(sealed), tmp_path / "other")
    assert found.fault is not None
    assert "the log's key is not the one that you gave" in found.fault


def test_a_bundle_from_before_the_receipt_is_misuse(sealed: bundled.SealedLedger, tmp_path: Path) -> None:
    """It says nothing for or against it."""
    source = sealed.make_source(sealed.seal_at(*bundled.CUTS[:2]))
    early = {number: list(sealed.read_partition(number))[:end] for number, end in enumerate(bundled.CUTS[1])}
    bundled.write_bundle(tmp_path / "early", source._replace(read_partition=lambda number: iter(early[number])))
    with pytest.raises(Misuse, match="was made before the receipt's checkpoint"):
        verify_receipt(make_event_receipt(sealed), tmp_path / "early")
    with pytest.raises(Misuse, match="is no directory"):
        verify_receipt(make_event_receipt(sealed), tmp_path / "gone")


def test_a_bundle_of_a_period_proves_what_lies_in_it(sealed: bundled.SealedLedger, tmp_path: Path) -> None:
    """With what it holds back said; a figure of other days, and an output that it holds back, are misuse."""
    period = BundlePeriod(JUNE_1_2022 - 1, JUNE_1_2022)
    bundled.write_bundle(tmp_path / "two", sealed.make_source(sealed.seal_at(*bundled.CUTS)), period)
    receipt = make_figure_receipt(sealed)
    found = verify_receipt(receipt, tmp_path / "two")
    assert found.outcome is ReceiptOutcome.VALID, found.fault
    assert any("outputs that the bundle gives as hashes only" in one for one in found.not_checked)
    wider = msgspec.structs.replace(receipt.figure, first_day=receipt.figure.first_day.replace(year=2021))
    with pytest.raises(Misuse, match="alone, and the figure counts others"):
        verify_receipt(msgspec.structs.replace(receipt, figure=wider), tmp_path / "two")
    with pytest.raises(Misuse, match="does not hold the output"):
        verify_receipt(make_event_receipt(sealed, offset=0), tmp_path / "two")

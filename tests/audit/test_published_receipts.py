"""Receipts of published figures: valid by the log's key alone, and whatever is altered in them is named."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest

from audit.receipts import LedgerReceipt, PublishedReceipt, write_receipt
from ledger.instants import make_instant
from proofs.checkpoints import read_checkpoint
from proofs.notes import parse_note
from services.receipt_verifying import ReceiptOutcome, ReceiptVerdict, ReceiptVerifier
from tests.audit.receipts_made import LOG, SCHEMA, TRUSTED, MadeReceipts, make_receipts, sign_checkpoint

SEED = 9


def verify_alone(receipt: LedgerReceipt) -> ReceiptVerdict:
    """What is said of a receipt by its keys alone."""
    return ReceiptVerifier(TRUSTED).verify_receipt(write_receipt(receipt))


@pytest.fixture
def made(honest: Any) -> MadeReceipts:
    """Receipts of a ledger of three entries and a published figure."""
    return make_receipts(honest)


def test_a_receipt_of_a_published_figure_is_valid_by_its_keys_alone(made: MadeReceipts) -> None:
    """It is the fourth leaf, and says in words what its record says; that it follows from the ledger is not checked."""
    found = verify_alone(made.published)
    assert (found.outcome, found.fault) == (ReceiptOutcome.VALID, None)
    name = made.published.published.figure_id[:12]
    assert f"the published figure {name} is leaf 3 of that checkpoint, word for word" in found.checked
    assert found.not_checked[-2].startswith("that the published figure follows from the ledger")
    body = json.loads(write_receipt(made.published))
    assert (body["figure"]["cells"], body["published"]["note"]) == ([{"values": ["metropolitan"], "n": 1}], "Table 2")


def test_a_field_of_a_published_figure_altered_under_a_new_digest_is_named(made: MadeReceipts) -> None:
    """Whoever writes the digest anew: each of its words and numbers, its record, its proof, its checkpoint."""
    for altered in list_altered_figures(made.published, Random(SEED)):
        found = verify_alone(altered)
        assert found.outcome is ReceiptOutcome.NOT_VALID, altered
        assert found.fault


def list_altered_figures(receipt: PublishedReceipt, random: Random) -> Iterator[PublishedReceipt]:
    """The receipt with one value of it another, as its writer would write it."""
    replace, record, proof = msgspec.structs.replace, receipt.record, receipt.inclusion
    for said in ({"cells": ()}, {"organisation": "kent"}, {"by": ("region",)}, {"type": None}, {"measure": "2031.1"}):
        yield replace(receipt, figure=replace(receipt.figure, **said))
    for said in ({"figure_id": "0" * 64}, {"note": "x"}, {"published_by": "x"}, {"software": "x"}, {"positions": ()}):
        yield replace(receipt, published=replace(receipt.published, **said))
    yield replace(receipt, published=replace(receipt.published, published_at=make_instant(0)))
    datum = record.records[0]
    for place in random.sample(range(len(datum)), 60):
        changed = datum[:place] + bytes([datum[place] ^ 1]) + datum[place + 1 :]
        yield replace(receipt, record=replace(record, records=(changed,)))
    for records in ((datum, datum), (), (datum + b"x",)):
        yield replace(receipt, record=replace(record, records=records))
    yield replace(receipt, record=replace(record, schema=SCHEMA))
    yield replace(receipt, record=replace(record, schema=f"{record.schema} "))
    for leaf in (0, 1, 2, 4, -1):
        yield replace(receipt, inclusion=replace(proof, leaf=leaf))
    yield replace(receipt, inclusion=replace(proof, hashes=(*proof.hashes, bytes(32))))
    yield replace(receipt, says=("It proves everything.",))
    yield replace(receipt, checkpoint=receipt.checkpoint.replace("figures 1", "figures 0"))


def test_a_figure_that_no_checkpoint_counts_is_not_valid(made: MadeReceipts) -> None:
    """Signed anew by the log's own key, with no figures, or with the figure's record as another one says it."""
    head = read_checkpoint(parse_note(made.published.checkpoint.encode()))
    for figures in (0, None):
        note = sign_checkpoint(head._replace(figures=figures), LOG)
        found = verify_alone(msgspec.structs.replace(made.published, checkpoint=note))
        assert found.fault == "the checkpoint seals no published figures"
    event = msgspec.structs.replace(made.published, record=made.event.output, inclusion=made.event.inclusion)
    assert verify_alone(event).fault == "the record's schema is not that of a published figure"

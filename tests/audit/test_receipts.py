"""Receipts: what is altered in them, or is another's, is named and never called valid."""

import json
from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any

import msgspec
import pytest

from audit.receipt_checks import TrustedKeys, check_figure
from audit.receipts import (
    EventReceipt,
    FigureReceipt,
    LedgerReceipt,
    LegDigest,
    PublishedReceipt,
    read_receipt,
    write_receipt,
)
from ledger.errors import Misuse
from ledger.instants import make_instant
from ledger.vocabulary import FigureSubject
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.errors import NotValid
from proofs.notes import parse_note
from services.receipt_verifying import ReceiptOutcome, ReceiptVerdict, ReceiptVerifier
from tests.audit.receipts_made import (
    LOG,
    OTHER_LOG,
    STRANGER,
    TRUSTED,
    WITNESSES,
    MadeReceipts,
    make_receipts,
    sign_checkpoint,
)
from tests.figures import MISASKED

SEED = 9
FLIPPED = 400


def verify_receipt(receipt: LedgerReceipt | bytes, trusted: TrustedKeys = TRUSTED) -> ReceiptVerdict:
    """What is said of a receipt by its keys alone."""
    return ReceiptVerifier(trusted).verify_receipt(receipt if isinstance(receipt, bytes) else write_receipt(receipt))


@pytest.fixture
def made(honest: Any) -> MadeReceipts:
    """Receipts of a small ledger."""
    return make_receipts(honest)


def test_a_receipt_of_an_event_is_valid_and_says_what_was_not_checked(made: MadeReceipts) -> None:
    """Signature, leaf and proof; not whether others see the same log."""
    found = verify_receipt(made.event)
    assert found.outcome is ReceiptOutcome.VALID
    assert found.fault is None
    assert any("is leaf 1 of that checkpoint" in one for one in found.checked)
    assert any("witnesses" in one for one in found.not_checked)


def test_a_figure_that_was_not_added_up_is_never_called_valid(made: MadeReceipts) -> None:
    """Its checkpoint is signed: that says nothing about the number."""
    found = verify_receipt(made.figure)
    assert found.outcome is ReceiptOutcome.NOT_CHECKED
    assert found.not_checked[0].startswith("that the figure is the sum of anything")


def test_a_figure_is_added_up_from_the_entries(made: MadeReceipts) -> None:
    """The same cells and the same digest."""
    assert check_figure(made.figure, made.entries) == [
        "the figure is the sum of 1 legs, whose digest is that of the receipt"
    ]
    with pytest.raises(NotValid, match="metropolitan: it says 1, they add up to 0"):
        check_figure(made.figure, made.entries[:1])


def test_a_figure_that_stands_on_too_few_positions_is_named(made: MadeReceipts) -> None:
    """It is the sum of the legs before them, and leaves out what was known at its instant; what came later it may."""
    nothing = msgspec.structs.replace(made.figure.figure, cells=())
    digest = LegDigest(0, sha256().hexdigest())
    positions = (*made.figure.positions[:-1], 1)
    fewer = msgspec.structs.replace(made.figure, figure=nothing, positions=positions, contributing=digest)
    with pytest.raises(NotValid, match="leave out what the ledger knew at its instant, 0:1 first"):
        check_figure(fewer, made.entries)
    learnt = made.entries[1].source.ledger_time
    before = msgspec.structs.replace(nothing, known_at=make_instant(learnt - 1))
    assert check_figure(msgspec.structs.replace(fewer, figure=before), made.entries)


@pytest.mark.parametrize(
    "changes",
    [
        *MISASKED,
        {"last_day": None},
        {"subject": FigureSubject.THREATS},
    ],
)
def test_a_figure_that_asks_what_cannot_be_asked_is_never_valid(made: MadeReceipts, changes: dict[str, Any]) -> None:
    """A word on no list counts nothing, and its figure of nothing is a right sum; so is lead added to support."""
    figure = msgspec.structs.replace(made.figure.figure, cells=(), **changes)
    digest = LegDigest(0, sha256().hexdigest())
    with pytest.raises(NotValid, match="It asks what cannot be asked"):
        check_figure(msgspec.structs.replace(made.figure, figure=figure, contributing=digest), made.entries)


def test_that_more_may_have_been_known_is_said(made: MadeReceipts) -> None:
    """What was received by the figure's instant and is not sealed yet is in no receipt."""
    assert any(
        one.startswith("that the ledger had received nothing more") for one in verify_receipt(made.figure).not_checked
    )
    assert not any("received nothing more" in one for one in verify_receipt(made.event).not_checked)


def test_a_witness_under_two_names_is_one(made: MadeReceipts) -> None:
    """Its key cosigned twice, and counts once; two names of one key are not enough for a quorum of two."""
    one = WITNESSES[0]
    other = one._replace(name="witness.example/other")
    head = read_checkpoint(parse_note(made.event.checkpoint.encode()))
    twice = msgspec.structs.replace(made.event, checkpoint=sign_checkpoint(head, LOG, one, other))
    names = [one.make_verifier(), other.make_verifier()]
    with pytest.raises(Misuse, match="2 cosignatures are demanded of 1 witnesses"):
        verify_receipt(twice, TRUSTED._replace(witnesses=names, quorum=2))
    found = verify_receipt(twice, TRUSTED._replace(witnesses=[*names, WITNESSES[1].make_verifier()], quorum=2))
    assert found.fault == "1 of the 2 witnesses cosigned this checkpoint, not 2"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cells": ()}, "metropolitan: it says 0, they add up to 1"),
        ({"organisation": "kent"}, "metropolitan: it says 1, they add up to 0"),
        ({"by": ("pillar",)}, "PURSUE: it says 0, they add up to 1"),
    ],
)
def test_another_figure_of_the_same_legs_is_named(made: MadeReceipts, changes: dict[str, Any], said: str) -> None:
    """Whatever of its question or its cells was changed."""
    figure = msgspec.structs.replace(made.figure.figure, **changes)
    with pytest.raises(NotValid, match=said):
        check_figure(msgspec.structs.replace(made.figure, figure=figure), made.entries)


def test_other_legs_that_add_up_to_the_same_are_named(made: MadeReceipts) -> None:
    """The digest is over the legs themselves: here their disruption is another."""
    entry = made.entries[1]
    other = entry._replace(legs=tuple(leg._replace(disruption_id="D-9") for leg in entry.legs))
    with pytest.raises(NotValid, match="others than those of the receipt's digest"):
        check_figure(made.figure, [made.entries[0], other])


def test_a_figure_of_definitions_that_are_not_here_is_misuse(made: MadeReceipts) -> None:
    """It is neither valid nor not: other software is needed."""
    figure = msgspec.structs.replace(made.figure.figure, measure="2031.1")
    with pytest.raises(Misuse, match="measure"):
        check_figure(msgspec.structs.replace(made.figure, figure=figure), made.entries)


@pytest.mark.parametrize("kind", ["event", "figure", "published"])
def test_a_receipt_altered_in_any_byte_is_never_valid(made: MadeReceipts, kind: str) -> None:
    """Bytes flipped, dropped and doubled at places that a seed names."""
    content, random = write_receipt(getattr(made, kind)), Random(SEED)
    for _ in range(FLIPPED):
        place = random.randrange(len(content))
        changed = bytes([content[place] ^ random.randrange(1, 256)])
        piece = random.choice([changed, b"", content[place : place + 1] * 2])
        altered = content[:place] + piece + content[place + 1 :]
        found = verify_receipt(altered)
        assert found.outcome is ReceiptOutcome.NOT_VALID, (SEED, place, piece)
        assert found.fault


def test_a_field_altered_under_a_new_digest_is_named(made: MadeReceipts) -> None:
    """Whoever writes the digest anew: every value of the event, its output, its proof and its checkpoint."""
    random = Random(SEED)
    for altered in list_altered(made.event, random):
        found = verify_receipt(altered)
        assert found.outcome is ReceiptOutcome.NOT_VALID, altered
        assert found.fault


def list_altered(receipt: EventReceipt, random: Random) -> Iterator[EventReceipt]:
    """The receipt with one value of it another, as its writer would write it."""
    replace, event, output, proof = msgspec.structs.replace, receipt.event, receipt.output, receipt.inclusion
    for name, value in (("event_id", "x"), ("topic", "soc.rejected"), ("partition", 3), ("offset", 2)):
        yield replace(receipt, event=replace(event, **{name: value}))
    datum = output.records[0]
    for place in random.sample(range(len(datum)), 60):
        changed = datum[:place] + bytes([datum[place] ^ 1]) + datum[place + 1 :]
        yield replace(receipt, output=replace(output, records=(changed,)))
    yield replace(receipt, output=replace(output, records=(datum, datum)))
    yield replace(receipt, output=replace(output, records=()))
    yield replace(receipt, output=replace(output, schema=output.schema.replace("Entry", "Rejection", 1)))
    yield replace(receipt, output=replace(output, schema=f"{output.schema} "))
    yield replace(receipt, inclusion=replace(proof, leaf=0))
    yield replace(receipt, inclusion=replace(proof, leaf=-1))
    yield replace(receipt, inclusion=replace(proof, hashes=proof.hashes[:-1]))
    yield replace(receipt, inclusion=replace(proof, hashes=(*proof.hashes, bytes(32))))
    yield replace(receipt, says=("It proves everything.",))
    signed = receipt.checkpoint.index("\n\n")
    for place in random.sample(range(signed), 40):
        signs = receipt.checkpoint
        yield replace(receipt, checkpoint=signs[:place] + chr(ord(signs[place]) ^ 1) + signs[place + 1 :])


def test_a_receipt_of_another_ledger_is_named(honest: Any) -> None:
    """The reader trusts another log."""
    made = make_receipts(honest)
    found = verify_receipt(made.event, TrustedKeys([OTHER_LOG.make_verifier()]))
    assert found.fault is not None
    assert found.fault.startswith("the receipt is of another ledger: of the log 'ledger.example/soc', not")


def test_a_checkpoint_of_an_unknown_key_is_named(honest: Any) -> None:
    """It calls itself the log, and is signed by somebody else."""
    for keys in ((STRANGER,), (WITNESSES[0],)):
        found = verify_receipt(make_receipts(honest, *keys).event)
        assert found.fault is not None
        assert found.fault.startswith("the checkpoint is not signed by a key of the log that you trust")


def test_a_witness_is_no_log(made: MadeReceipts) -> None:
    """Its key cannot be trusted as one."""
    with pytest.raises(Misuse, match="is a witness's key"):
        verify_receipt(made.event, TrustedKeys([WITNESSES[0].make_verifier()]))


@pytest.mark.parametrize(("witnesses", "quorum", "valid"), [(2, 2, True), (3, 2, True), (3, 3, False)])
def test_cosignatures_are_demanded(made: MadeReceipts, witnesses: int, quorum: int, valid: bool) -> None:
    """Two witnesses cosigned, the third did not."""
    trusted = TRUSTED._replace(witnesses=[one.make_verifier() for one in WITNESSES[:witnesses]], quorum=quorum)
    found = verify_receipt(made.event, trusted)
    assert (found.outcome is ReceiptOutcome.VALID) == valid
    if valid:
        assert any("cosigned by witness.example/kent, witness.example/btp" in one for one in found.checked)
        assert not any("witnesses" in one for one in found.not_checked)
    else:
        assert found.fault is not None
        assert "2 of the 3 witnesses" in found.fault


def test_positions_that_the_checkpoint_does_not_seal_are_named(made: MadeReceipts) -> None:
    """Of the event and of the figure: before the checkpoint was, or of a partition more."""
    head = read_checkpoint(parse_note(made.event.checkpoint.encode()))
    earlier = sign_checkpoint(head._replace(positions=(*head.positions[:-1], 1)), LOG)
    found = verify_receipt(msgspec.structs.replace(made.event, checkpoint=earlier))
    assert found.fault == "the checkpoint does not seal the position of the event"
    for positions in ((*head.positions[:-1], 99), (*head.positions, 0), (*head.positions[:-1], -1)):
        found = verify_receipt(msgspec.structs.replace(made.figure, positions=positions))
        assert found.fault == "the checkpoint does not seal the positions of the figure"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"receipt": "another/v9 event"}'])
def test_what_is_no_receipt_is_named(content: bytes) -> None:
    """Whatever the file is."""
    found = verify_receipt(content)
    assert found.outcome is ReceiptOutcome.NOT_VALID
    assert found.fault is not None
    assert found.fault.startswith("this is no receipt of a disruption ledger")


def test_both_receipts_read_back_as_they_were_written(made: MadeReceipts) -> None:
    """And say in plain words what they prove and what they do not."""
    for receipt in (made.event, made.figure, made.published):
        content = write_receipt(receipt)
        found = read_receipt(content)
        assert write_receipt(found) == content
        body = json.loads(content)
        assert [one.split(":")[0].split(",")[0] for one in body["says"]] == ["It proves", "It does not prove"]
        assert isinstance(found, EventReceipt | FigureReceipt | PublishedReceipt)


def test_the_head_is_that_of_the_whole_log(made: MadeReceipts) -> None:
    """A checkpoint of the same key with another root proves nothing of this output."""
    head = read_checkpoint(parse_note(made.event.checkpoint.encode()))
    other = Checkpoint(head.origin, head.size, bytes(32), head.positions)
    found = verify_receipt(msgspec.structs.replace(made.event, checkpoint=sign_checkpoint(other, LOG)))
    assert found.fault is not None
    assert found.fault.startswith("the proof does not lead from leaf 1")

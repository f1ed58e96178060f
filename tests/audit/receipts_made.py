"""A small log made by hand, and receipts of an event in it, of a figure, and of one that was published."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from audit.contributions import ContributingLegs
from audit.receipt_checks import TrustedKeys
from audit.receipts import (
    EventReceipt,
    FigureReceipt,
    LeafProof,
    PublishedReceipt,
    SealedBytes,
    SealedEvent,
    describe_publication,
    describe_receipt_figure,
)
from proofs.checkpoints import Checkpoint
from proofs.keys import KeyAlgorithm, SigningKey
from proofs.notes import SignedNote, sign_note
from proofs.tree import Node, compute_root, hash_complete, prove_inclusion
from schemas.definitions import ENTRY, FIGURE, read_definition
from schemas.figures import compute_figure_id, encode_figure
from schemas.registry import pin_ids
from schemas.stored import StoredEntry
from schemas.upcast import make_canonical_form
from seals.leaves import hash_output
from tests.figures import make_published_figure

LOG = SigningKey("ledger.example/soc", KeyAlgorithm.ED25519, bytes(range(32)))
STRANGER = SigningKey("ledger.example/soc", KeyAlgorithm.ED25519, bytes(range(1, 33)))
OTHER_LOG = SigningKey("ledger.example/other", KeyAlgorithm.ED25519, bytes(range(32)))
WITNESSES = [
    SigningKey(f"witness.example/{name}", KeyAlgorithm.COSIGNATURE, bytes([number] * 32))
    for number, name in enumerate(("kent", "btp", "nca"))
]
TRUSTED = TrustedKeys([LOG.make_verifier()])
SCHEMA = make_canonical_form(read_definition(ENTRY))
FIGURE_SCHEMA = make_canonical_form(read_definition(FIGURE))
FINGERPRINT = sha256(SCHEMA.encode()).hexdigest()


class MadeReceipts(NamedTuple):
    """The receipts, and the entries that the figure is added up from."""

    event: EventReceipt
    figure: FigureReceipt
    published: PublishedReceipt
    entries: list[StoredEntry]


def sign_checkpoint(checkpoint: Checkpoint, *keys: SigningKey) -> str:
    """A checkpoint's note, signed by these; witnesses at one instant."""
    times = [None if key.algorithm is KeyAlgorithm.ED25519 else 1_700_000_000 for key in keys]
    text = checkpoint.write_text()
    return str(SignedNote(text, tuple(sign_note(text, key, at) for key, at in zip(keys, times, strict=True))))


def make_receipts(ledger: Any, *keys: SigningKey) -> MadeReceipts:
    """Receipts of the disruption of ``honest``, position 1, and of the count of disruptions by organisation."""
    codec, partition = ledger.codec, ledger.partition
    datums = [one.value[5:] for one in ledger.entries]
    hashes = [hash_output("soc.entries", FINGERPRINT, [datum]) for datum in datums]
    figure = make_published_figure(
        note="Table 2", published_by="hmicfrs", positions=(2,), published_at=1_700_000_000_000
    )
    figure = figure._replace(figure_id=compute_figure_id(figure))
    record = encode_figure(figure, pin_ids())[5:]
    hashes.append(hash_output("soc.figures", sha256(FIGURE_SCHEMA.encode()).hexdigest(), [record]))
    read_node = make_reader(hashes)
    positions = tuple([0] * partition + [ledger.next_offset])
    head = Checkpoint(LOG.name, len(hashes), compute_root(0, len(hashes), read_node), positions, figures=1)
    note = sign_checkpoint(head, *(keys or (LOG, *WITNESSES[:2])))
    entries = [codec.decode_entry(one.value) for one in ledger.entries]
    event = EventReceipt(
        SealedEvent(entries[1].event_id, "soc.entries", partition, 1),
        SealedBytes(SCHEMA, (datums[1],)),
        LeafProof(1, tuple(prove_inclusion(1, len(hashes), read_node))),
        note,
        "us 1",
    )
    last = len(hashes) - 1
    published = PublishedReceipt(
        describe_receipt_figure(figure),
        describe_publication(figure),
        SealedBytes(FIGURE_SCHEMA, (record,)),
        LeafProof(last, tuple(prove_inclusion(last, len(hashes), read_node))),
        note,
        "us 1",
    )
    return MadeReceipts(event, make_figure_receipt(entries, positions, note), published, entries)


def make_figure_receipt(entries: list[StoredEntry], positions: tuple[int, ...], note: str) -> FigureReceipt:
    """One lead disruption of the Metropolitan Police."""
    figure = make_published_figure(positions=positions)
    legs = ContributingLegs(figure)
    for entry in entries:
        legs.add_entry(entry)
    return FigureReceipt(describe_receipt_figure(figure), positions, legs.make_digest(), note, "us 1")


def make_reader(hashes: list[bytes]) -> Callable[[Node], bytes]:
    """Reads nodes from all leaves' hashes."""
    return lambda node: hash_complete(hashes[node.number << node.level : (node.number + 1) << node.level])

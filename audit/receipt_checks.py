"""What can be checked of a receipt with nothing but the keys that its reader trusts.

1. The checkpoint is signed by a key of the log that is trusted, and cosigned by as many witnesses as are demanded.
2. Of an event: the output is the leaf that the proof leads from, to the checkpoint's root; it is the output of the
   event and the position that the receipt names.
3. Of a published figure: its record is the leaf that the proof leads from, and says what the receipt says.
4. Of a figure: the positions are sealed by the checkpoint. That the figure is the sum of what lies before them is
   checked against entries alone (``check_figure``).
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any, Final, NamedTuple

from fastavro import schemaless_reader

from audit.contributions import ContributingLegs
from audit.figure_questions import MISASKED, can_be_asked
from audit.figures import is_measure_known
from audit.receipts import (
    EventReceipt,
    FigureReceipt,
    LedgerReceipt,
    PublishedReceipt,
    describe_publication,
    describe_receipt_figure,
)
from infra.topics import ENTRIES, FIGURES, REJECTED
from ledger.errors import Misuse
from proofs.checkpoints import Checkpoint, read_checkpoint
from proofs.errors import NotValid
from proofs.keys import KeyAlgorithm, VerifierKey
from proofs.notes import SignedNote, parse_note, verify_note
from proofs.tree import verify_inclusion
from schemas.definitions import ENTRY, FIGURE, REJECTION, find_full_name, parse_plain
from schemas.figures import PublishedFigure, compute_figure_id, decode_figure_datum
from schemas.hazards import is_hazardous
from schemas.stored import StoredEntry
from schemas.upcast import make_canonical_form
from seals.leaves import hash_output
from seals.proving import verify_witnesses

RECORDS: Final = {ENTRIES: ENTRY, REJECTED: REJECTION}
CELLS_SHOWN: Final = 3
NO_FIGURE_SCHEMA: Final = "the record's schema is not that of a published figure"


class TrustedKeys(NamedTuple):
    """Whom the reader trusts: keys of the log, and of how many of which witnesses cosignatures are demanded."""

    log: Sequence[VerifierKey]
    witnesses: Sequence[VerifierKey] = ()
    quorum: int = 0


class SignedHead(NamedTuple):
    """A receipt's checkpoint, and what was checked of it."""

    checkpoint: Checkpoint
    note: SignedNote
    checked: tuple[str, ...]


def check_head(receipt: LedgerReceipt, trusted: TrustedKeys) -> SignedHead:
    """Check the checkpoint's signatures.

    Raises:
        NotValid: it is no checkpoint, is another log's, or a signature is missing or not right.
        Misuse: the keys are not those of a log and of witnesses.
    """
    for key in trusted.log:
        if key.algorithm is not KeyAlgorithm.ED25519:
            raise Misuse(f"--key: {key.name!r} is a witness's key: name the log's")
    note = parse_note(receipt.checkpoint.encode())
    checkpoint = read_checkpoint(note)
    names = sorted({key.name for key in trusted.log})
    if checkpoint.origin not in names:
        raise NotValid(f"the receipt is of another ledger: of the log {checkpoint.origin!r}, not {', '.join(names)}")
    signed = [one.key for one in verify_note(note, [key for key in trusted.log if key.name == checkpoint.origin])]
    if not signed:
        raise NotValid("the checkpoint is not signed by a key of the log that you trust (an unknown key says nothing)")
    checked = [f"the checkpoint of {checkpoint.size:,} leaves is signed by {signed[0]}"]
    if trusted.quorum:
        cosigned = verify_witnesses(note, trusted.witnesses, trusted.quorum)
        checked.append(f"it is cosigned by {', '.join(key.name for key in cosigned)}")
    return SignedHead(checkpoint, note, tuple(checked))


def check_event(receipt: EventReceipt, head: SignedHead) -> list[str]:
    """Check that the output is in the log, and is that of the event; what was checked. Raises NotValid."""
    event, output, checkpoint = receipt.event, receipt.output, head.checkpoint
    record = read_output(receipt)
    found = (str(record["event_id"] or ""), record["partition"], record["offset"])
    if found != (event.event_id, event.partition, event.offset):
        raise NotValid("the output is not that of the event and the position that the receipt names")
    if not checkpoint.has_position(event.partition, event.offset):
        raise NotValid("the checkpoint does not seal the position of the event")
    leaf_hash = hash_output(event.topic, sha256(output.schema.encode()).hexdigest(), output.records)
    proof = receipt.inclusion
    verify_inclusion(leaf_hash, proof.leaf, checkpoint.size, proof.hashes, checkpoint.root)
    return [f"the output of {event.partition}:{event.offset} is leaf {proof.leaf:,} of that checkpoint"]


def read_output(receipt: EventReceipt) -> dict[str, Any]:
    """Read the first record of a receipt's output by the schema that it names. Raises NotValid."""
    schema = _read_schema(receipt.output.schema, RECORDS.get(receipt.event.topic))
    try:
        record: dict[str, Any] = schemaless_reader(BytesIO(receipt.output.records[0]), parse_plain(schema), None)
        return {name: record[name] for name in ("event_id", "partition", "offset", "ledger_time")}
    except Exception:  # bytes from outside: whatever they make a decoder raise, they are no output
        raise NotValid("the output of the receipt cannot be read") from None


def _read_schema(text: str, wanted: str | None) -> Any:
    """Read the schema of what is sealed, which is that of a record of this name. Raises NotValid."""
    try:
        schema = json.loads(text)
        fits = wanted is not None and find_full_name(schema) == wanted and not is_hazardous(schema)
        fits = fits and make_canonical_form(schema) == text
    except Exception:  # as above: a text from outside
        fits = False
    if not fits:
        raise NotValid("the output's schema is not that of an output" if wanted != FIGURE else NO_FIGURE_SCHEMA)
    return schema


def check_published(receipt: PublishedReceipt, head: SignedHead) -> list[str]:
    """Check that a published figure is in the log, as the receipt has it; what was checked. Raises NotValid."""
    checkpoint, proof = head.checkpoint, receipt.inclusion
    figure = _read_figure(receipt)
    said = describe_receipt_figure(figure), describe_publication(figure)
    if said != (receipt.figure, receipt.published) or compute_figure_id(figure) != figure.figure_id:
        raise NotValid("the receipt's figure is not what its record says, or its id is not that of what it says")
    if not checkpoint.sealed_figures:
        raise NotValid("the checkpoint seals no published figures")
    verify_inclusion(hash_record(receipt), proof.leaf, checkpoint.size, proof.hashes, checkpoint.root)
    return [f"the published figure {figure.figure_id[:12]} is leaf {proof.leaf:,} of that checkpoint, word for word"]


def hash_record(receipt: PublishedReceipt) -> bytes:
    """Hash the record of a published figure to its leaf."""
    record = receipt.record
    return hash_output(FIGURES, sha256(record.schema.encode()).hexdigest(), record.records)


def _read_figure(receipt: PublishedReceipt) -> PublishedFigure:
    record = receipt.record
    schema = _read_schema(record.schema, FIGURE)
    figure = decode_figure_datum(record.records[0], schema) if len(record.records) == 1 else None
    if figure is None:
        raise NotValid("the record of the receipt is no published figure")
    return figure


def check_positions(receipt: FigureReceipt, head: SignedHead) -> list[str]:
    """Check that what a figure is made of is sealed by the checkpoint; what was checked. Raises NotValid."""
    sealed = head.checkpoint.positions
    if len(receipt.positions) != len(sealed) or any(
        not 0 <= end <= most for end, most in zip(receipt.positions, sealed, strict=False)
    ):
        raise NotValid("the checkpoint does not seal the positions of the figure")
    return ["the figure's positions are sealed by that checkpoint"]


def check_figure(receipt: FigureReceipt, entries: Iterable[StoredEntry]) -> list[str]:
    """Add a figure up again.

    Args:
        receipt: of the figure.
        entries: every sealed entry, partition after partition, each in order; one past its positions is no part of it,
            and had not been received by its ``known_at``.

    Raises:
        NotValid: another figure, or another digest, comes out.
    """
    figure = receipt.figure.make_figure(receipt.positions)
    if not is_measure_known(figure):
        raise Misuse("the receipt names a measure or a dimension that this software does not have: use what wrote it")
    if not can_be_asked(figure):
        raise NotValid(f"the figure is none. {MISASKED}")
    legs, ends = ContributingLegs(figure), dict(enumerate(receipt.positions))
    for entry in entries:
        if entry.source.offset < ends.get(entry.source.partition, 0):
            legs.add_entry(entry)
        elif entry.source.ledger_time <= figure.known_at and (entry.legs or entry.threat_legs):
            raise NotValid(
                f"the receipt stands on positions that leave out what the ledger knew at its instant, "
                f"{entry.source.partition}:{entry.source.offset} first"
            )
    if legs.list_cells() != figure.cells:
        raise NotValid(describe_cells(receipt, legs))
    if legs.make_digest() != receipt.contributing:
        raise NotValid("the legs that the figure is made of are others than those of the receipt's digest")
    return [f"the figure is the sum of {receipt.contributing.legs:,} legs, whose digest is that of the receipt"]


def describe_cells(receipt: FigureReceipt, legs: ContributingLegs) -> str:
    """Describe the first cells that are not what the legs add up to."""
    says, sums = ({cell.values: cell.n for cell in cells} for cells in (receipt.figure.cells, legs.list_cells()))
    wrong = [key for key in sorted(says.keys() | sums.keys()) if says.get(key, 0) != sums.get(key, 0)]
    shown = "; ".join(
        f"{' '.join(key) or 'the total'}: it says {says.get(key, 0):,}, they add up to {sums.get(key, 0):,}"
        for key in wrong[:CELLS_SHOWN]
    )
    return f"the figure is not the sum of the legs: {shown or 'its cells stand in another order'}"

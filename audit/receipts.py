"""Receipts: what somebody takes away, as a JSON document (``.receipt.json``) that is written in one way only.

An *event receipt* carries one output of the ledger, the leaf that it is of the log and the proof that leads from there
to a checkpoint. A *figure receipt* carries a figure, the digest over the legs that it is made of, and a checkpoint that
seals them. A *receipt of a published figure* carries its record of ``soc.figures``, which is a leaf as an output is.
All say in plain words what they prove and what they do not, and end with the SHA-256 of all before.
"""

from datetime import date, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import msgspec

from ledger.instants import count_days, count_millis, make_date, make_instant
from ledger.vocabulary import FigureSubject
from proofs.errors import NotValid
from schemas.figures import FigureCell, PublishedFigure

FORMAT: Final = "disruption-ledger/receipt/v1"
LARGEST_RECEIPT_BYTES: Final = 64 * 1024 * 1024
NOT_A_RECEIPT: Final = "this is no receipt of a disruption ledger"

EVENT_SAYS: Final = (
    "It proves: the output below, byte for byte, is this leaf of the log whose head is the checkpoint, as the holder "
    "of the log's key signed it.",
    "It does not prove: that the event is true; that the rules were applied rightly (audit replay proves that); that "
    "nobody was shown another log (witnesses, and audit verify --online, speak to that); that no later version exists.",
)
FIGURE_SAYS: Final = (
    "It proves, once it is added up again from the entries (audit verify --bundle, or --online): the figure below is "
    "the sum of the legs before these positions of the log whose head is the checkpoint, and these are the legs.",
    "It does not prove: by itself, that the figure is the sum of anything; nor ever that events are true, that "
    "recording is complete, or that the rules were applied rightly (audit replay proves that).",
)
PUBLISHED_SAYS: Final = (
    "It proves: the figure below was published, and its record, byte for byte, is this leaf of the log whose head is "
    "the checkpoint, as the holder of the log's key signed it.",
    "It does not prove: that the figure follows from the ledger (audit replay proves every published figure again); "
    "that who is said to have published it did; that nobody was shown another log (witnesses, and audit verify "
    "--online, speak to that); that no later figure corrects it.",
)


class SealedEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which event, and where its output lies: the position is that of ``soc.published``."""

    event_id: str
    topic: str
    partition: int
    offset: int


class SealedBytes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An output as the log has it.

    Attributes:
        schema: parsing canonical form of the Avro schema that wrote it.
        records: its Avro datums, in base64; several where an entry is in parts.
    """

    schema: str
    records: tuple[bytes, ...]


class LeafProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A leaf's index, and RFC 6962's hashes from there to the root, the deepest first, in base64."""

    leaf: int
    hashes: tuple[bytes, ...]


class ReceiptCell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One cell of a figure: its value of each dimension, and how many."""

    values: tuple[str, ...]
    n: int


class ReceiptFigure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure: what is counted and how, over which days, as at and as known at which instants, and every cell."""

    subject: FigureSubject
    measure: str
    first_day: date | None
    last_day: date | None
    as_at: datetime
    known_at: datetime
    organisation: str | None
    type: str | None
    standing: str | None
    by: tuple[str, ...]
    cells: tuple[ReceiptCell, ...]

    def make_figure(self, positions: tuple[int, ...]) -> PublishedFigure:
        """Make the figure as the ledger has it, with the positions that it stands on."""
        days = [None if day is None else count_days(day) for day in (self.first_day, self.last_day)]
        return PublishedFigure(
            "",
            self.subject,
            self.measure,
            days[0],
            days[1],
            count_millis(self.as_at),
            count_millis(self.known_at),
            self.organisation,
            self.type,
            self.standing,
            self.by,
            tuple(FigureCell(cell.values, cell.n) for cell in self.cells),
            positions,
            note="",
            published_by="",
            published_at=0,
            software="",
        )


class LegDigest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many legs a figure is made of, and the digest over them (``audit.contributions``)."""

    legs: int
    sha256: str


class EventReceipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="receipt", tag=f"{FORMAT} event"):
    """That an output is in the log."""

    event: SealedEvent
    output: SealedBytes
    inclusion: LeafProof
    checkpoint: str
    software: str
    says: tuple[str, ...] = EVENT_SAYS
    sha256: str = ""


class FigureReceipt(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="receipt", tag=f"{FORMAT} figure"
):
    """What a figure is made of; ``positions`` are those before which its legs lie, by partition from 0."""

    figure: ReceiptFigure
    positions: tuple[int, ...]
    contributing: LegDigest
    checkpoint: str
    software: str
    says: tuple[str, ...] = FIGURE_SAYS
    sha256: str = ""


class FigurePublication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands beside a published figure: its id, who published it when and why, at which positions, by what."""

    figure_id: str
    positions: tuple[int, ...]
    note: str
    published_by: str
    published_at: datetime
    software: str


class PublishedReceipt(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="receipt", tag=f"{FORMAT} published-figure"
):
    """That a published figure is in the log: in plain words, and its record of ``soc.figures``, which says the same."""

    figure: ReceiptFigure
    published: FigurePublication
    record: SealedBytes
    inclusion: LeafProof
    checkpoint: str
    software: str
    says: tuple[str, ...] = PUBLISHED_SAYS
    sha256: str = ""


LedgerReceipt = EventReceipt | FigureReceipt | PublishedReceipt
SAYS: Final = MappingProxyType({EventReceipt: EVENT_SAYS, FigureReceipt: FIGURE_SAYS, PublishedReceipt: PUBLISHED_SAYS})


def describe_receipt_figure(figure: PublishedFigure) -> ReceiptFigure:
    """Describe a figure as a receipt has it."""
    days = [None if day is None else make_date(day) for day in (figure.first_day, figure.last_day)]
    return ReceiptFigure(
        figure.subject,
        figure.measure,
        days[0],
        days[1],
        make_instant(figure.as_at),
        make_instant(figure.known_at),
        figure.organisation,
        figure.type,
        figure.standing,
        figure.by,
        tuple(ReceiptCell(cell.values, cell.n) for cell in figure.cells),
    )


def describe_publication(figure: PublishedFigure) -> FigurePublication:
    """Describe what stands beside a published figure as a receipt has it."""
    return FigurePublication(
        figure.figure_id,
        figure.positions,
        figure.note,
        figure.published_by,
        make_instant(figure.published_at),
        figure.software,
    )


def write_receipt(receipt: LedgerReceipt) -> bytes:
    """Write a receipt, with the digest of what it holds: the only way in which it is valid."""
    digest = sha256(_spell_receipt(msgspec.structs.replace(receipt, sha256=""))).hexdigest()
    return _spell_receipt(msgspec.structs.replace(receipt, sha256=digest))


def read_receipt(content: bytes) -> LedgerReceipt:
    """Read a receipt.

    Raises:
        NotValid: it is none, or is not as it was written.
    """
    if len(content) > LARGEST_RECEIPT_BYTES:
        raise NotValid(f"{NOT_A_RECEIPT}: it is larger than {LARGEST_RECEIPT_BYTES:,} bytes")
    try:
        receipt: LedgerReceipt = msgspec.json.decode(content, type=LedgerReceipt)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotValid(f"{NOT_A_RECEIPT} that this software reads ({FORMAT}): {error}") from None
    if receipt.says != SAYS[type(receipt)]:
        raise NotValid("the receipt was altered: what it says that it proves is not what such a receipt proves")
    try:
        as_written = write_receipt(receipt)
    except (msgspec.MsgspecError, ValueError, OverflowError):
        raise NotValid("the receipt was altered: it holds what no receipt can") from None
    if as_written != content:
        raise NotValid("the receipt was altered: its digest is not that of what it holds, or it is written otherwise")
    return receipt


def _spell_receipt(receipt: LedgerReceipt) -> bytes:
    return msgspec.json.format(msgspec.json.encode(receipt), indent=1) + b"\n"

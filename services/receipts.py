"""Making receipts: what is asked of the store is held against the topics, and what is in the topics against the log."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Final

from audit.contributions import ContributingLegs
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
from audit.sealed_entries import SealedTopics
from infra.settings import Settings
from ledger.errors import Misuse, Unavailable
from ledger.instants import count_millis
from proofs.checkpoints import Checkpoint
from proofs.errors import NotValid
from proofs.notes import SignedNote
from proofs.tiles import TileReader
from proofs.tree import prove_inclusion, verify_inclusion
from queries.client import Client
from queries.figure_question import FigureQuestion
from queries.parsing import parse_instant
from queries.reconcile_queries import EventFatesQuery
from schemas.figures import PublishedFigure, decode_figure_datum
from schemas.judged import name_software
from schemas.registry import resolve_ids
from schemas.upcast import make_canonical_form
from seals.directory import LogFiles
from seals.figures import FIGURE_PLACE
from seals.history import CheckpointHistory, SealedCheckpoint
from seals.index import OutputPosition
from seals.ledger_log import SealedPosition, open_log
from seals.proving import cut_tiles
from services.bundle.topics import read_figure_records
from services.bundle.writing import BundledFigure
from services.figures import ask_figure, read_figure

NOT_SEALED: Final = "the log does not seal all that the receipt is of yet: wait a moment and ask again"


def make_event_receipt(settings: Settings, client: Client, event_id: str) -> EventReceipt:
    """Make the receipt of an event: where the store has it, its output in the topics, and the proof that it is sealed.

    Raises:
        Misuse: nobody knows of the event, or nothing is sealed here.
        NotValid: another output is sealed at its position.
        Unavailable: broker, registry or store did not answer, or it is not sealed yet.
    """
    found = client.ask(EventFatesQuery, ids=event_id)["rows"]
    if not found:
        raise Misuse(f"--event: nothing is stored of an event {event_id}; `disruptions wait` if it was just published")
    place = OutputPosition(found[0]["partition"], found[0]["offset"])
    with closing(SealedTopics(settings, resolve_ids(settings))) as topics:
        learnt_at = count_millis(parse_instant(found[0]["ledger_time"], "ledger_time"))
        output = topics.find_output(*place, learnt_at)
    log = open_log(settings, newest_only=True)
    newest = log.prove_position(place, output.hash_leaf())
    sealed = choose_checkpoint(log.history, {place.partition: place.offset + 1})
    proof = prove_earlier(log.files, newest, sealed.checkpoint, output.hash_leaf())
    return EventReceipt(
        SealedEvent(output.event_id, output.topic, *place),
        SealedBytes(output.schema, output.records),
        proof,
        str(sealed.note),
        name_software(),
    )


def make_figure_receipt(settings: Settings, client: Client, question: FigureQuestion) -> FigureReceipt:
    """Make the receipt of a figure: asked of the store, added up from the topics, sealed by a checkpoint.

    Raises:
        Misuse: the figure may still grow, or nothing is sealed here.
        NotValid: the store says another figure than the entries add up to.
        Unavailable: broker, registry or store did not answer, or not all of it is sealed yet.
    """
    figure = read_figure(question, ask_figure(client, question))
    legs = ContributingLegs(figure)
    with closing(SealedTopics(settings, resolve_ids(settings))) as topics:
        for entry in topics.read_entries(figure.positions):
            legs.add_entry(entry)
    if legs.list_cells() != figure.cells:
        raise NotValid("the store's figure is not what the entries add up to: run disruptions audit replay")
    sealed = choose_checkpoint(open_log(settings, newest_only=True).history, legs.reached)
    stood = dict(enumerate(figure.positions))
    return FigureReceipt(
        describe_receipt_figure(figure),
        tuple(min(end, stood.get(partition, 0)) for partition, end in enumerate(sealed.checkpoint.positions)),
        legs.make_digest(),
        str(sealed.note),
        name_software(),
    )


def make_published_receipt(settings: Settings, figure_id: str) -> PublishedReceipt:
    """Make the receipt of a published figure, by its id: its record in the topic, and the proof that it is sealed.

    Raises:
        Misuse: nobody published such a figure, or nothing is sealed here.
        NotValid: another record is sealed in its place.
        Unavailable: broker or registry did not answer, or it is not sealed yet.
    """
    found, figure = _find_published(settings, figure_id)
    log = open_log(settings, newest_only=True)
    newest = log.prove_figure(found.record.record.offset, found.hash_leaf())
    fit = [one for one in log.history.checkpoints if one.checkpoint.size > newest.proof.leaf]
    sealed = choose_cosigned(fit)
    return PublishedReceipt(
        describe_receipt_figure(figure),
        describe_publication(figure),
        SealedBytes(make_canonical_form(found.written.schema), (found.record.datum,)),
        prove_earlier(log.files, newest, sealed.checkpoint, found.hash_leaf()),
        str(sealed.note),
        name_software(),
    )


def _find_published(settings: Settings, figure_id: str) -> tuple[BundledFigure, PublishedFigure]:
    """Find the first record of the partition that is sealed that is of an id. Raises Misuse, Unavailable."""
    for one in read_figure_records(settings, resolve_ids(settings), None):
        figure = decode_figure_datum(one.record.datum, one.written.schema)
        if one.partition == FIGURE_PLACE[1] and figure is not None and figure.figure_id == figure_id:
            return one, figure
    raise Misuse("--figure-id: no published figure has this id; `disruptions audit figures --json` lists them")


def choose_checkpoint(history: CheckpointHistory, ends: Mapping[int, int]) -> SealedCheckpoint:
    """Choose the checkpoint that most witnesses cosigned, of those that seal these ends; of equals the newest.

    The very newest has no cosignature yet while the ledger grows.

    Raises:
        Unavailable: none seals them yet.
    """
    fit = [
        one
        for one in history.checkpoints
        if all(end == 0 or one.checkpoint.has_position(partition, end - 1) for partition, end in ends.items())
    ]
    return choose_cosigned(fit)


def choose_cosigned(fit: Sequence[SealedCheckpoint]) -> SealedCheckpoint:
    """Choose the one that most witnesses cosigned; of equals the newest. Raises Unavailable: there is none."""
    if not fit:
        raise Unavailable(NOT_SEALED)
    return max(fit, key=lambda one: (count_cosignatures(one.note), one.checkpoint.size, one.offset))


def prove_earlier(files: LogFiles, newest: SealedPosition, checkpoint: Checkpoint, leaf_hash: bytes) -> LeafProof:
    """Prove by an earlier checkpoint what the newest proves: of its own partial tiles none has to be there any more.

    Raises:
        NotValid: it does not seal that leaf, or the tiles are not its own.
        Unavailable: the tiles cannot be read.
    """
    reader = TileReader(checkpoint.size, cut_tiles(files, newest.proof.size))
    hashes = prove_inclusion(newest.proof.leaf, checkpoint.size, reader.read_node)
    verify_inclusion(leaf_hash, newest.proof.leaf, checkpoint.size, hashes, checkpoint.root)
    return LeafProof(newest.proof.leaf, tuple(hashes))


def count_cosignatures(note: SignedNote) -> int:
    """Count the signatures that are witnesses', whoever they are: nothing is verified here."""
    return sum(one.read_time() is not None for one in note.signatures)

"""Making receipts: what is asked of the store is held against the topics, and what is in the topics against the log."""

from contextlib import closing
from typing import Final

from audit.contributions import ContributingLegs
from audit.receipts import (
    EventReceipt,
    FigureReceipt,
    LeafProof,
    SealedBytes,
    SealedEvent,
    describe_receipt_figure,
)
from audit.sealed_entries import SealedTopics
from infra.settings import Settings
from ledger.errors import Misuse, Unavailable
from ledger.instants import count_millis
from proofs.errors import NotValid
from queries.client import Client
from queries.parsing import parse_instant
from queries.reconcile_queries import EventFatesQuery
from schemas.judged import name_software
from schemas.registry import resolve_ids
from seals.index import OutputPosition
from seals.ledger_log import open_log
from services.figures import FigureQuestion, ask_figure, read_figure

NOT_SEALED: Final = "the log does not seal all that the figure counts yet: wait a moment and ask again"


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
    sealed = open_log(settings, newest_only=True).prove_position(place, output.hash_leaf())
    return EventReceipt(
        SealedEvent(output.event_id, output.topic, *place),
        SealedBytes(output.schema, output.records),
        LeafProof(sealed.proof.leaf, sealed.proof.hashes),
        str(sealed.sealed.note),
        name_software(),
    )


def make_figure_receipt(settings: Settings, client: Client, question: FigureQuestion) -> FigureReceipt:
    """Make the receipt of a figure: asked of the store, added up from the topics, sealed by the newest checkpoint.

    Raises:
        Misuse: the figure may still grow, or nothing is sealed here.
        NotValid: the store says another figure than the entries add up to.
        Unavailable: broker, registry or store did not answer, or not all of it is sealed yet.
    """
    figure = read_figure(question, ask_figure(client, question))
    newest = open_log(settings, newest_only=True).history.newest
    if newest is None:
        raise Unavailable(NOT_SEALED)
    sealed = newest.checkpoint.positions
    stood = dict(enumerate(figure.positions))
    positions = tuple(min(end, stood.get(partition, 0)) for partition, end in enumerate(sealed))
    legs = ContributingLegs(figure)
    with closing(SealedTopics(settings, resolve_ids(settings))) as topics:
        for entry in topics.read_entries(figure.positions):
            legs.add_entry(entry)
    if any(end > sealed[partition] for partition, end in legs.reached.items()):
        raise Unavailable(NOT_SEALED)
    if legs.list_cells() != figure.cells:
        raise NotValid("the store's figure is not what the entries add up to: run disruptions audit replay")
    return FigureReceipt(
        describe_receipt_figure(figure),
        positions,
        legs.make_digest(),
        str(newest.note),
        name_software(),
    )

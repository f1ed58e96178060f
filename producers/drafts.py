"""What a publisher takes: a fact, numbered by its source or still to be numbered, and the message that it becomes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from ledger.bounds import describe_bound, find_too_long
from ledger.errors import Misuse
from ledger.events import Event
from ledger.facts import Fact, Millis
from ledger.instants import make_instant
from ledger.references import find_not_canonical, is_canonical, make_canonical
from schemas.conversion import make_fact
from schemas.definitions import name_schema

CONTENT_TYPE: Final = b"application/avro"
SOURCES_KEPT: Final = 4096

Header = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as facts hold it; ``numbered`` is False while its ``source_sequence`` is the outbox's to give."""

    fact: Fact
    numbered: bool

    @property
    def recorder(self) -> str:
        """Whose sequence it counts in."""
        return self.fact.recorder

    def list_headers(self, fact: Fact) -> "list[Header]":
        """List the headers of its message."""
        return make_headers(fact)

    def number_fact(self, sequence: int) -> Fact:
        """Return the fact with its place in the recorder's sequence."""
        return msgspec.structs.replace(self.fact, source_sequence=sequence)


class Message(NamedTuple):
    """What goes to Kafka."""

    key: bytes
    value: bytes
    headers: list[Header]


def make_draft(event: "Event | Draft") -> Draft:
    """Make a draft of a typed event; a draft is its own.

    Raises:
        Misuse: ``entered_at`` names no time zone, or ``prepare_fact`` refuses a field.
    """
    if isinstance(event, Draft):
        return event
    return Draft(prepare_fact(make_fact(event)), event.source_sequence is not None)


def prepare_fact(fact: Fact) -> Fact:
    """Make a fact's references canonical, and hold its fields to their bounds: what passes fits in a message.

    Raises:
        Misuse: a reference cannot be made canonical, or a field is too long; says which, and the bound.
    """
    try:
        while name := (find_not_canonical(fact) if is_canonical(fact.event_id) else "event_id"):
            fact = msgspec.structs.replace(fact, **{name: _make_canonical(name, getattr(fact, name))})
        name = find_too_long(fact)
    except (TypeError, AttributeError):  # a field of another type: encoding refuses it
        return fact
    if name:
        raise Misuse(f"{name}: too long, {describe_bound(name)}")
    return fact


def _make_canonical(name: str, text: str) -> str:
    try:
        return make_canonical(text)
    except Misuse as refused:
        raise Misuse(f"{name}: {refused}") from None


def make_headers(fact: Fact) -> list[Header]:
    """Make the CloudEvents attributes in Kafka's binary mode."""
    headers: list[Header] = [
        ("content-type", CONTENT_TYPE),
        ("ce_specversion", b"1.0"),
        ("ce_type", name_schema(fact).encode()),
        ("ce_id", fact.event_id.encode()),
        ("ce_source", _make_source(fact.recorder, fact.source_system)),
        ("ce_subject", fact.subject.encode()),
    ]
    if time := _spell_instant(fact.entered_at):
        headers.append(("ce_time", time))
    return headers


@lru_cache(maxsize=SOURCES_KEPT)
def _make_source(recorder: str, system: str | None) -> bytes:
    return "/".join(["", quote(recorder, safe=""), *([quote(system, safe="")] if system else [])]).encode()


def _spell_instant(millis: Millis) -> bytes | None:
    """Spell an instant by RFC 3339; None for one that no calendar holds (intake judges it)."""
    try:
        return make_instant(millis).isoformat(timespec="milliseconds").encode()
    except (OverflowError, ValueError, OSError):
        return None

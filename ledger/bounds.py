"""How long a field may be, and how large a record: every size limit that others must keep to.

Fields are judged at intake, and told by publishers before anything is sent. In characters (Unicode code points), so at
most four bytes of UTF-8 each: a reference has at most 800 bytes. What keeps to these bounds fits, with its headers, in
a message of a hundredth of a broker's usual limit of a million bytes.
"""

from typing import Final, NamedTuple

from ledger.facts import DisruptionFact, Fact, ThreatFact

REFERENCE_CHARACTERS_MAX: Final = 200
PHASE_CHARACTERS_MAX: Final = 200
REASON_CHARACTERS_MAX: Final = 4000
TAGS_MAX: Final = 50
TAG_CHARACTERS_MAX: Final = 100

LARGEST_EVENT_BYTES: Final = 1_048_588
"""What a topic of events takes: Kafka's own default, said here because outputs must have room for it and more."""
LARGEST_ORIGINAL_BYTES: Final = 4 * 1024 * 1024
"""A published record over this is refused: with its legs, it must fit an output several times over."""
HEADERS_MAX: Final = 1_000
"""A published record with more is refused likewise."""
LARGEST_OUTPUT_BYTES: Final = 32 * 1024 * 1024
"""What a topic of outputs takes: one assessment can move every disruption of its threat."""


class FieldBounds(NamedTuple):
    """Bounds of the fields as one value: part of the rules that outputs name."""

    reference: int = REFERENCE_CHARACTERS_MAX
    phase: int = PHASE_CHARACTERS_MAX
    reason: int = REASON_CHARACTERS_MAX
    tags: int = TAGS_MAX
    tag: int = TAG_CHARACTERS_MAX


BOUNDS: Final = FieldBounds()

_DISRUPTION_REFERENCES: Final = (
    "event_id",
    "disruption_id",
    "threat_id",
    "recorded_by",
    "benefits",
    "activity_ref",
    "plan_ref",
    "actor",
    "source_system",
)
_THREAT_REFERENCES: Final = ("event_id", "threat_id", "owner", "actor", "source_system")


def list_references(fact: Fact) -> tuple[str, ...]:
    """Name the fields of a fact that are references: names by which records, people and systems are told apart."""
    return _DISRUPTION_REFERENCES if isinstance(fact, DisruptionFact) else _THREAT_REFERENCES


def find_too_long(fact: Fact, bounds: FieldBounds = BOUNDS) -> str | None:
    """Name the first field over its bound; None when all keep to theirs.

    Quick for what is usual: when all references together are no longer than one may be, none of them is looked at.
    """
    reference = bounds.reference
    if _sum_references(fact) > reference:
        for name in list_references(fact):
            if len(getattr(fact, name) or "") > reference:
                return name
    if isinstance(fact, ThreatFact) and len(fact.phase) > bounds.phase:
        return "phase"
    if fact.reason and len(fact.reason) > bounds.reason:
        return "reason"
    return "tags" if fact.tags and _has_too_much(fact.tags, bounds) else None


def describe_bound(name: str) -> str:
    """Say the bound of a field in words, such as ``at most 200 characters``."""
    if name == "tags":
        return f"at most {TAGS_MAX} of at most {TAG_CHARACTERS_MAX} characters each"
    bounds = {"phase": PHASE_CHARACTERS_MAX, "reason": REASON_CHARACTERS_MAX}
    return f"at most {bounds.get(name, REFERENCE_CHARACTERS_MAX):,} characters"


def _sum_references(fact: Fact) -> int:
    total = len(fact.event_id) + len(fact.threat_id) + len(fact.actor) + len(fact.source_system or "")
    if isinstance(fact, ThreatFact):
        return total + len(fact.owner)
    total += len(fact.disruption_id) + len(fact.recorded_by) + len(fact.benefits or "")
    return total + len(fact.activity_ref or "") + len(fact.plan_ref or "")


def _has_too_much(tags: list[str], bounds: FieldBounds) -> bool:
    return len(tags) > bounds.tags or any(len(tag) > bounds.tag for tag in tags)

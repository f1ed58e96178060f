"""Bad events that real systems send: each is rejected with exactly one code, and leaves every figure as it was."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import msgspec

from ledger.events import DisruptionEvent, Event, ThreatEvent
from ledger.vocabulary import Change, Code, DisruptionType
from synthetic.profile import AGENCIES
from synthetic.threats import draw_event_id

SPARE_DAYS = 20  # a mistake is made from an event at least this long before the year closes


class PlannedEvent(NamedTuple):
    """An event with the instant its system sends it, and what the generator means by it."""

    at: datetime
    event: Event
    code: Code | None = None  # what intake will reject it with
    resend: bool = False


class Mistake(NamedTuple):
    """``times`` bad events, each made from a good one of ``pool`` by ``make(model, entered_at, number)``."""

    code: Code
    times: int
    pool: str
    make: Callable[[Any, datetime, int], Event]


def plant_mistakes(rng: Random, good: Sequence[Event], closing: datetime) -> Iterator[PlannedEvent]:
    """Plant every mistake of ``MISTAKES``; each is sent a day or two after the event that it is made from."""
    pools = choose_models(good, closing)
    for mistake in MISTAKES:
        for number, model in enumerate(rng.sample(pools[mistake.pool], mistake.times)):
            at = model.entered_at + timedelta(milliseconds=rng.randint(86_400_000, 200_000_000))
            event = mistake.make(model, at, number)
            if mistake.code is not Code.EVENT_ID_REUSED:
                event = msgspec.structs.replace(event, event_id=draw_event_id(rng))
            yield PlannedEvent(at, event, mistake.code)


def choose_models(good: Sequence[Event], closing: datetime) -> Mapping[str, Sequence[Event]]:
    """Choose records of forces and support records that have one version, withdrawals, and latest forms of threats."""
    limit = closing - timedelta(days=SPARE_DAYS)
    early = [event for event in good if event.entered_at < limit]
    records = [event for event in early if isinstance(event, DisruptionEvent)]
    versions = Counter(event.disruption_id for event in good if isinstance(event, DisruptionEvent))
    single = [event for event in records if versions[event.disruption_id] == 1]
    latest = {event.threat_id: event for event in good if isinstance(event, ThreatEvent)}
    return {
        "lead": [event for event in single if event.type is DisruptionType.LEAD and _is_force(event.recorded_by)],
        "support": [event for event in single if event.type is DisruptionType.SUPPORT],
        "withdrawn": [event for event in records if event.change is Change.WITHDRAWN],
        "threat": [event for event in latest.values() if event.entered_at < limit],
    }


def _is_force(organisation: str) -> bool:
    return organisation not in AGENCIES and not organisation.startswith("rocu-")


def _record_anew(model: DisruptionEvent, at: datetime, number: int, **changes: Any) -> DisruptionEvent:
    """Record a new disruption on the same threat."""
    reference = f"{model.disruption_id}-{number + 1}x"
    return msgspec.structs.replace(
        model, **{"disruption_id": reference, "activity_ref": None, "entered_at": at, **changes}
    )


def _record_again(model: DisruptionEvent, at: datetime, **changes: Any) -> DisruptionEvent:
    """Record a later version of the same disruption."""
    return msgspec.structs.replace(
        model,
        **{"version": model.version + 1, "change": Change.AMENDED, "reason": "update", "entered_at": at, **changes},
    )


def claim_support_by_force(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Make a force record that it supported its neighbour (rule 1)."""
    neighbour = "kent" if model.recorded_by != "kent" else "essex"
    return _record_anew(model, at, number, type=DisruptionType.SUPPORT, benefits=neighbour)


def leave_out_beneficiary(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Make a ROCU's form that was saved with the beneficiary left empty (rule 2)."""
    return _record_anew(model, at, number, benefits=None)


def support_itself(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Make a ROCU name itself (rule 2)."""
    return _record_anew(model, at, number, benefits=model.recorded_by)


def name_unlisted_organisation(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Make a system write its own name for the force."""
    return _record_anew(model, at, number, recorded_by=f"{model.recorded_by}-police")


def reuse_event_id(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Make a system number another record with an id that it has used."""
    return _record_anew(model, at, number)


def skip_version(model: DisruptionEvent, at: datetime, _: int) -> Event:
    """Leave out version 2, which was never sent."""
    return _record_again(model, at, version=3)


def amend_unrecorded(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Make an amendment the first that is heard of a disruption."""
    return _record_anew(model, at, number, change=Change.AMENDED, version=2, reason="update")


def amend_withdrawn(model: DisruptionEvent, at: datetime, _: int) -> Event:
    """Go on with a record that was withdrawn."""
    return _record_again(model, at)


def record_twice(model: DisruptionEvent, at: datetime, _: int) -> Event:
    """Make a second version that calls itself a first record."""
    return _record_again(model, at, change=Change.RECORDED)


def enter_before_previous(model: DisruptionEvent, _: datetime, __: int) -> Event:
    """Enter a version before the one it follows."""
    return _record_again(model, model.entered_at - timedelta(hours=5))


def enter_wrong_century(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Enter in the next century."""
    return _record_anew(model, at, number, entered_at=at.replace(year=at.year + 100, day=min(at.day, 28)))


def enter_wrong_year(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Record an event date a year after its own entry."""
    day = model.event_date
    return _record_anew(model, at, number, event_date=day.replace(year=at.year + 1, day=min(day.day, 28)))


def leave_out_tier(model: ThreatEvent, at: datetime, _: int) -> Event:
    """Save a form before its tier was chosen."""
    return msgspec.structs.replace(model, version=model.version + 1, tier=0, entered_at=at)


MISTAKES = (
    Mistake(Code.SUPPORT_BY_FORCE, 9, "lead", claim_support_by_force),
    Mistake(Code.SUPPORT_WITHOUT_BENEFICIARY, 5, "support", leave_out_beneficiary),
    Mistake(Code.SUPPORT_OF_ITSELF, 2, "support", support_itself),
    Mistake(Code.UNKNOWN_ORGANISATION, 4, "lead", name_unlisted_organisation),
    Mistake(Code.EVENT_ID_REUSED, 3, "lead", reuse_event_id),
    Mistake(Code.VERSION_NOT_NEXT, 5, "lead", skip_version),
    Mistake(Code.VERSION_NOT_NEXT, 3, "lead", amend_unrecorded),
    Mistake(Code.CHANGE_NOT_LEGAL, 2, "withdrawn", amend_withdrawn),
    Mistake(Code.CHANGE_NOT_LEGAL, 2, "lead", record_twice),
    Mistake(Code.ENTERED_BEFORE_PREVIOUS, 3, "lead", enter_before_previous),
    Mistake(Code.ENTERED_IN_FUTURE, 2, "lead", enter_wrong_century),
    Mistake(Code.EVENT_AFTER_ENTRY, 6, "lead", enter_wrong_year),
    Mistake(Code.UNRECOGNISED_VALUE, 2, "threat", leave_out_tier),
)

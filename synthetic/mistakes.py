"""Bad events that real systems send: each is refused with exactly one code, and leaves every figure as it was."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import msgspec

from ledger.events import DisruptionEvent, Event, ThreatEvent
from ledger.vocabulary import Change, Code, DisruptionType
from synthetic.profile import AGENCIES
from synthetic.threats import new_id

SPARE_DAYS = 20  # a mistake is made from an event at least this long before the year closes


class Sent(NamedTuple):
    """An event with the instant its system sends it, and what the generator means by it."""

    at: datetime
    event: Event
    code: Code | None = None  # what intake will refuse it with
    resend: bool = False


class Mistake(NamedTuple):
    """``times`` bad events, each made from a good one of ``pool`` by ``make(model, entered_at, number)``."""

    code: Code
    times: int
    pool: str
    make: Callable[[Any, datetime, int], Event]


def plant(rng: Random, good: Sequence[Event], closing: datetime) -> Iterator[Sent]:
    """Every mistake of ``MISTAKES``; each is sent a day or two after the event that it is made from."""
    pools = choose_models(good, closing)
    for mistake in MISTAKES:
        for number, model in enumerate(rng.sample(pools[mistake.pool], mistake.times)):
            at = model.entered_at + timedelta(milliseconds=rng.randint(86_400_000, 200_000_000))
            event = mistake.make(model, at, number)
            if mistake.code is not Code.EVENT_ID_REUSED:
                event = msgspec.structs.replace(event, event_id=new_id(rng))
            yield Sent(at, event, mistake.code)


def choose_models(good: Sequence[Event], closing: datetime) -> Mapping[str, Sequence[Event]]:
    """Records of forces and support records that have one version, withdrawals, and latest forms of threats."""
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


def _anew(model: DisruptionEvent, at: datetime, number: int, **changes: Any) -> DisruptionEvent:
    """A new disruption on the same threat."""
    reference = f"{model.disruption_id}-{number + 1}x"
    return msgspec.structs.replace(
        model, **{"disruption_id": reference, "activity_ref": None, "entered_at": at, **changes}
    )


def _again(model: DisruptionEvent, at: datetime, **changes: Any) -> DisruptionEvent:
    """A later version of the same disruption."""
    return msgspec.structs.replace(
        model,
        **{"version": model.version + 1, "change": Change.AMENDED, "reason": "update", "entered_at": at, **changes},
    )


def support_by_force(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """A force records that it supported its neighbour (rule 1)."""
    neighbour = "kent" if model.recorded_by != "kent" else "essex"
    return _anew(model, at, number, type=DisruptionType.SUPPORT, benefits=neighbour)


def support_without_beneficiary(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """A ROCU's form was saved with the beneficiary left empty (rule 2)."""
    return _anew(model, at, number, benefits=None)


def support_of_itself(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """A ROCU names itself (rule 2)."""
    return _anew(model, at, number, benefits=model.recorded_by)


def unknown_organisation(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """The system writes its own name for the force."""
    return _anew(model, at, number, recorded_by=f"{model.recorded_by}-police")


def event_id_reused(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """A system numbers another record with an id that it has used."""
    return _anew(model, at, number)


def version_skipped(model: DisruptionEvent, at: datetime, _: int) -> Event:
    """Version 2 was never sent."""
    return _again(model, at, version=3)


def never_recorded(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """The first that is heard of a disruption is an amendment."""
    return _anew(model, at, number, change=Change.AMENDED, version=2, reason="update")


def amended_after_withdrawal(model: DisruptionEvent, at: datetime, _: int) -> Event:
    """Somebody goes on with a record that was withdrawn."""
    return _again(model, at)


def recorded_again(model: DisruptionEvent, at: datetime, _: int) -> Event:
    """A second version that calls itself a first record."""
    return _again(model, at, change=Change.RECORDED)


def clock_behind(model: DisruptionEvent, _: datetime, __: int) -> Event:
    """A version entered before the one it follows."""
    return _again(model, model.entered_at - timedelta(hours=5))


def century_typed_wrong(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """Entered in the next century."""
    return _anew(model, at, number, entered_at=at.replace(year=at.year + 100, day=min(at.day, 28)))


def year_typed_wrong(model: DisruptionEvent, at: datetime, number: int) -> Event:
    """The event lies a year after its own entry."""
    day = model.event_date
    return _anew(model, at, number, event_date=day.replace(year=at.year + 1, day=min(day.day, 28)))


def tier_out_of_range(model: ThreatEvent, at: datetime, _: int) -> Event:
    """A form that was saved before its tier was chosen."""
    return msgspec.structs.replace(model, version=model.version + 1, tier=0, entered_at=at)


MISTAKES = (
    Mistake(Code.SUPPORT_BY_FORCE, 9, "lead", support_by_force),
    Mistake(Code.SUPPORT_WITHOUT_BENEFICIARY, 5, "support", support_without_beneficiary),
    Mistake(Code.SUPPORT_OF_ITSELF, 2, "support", support_of_itself),
    Mistake(Code.UNKNOWN_ORGANISATION, 4, "lead", unknown_organisation),
    Mistake(Code.EVENT_ID_REUSED, 3, "lead", event_id_reused),
    Mistake(Code.VERSION_NOT_NEXT, 5, "lead", version_skipped),
    Mistake(Code.VERSION_NOT_NEXT, 3, "lead", never_recorded),
    Mistake(Code.CHANGE_NOT_LEGAL, 2, "withdrawn", amended_after_withdrawal),
    Mistake(Code.CHANGE_NOT_LEGAL, 2, "lead", recorded_again),
    Mistake(Code.ENTERED_BEFORE_PREVIOUS, 3, "lead", clock_behind),
    Mistake(Code.ENTERED_IN_FUTURE, 2, "lead", century_typed_wrong),
    Mistake(Code.EVENT_AFTER_ENTRY, 6, "lead", year_typed_wrong),
    Mistake(Code.UNRECOGNISED_VALUE, 2, "threat", tier_out_of_range),
)

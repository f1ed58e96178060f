"""Crowds: many disruptions of few activities of one threat, heard in orders that are unkind to whoever keeps count.

Written as ``histories`` are, from a function that picks: hypothesis's or a seed's. Instants are few, so that ties are
the rule; a disruption may leave an activity and come back, change its pillar, its recorder or its date, say the same
again, or be withdrawn.
"""

import random
from itertools import count

from hypothesis import strategies as st

from tests.laws.histories import EVENT_DATES, INSTANTS
from tests.methodology.facts import make_event_id, state_disruption, state_threat

PILLARS = ("PURSUE", "PURSUE", "PREVENT", "PROTECT")
NAMES = tuple("ABCDEFGHIJ")


def write_versions(pick, numbers, name):
    """A disruption that is in the crowd's activity more often than not."""
    said = {
        "pillar": pick(PILLARS),
        "activity_ref": pick(("A1", "A1", "A1", "A2", None)),
        "recorded_by": pick(("metropolitan", "metropolitan", "metropolitan", "essex")),
        "event_date": pick(EVENT_DATES),
        "category": pick(("MAJOR", "MINOR", "NONE")),
    }
    versions = []
    for version, entered_at in enumerate(sorted(pick(INSTANTS) for _ in range(pick((1, 1, 2, 3, 5)))), 1):
        change = "RECORDED" if version == 1 else pick(("AMENDED", "AMENDED", "AMENDED", "WITHDRAWN"))
        if change == "AMENDED":
            said |= pick(
                (
                    {"pillar": pick(PILLARS)},
                    {"activity_ref": pick(("A1", "A2", None))},
                    {"recorded_by": pick(("metropolitan", "essex"))},
                    {"event_date": pick(EVENT_DATES)},
                    {"category": pick(("MAJOR", "MINOR", "NONE"))},
                    {},
                )
            )
        identity = {"event_id": make_event_id(next(numbers)), "change": change, "entered_at": entered_at}
        versions.append(state_disruption(name, version, **(said | identity)))
        if change == "WITHDRAWN":
            break
    return versions


def write_assessments(pick, numbers):
    """Few or none; kinds and crime types in which they differ."""
    return [
        state_threat(
            version,
            event_id=make_event_id(next(numbers)),
            kind=pick(("OCG", "OCG", "VULNERABILITY")),
            crime_type=pick(("DRUGS", "FRAUD")),
            assessed_on=pick(EVENT_DATES),
            entered_at=entered_at,
        )
        for version, entered_at in enumerate(sorted(pick(INSTANTS) for _ in range(pick(range(4)))), 1)
    ]


def put_newest_first(queue):
    """Of all that may be heard next, the last entered."""
    return queue[0].entered_at


def put_newest_whole_first(queue):
    """The last entered disruption with all of its versions, then the one before it."""
    return queue[0].version, queue[0].entered_at


def put_oldest_first(queue):
    """In the order of entry."""
    return -queue[0].entered_at


ORDERS = (put_newest_first, put_newest_whole_first, put_oldest_first, None)
"""What is heard next is what is greatest; None: anything, versions of one between those of others."""


def write_crowd(pick):
    """Facts in an order of arrival; the assessments first, last or among them."""
    numbers = count(1)
    said = write_assessments(pick, numbers)
    place = pick(("first", "last", "among"))
    queues = [write_versions(pick, numbers, name) for name in NAMES[: pick((3, 6, len(NAMES)))]]
    order = pick(ORDERS)
    arrivals = list(said) if place == "first" else []
    if place == "among":
        queues.append(said)
    while queues := [queue for queue in queues if queue]:
        queue = pick(queues) if order is None else max(queues, key=order)
        arrivals.append(queue.pop(0))
    return [*arrivals, *said] if place == "last" else arrivals


@st.composite
def draw_crowds(draw):
    """Crowds that hypothesis chooses, and makes small when one fails."""
    return write_crowd(lambda among: draw(st.sampled_from(among)))


def make_seeded_crowd(seed):
    """The crowd of a seed."""
    return write_crowd(random.Random(seed).choice)

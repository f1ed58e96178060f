"""Seeded histories: what recorders entered, and the orders in which a ledger may come to hear of it.

A history is written per entity (a disruption's versions, a threat's assessments), each with entry times that do not go
back, and then riffled: any arrival order between disruptions and threats that keeps each entity's own. Few instants,
dates, activities and categories are drawn from, so that ties and meetings are the rule and not the exception.

One writer, two sources of choice: hypothesis, which makes a failing history small, and a plain seed, which makes
thousands in seconds.
"""

import random
from itertools import count

from hypothesis import strategies as st

from tests.methodology.facts import DAY, JULY_1_2023, make_event_id, state_disruption, state_threat

THREATS = ("T1", "T2")
RECORDERS = ("metropolitan", "rocu-eastern")
SUCCESSORS = ("nca", "west-midlands")
CATEGORIES = ("MAJOR", "MODERATE", "MINOR", "NONE", "NEGATIVE", "UNASSESSED")
EVENT_DATES = tuple(JULY_1_2023 + shift for shift in (-40, -2, -1, 0, 1, 30))
INSTANTS = tuple((JULY_1_2023 + 31) * DAY + shift for shift in range(7))
LEDGER_START = INSTANTS[-1]
ONCE_IN_FOUR = (False, False, False, True)


def draw_versions(pick, numbers, name, threat_id):
    """One disruption: recorded, corrected, perhaps withdrawn; what a correction may change, it sometimes does."""
    said = {
        "threat_id": threat_id,
        "recorded_by": pick(RECORDERS) if pick(ONCE_IN_FOUR) else RECORDERS[0],
        "pillar": pick(("PURSUE", "PREVENT")),
        "category": pick(CATEGORIES),
        "activity_ref": pick((None, "A1", "A1", "A2")),
        "event_date": pick(EVENT_DATES),
    }
    if said["recorded_by"].startswith("rocu") and pick((True, False)):
        said |= {"type": "SUPPORT", "benefits": "essex"}
    versions = []
    for version, entered_at in enumerate(sorted(pick(INSTANTS) for _ in range(pick(range(1, 5)))), 1):
        change = "RECORDED" if version == 1 else pick(("AMENDED", "REASSESSED", "WITHDRAWN"))
        if change == "AMENDED":
            said |= draw_amendment(pick)
        if change == "REASSESSED":
            said |= {"category": pick(CATEGORIES)}
        identity = {"event_id": make_event_id(next(numbers)), "change": change, "entered_at": entered_at}
        versions.append(state_disruption(name, version, **(said | identity)))
        if change == "WITHDRAWN":
            break
    return versions


def draw_amendment(pick):
    """Anything may be amended: pillar, activity, date, and now and then the recorder."""
    said = {
        "pillar": pick(("PURSUE", "PREVENT", "PROTECT")),
        "activity_ref": pick((None, "A1", "A2")),
        "event_date": pick(EVENT_DATES),
    }
    return said | {"recorded_by": pick(SUCCESSORS), "type": "LEAD", "benefits": None} if pick(ONCE_IN_FOUR) else said


def draw_assessments(pick, numbers, threat_id):
    """One threat's assessments, perhaps none; reclassified, closed, assessed for a day in the past."""
    return [
        state_threat(
            version,
            threat_id=threat_id,
            event_id=make_event_id(next(numbers)),
            kind=pick(("OCG", "OCG", "VULNERABILITY", "PRIORITY_INDIVIDUAL")),
            crime_type=pick(("DRUGS", "DRUGS", "FRAUD", "UNKNOWN")),
            assessed_on=pick(EVENT_DATES),
            phase=pick(("Active", "Active", "4 - CLOSED by force")),
            tier=pick((1, 5)),
            entered_at=entered_at,
        )
        for version, entered_at in enumerate(sorted(pick(INSTANTS) for _ in range(pick(range(5)))), 1)
    ]


def write_history(pick):
    """Events in an order of arrival, with the ledger time of each, which never goes back and may stand still."""
    numbers = count(1)
    queues = [draw_assessments(pick, numbers, threat_id) for threat_id in THREATS]
    for number in range(pick(range(1, 6))):
        queues.append(draw_versions(pick, numbers, f"D{number}", pick(("T1", "T1", "T1", "T2"))))
    arrivals, ledger_time = [], LEDGER_START
    while queues := [queue for queue in queues if queue]:
        ledger_time += pick((0, 1))
        arrivals.append((pick(queues).pop(0), ledger_time))
    return arrivals


@st.composite
def draw_histories(draw):
    """Histories that hypothesis chooses, and makes small when one fails."""
    return write_history(lambda among: draw(st.sampled_from(among)))


def make_seeded(seed):
    """The history of a seed."""
    return write_history(random.Random(seed).choice)

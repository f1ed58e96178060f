"""A seeded history: what publishers send under faults, and what must become of each record, planned when it is written.

Most records have their time in 2022. Some publishers' clocks are ahead of ours: within the tolerance of rule 9 their
events are admitted, beyond it they are refused.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from ledger.facts import Fact
from tests.facts import NOON, make_disruption, make_threat
from tests.live.audited import CODEC

THREATS = 24
MINUTE = 60_000
WITHIN_MILLIS, BEYOND_MILLIS = MINUTE, 60 * MINUTE  # of a tolerance of five minutes
ADMITTED, DUPLICATE = "ADMITTED", "DUPLICATE"
RECORDERS = ("metropolitan", "kent", "essex", "rocu-eastern")
PILLARS = ("PURSUE", "PREVENT", "PROTECT", "PREPARE")
CATEGORIES = ("MAJOR", "MODERATE", "MINOR", "NONE", "UNASSESSED")


class PlannedRecord(NamedTuple):
    """A record to be published, and its outcome: a verdict, or the code of its rejection."""

    key: bytes
    value: bytes
    outcome: str
    fact: Fact | None = None


class HistoryWriter:
    """Writes one history: threats, disruptions of them, corrections, repetitions and what must be refused.

    Args:
        seed: of all choices, and in all names: histories of several seeds may be told to one ledger.
        now: this machine's clock in milliseconds; publishers' clocks are ahead of it.
    """

    def __init__(self, seed: int, now: int) -> None:
        self._rng = random.Random(seed)
        self._seed = seed
        self._now = now
        self._number = 0
        self._live: list[Fact] = []
        self._sent: list[PlannedRecord] = []

    def write_records(self, count: int) -> Iterator[PlannedRecord]:
        """Write so many; the threats first."""
        for number in range(min(count, THREATS)):
            yield self._keep_record(
                make_threat(event_id=self._draw_id(), threat_id=self._name_threat(number), kind=self._draw_kind())
            )
        writers = (
            self._record,
            self._correct_one,
            self._repeat_one,
            self._misdate_one,
            self._run_ahead,
            self._garble_one,
            self._skip_version,
        )
        for _ in range(count - THREATS):
            yield self._rng.choices(writers, (64, 16, 6, 4, 4, 3, 3))[0]()

    def _record(self, **said: object) -> PlannedRecord:
        """A new disruption; one in five by an activity that others have too, in whatever pillar."""
        recorder = self._rng.choice(RECORDERS)
        support = recorder.startswith("rocu")
        fields = {
            "threat_id": self._draw_threat(),
            "recorded_by": recorder,
            "type": "SUPPORT" if support else "LEAD",
            "benefits": "essex" if support else None,
            "pillar": self._rng.choice(PILLARS),
            "category": self._rng.choice(CATEGORIES),
            "activity_ref": self._rng.choice((None, None, None, None, f"A{self._rng.randrange(20)}")),
            "entered_at": NOON + self._number,
        }
        identity = {"event_id": self._draw_id(), "disruption_id": f"D-{self._seed}-{self._number}"}
        fact = make_disruption(**identity | fields | said)
        self._live.append(fact)
        return self._keep_record(fact)

    def _correct_one(self) -> PlannedRecord:
        """The next version of one that lives: amended, assessed anew, or withdrawn for good."""
        if not self._live:
            return self._record()
        last = self._live.pop(self._rng.randrange(len(self._live)))
        change = self._rng.choice(("AMENDED", "AMENDED", "REASSESSED", "WITHDRAWN"))
        fields = {name: getattr(last, name) for name in last.__struct_fields__ if name != "event_id"}
        fields |= {"version": last.version + 1, "change": change, "reason": "seen again"}
        if change == "AMENDED":
            fields["pillar"] = self._rng.choice(PILLARS)
        if change == "REASSESSED":
            fields["category"] = self._rng.choice(CATEGORIES)
        fact = make_disruption(event_id=self._draw_id(), **fields)
        if change != "WITHDRAWN":
            self._live.append(fact)
        return self._keep_record(fact)

    def _repeat_one(self) -> PlannedRecord:
        """A record that was sent before, in the same bytes."""
        return self._rng.choice(self._sent)._replace(outcome=DUPLICATE, fact=None)

    def _misdate_one(self) -> PlannedRecord:
        """A publisher whose clock is an hour ahead."""
        record = self._record(entered_at=self._now + BEYOND_MILLIS + self._number)
        self._live.pop()
        self._sent.pop()
        return record._replace(outcome="ENTERED_IN_FUTURE", fact=None)

    def _run_ahead(self) -> PlannedRecord:
        """A publisher whose clock is a minute ahead, or just as far behind."""
        record = self._record(entered_at=self._now + self._rng.choice((-1, 1)) * WITHIN_MILLIS + self._number)
        self._live.pop()
        return record

    def _garble_one(self) -> PlannedRecord:
        """No event at all."""
        self._number += 1
        key = self._draw_threat().encode()
        return PlannedRecord(key, b"garbage %d %d" % (self._seed, self._number), "UNDECODABLE")

    def _skip_version(self) -> PlannedRecord:
        """A correction whose predecessor was never sent."""
        fact = make_disruption(
            event_id=self._draw_id(),
            disruption_id=f"D-{self._seed}-{self._number}",
            threat_id=self._draw_threat(),
            version=2,
            change="AMENDED",
        )
        return plan_record(fact, "VERSION_NOT_NEXT")._replace(fact=None)

    def _keep_record(self, fact: Fact) -> PlannedRecord:
        self._sent.append(plan_record(fact))
        return self._sent[-1]

    def _draw_kind(self) -> str:
        return self._rng.choice(("OCG", "OCG", "VULNERABILITY", "PRIORITY_INDIVIDUAL"))

    def _draw_threat(self) -> str:
        return self._name_threat(self._rng.randrange(THREATS))

    def _name_threat(self, number: int) -> str:
        return f"T-{self._seed}-{number}"

    def _draw_id(self) -> str:
        self._number += 1
        return str(UUID(int=(self._seed << 32) + self._number, version=4))


def plan_record(fact: Fact, outcome: str = ADMITTED) -> PlannedRecord:
    """A record of a fact that will have that outcome."""
    return PlannedRecord(fact.threat_id.encode(), CODEC.encode_fact(fact), outcome, fact)

"""One recorder: numbers its records, and writes versions of a disruption one after another."""

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

import msgspec

from ledger.events import DisruptionEvent
from ledger.vocabulary import Category, Change, DisruptionType, EntryRoute, Pillar
from synthetic.seasons import Season, draw_correction_time, draw_entry_time
from synthetic.threats import EnrolledThreat, draw_event_id

COUNTED = (Category.MAJOR, Category.MODERATE, Category.MINOR)  # rule 6
COUNTED_WEIGHTS = (9, 31, 60)
SYSTEMS = ("records-management", "intelligence-desk", "spreadsheet-import")
TAGS = ("serious violence", "prison", "clear-hold-build", "intellectual property", "metal theft")


@dataclass(slots=True)
class Recorder:
    """A recording organisation and its numbering."""

    organisation: str
    rng: Random
    season: Season
    route: EntryRoute = EntryRoute.DIRECT
    type: DisruptionType = DisruptionType.LEAD
    records: int = 0
    activities: int = 0
    open_activities: dict[tuple[str, Pillar], str] = field(default_factory=dict)

    def record_new(  # noqa: PLR0913 - what a record differs in; the rest is its own
        self,
        threat_id: str,
        day: date,
        pillar: Pillar,
        category: Category,
        *,
        entered_at: datetime | None = None,
        benefits: str | None = None,
        activity_ref: str | None = None,
    ) -> DisruptionEvent:
        """Record version 1 of a new disruption."""
        rng = self.rng
        self.records += 1
        return DisruptionEvent(
            event_id=draw_event_id(rng),
            change=Change.RECORDED,
            disruption_id=f"{self.organisation}-d{self.records:05}",
            version=1,
            threat_id=threat_id,
            recorded_by=self.organisation,
            source_sequence=0,
            type=self.type,
            benefits=benefits,
            pillar=pillar,
            category=category,
            activity_ref=activity_ref,
            event_date=day,
            entered_at=entered_at or draw_entry_time(rng, day),
            tags=(rng.choice(TAGS),) if rng.random() < 0.12 else (),
            plan_ref=f"4p-{self.season.year}-{rng.randint(1, 40):02}" if rng.random() < 0.3 else None,
            actor=f"{self.organisation}-u{rng.randint(1, 60):02}",
            source_system=rng.choice(SYSTEMS),
            entry_route=self.route,
        )

    def record_next(
        self, previous: DisruptionEvent, change: Change, reason: str, at: datetime | None = None, **fields: object
    ) -> DisruptionEvent:
        """Record the next version, some time later."""
        return msgspec.structs.replace(
            previous,
            event_id=draw_event_id(self.rng),
            change=change,
            version=previous.version + 1,
            entered_at=at or draw_correction_time(self.rng, previous.entered_at, self.season.closing),
            reason=reason,
            **fields,
        )

    def draw_activity(self, threat: EnrolledThreat, pillar: Pillar) -> str | None:
        """Draw a reference for two in five records; one in ten of those continues an activity of the same pillar."""
        if self.rng.random() > 0.4:
            return None
        key = (threat.id, pillar)
        if key not in self.open_activities or self.rng.random() > 0.1:
            self.activities += 1
            self.open_activities[key] = f"{self.organisation}-a{self.activities:05}"
        return self.open_activities[key]

    def draw_category(self) -> Category:
        """Draw a category that counts."""
        return self.rng.choices(COUNTED, COUNTED_WEIGHTS)[0]

    def draw_other_pillar(self, pillar: Pillar) -> Pillar:
        """Draw any pillar but this one."""
        return self.rng.choice([other for other in Pillar if other is not pillar])

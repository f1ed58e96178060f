"""Where a disruption stands, from what is known of its threat and its activity: the first of the rules below that
holds.
"""

from ledger.facts import Day
from ledger.vocabulary import Category, Standing
from methodology.book import Assessment, Version
from methodology.standards import standard_on

AWAITING_THREAT = Standing.AWAITING_THREAT.value
KIND_NOT_PERMITTED = Standing.KIND_NOT_PERMITTED.value
SECOND_PILLAR = Standing.SECOND_PILLAR.value
UNASSESSED = Standing.UNASSESSED.value
CATEGORY_NOT_COUNTED = Standing.CATEGORY_NOT_COUNTED.value
COUNTED = Standing.COUNTED.value
_UNASSESSED_CATEGORY = Category.UNASSESSED.value


def assessment_on(known: tuple[Assessment, ...], day: Day) -> Assessment | None:
    """Rule 12: the latest assessment not after the day (ties: the higher version), or else the earliest (ties: the
    lower).
    """
    if len(known) == 1:
        return known[0]
    latest = None
    for assessment in known:
        if assessment.assessed_on <= day and (latest is None or assessment.assessed_on >= latest.assessed_on):
            latest = assessment
    return latest or min(known, key=_assessed_on, default=None)


def _assessed_on(assessment: Assessment) -> Day:
    return assessment.assessed_on


def standing(version: Version, kind: str | None, activity_pillar: str | None) -> str:
    """Rules 4 to 7. ``kind`` is None while no assessment is known, ``activity_pillar`` while it is in no activity."""
    standard = standard_on(version.event_date)
    record = version.record
    if kind is None:
        return AWAITING_THREAT
    if kind not in standard.permitted_kinds:
        return KIND_NOT_PERMITTED
    if activity_pillar is not None and activity_pillar != record.pillar and standard.one_pillar_per_activity:
        return SECOND_PILLAR
    if record.category in standard.counted_categories:
        return COUNTED
    return UNASSESSED if record.category == _UNASSESSED_CATEGORY else CATEGORY_NOT_COUNTED

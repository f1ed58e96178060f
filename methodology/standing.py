"""Where a disruption stands, from what is known of its threat and its activity: the first of the rules below that
holds.
"""

from ledger.vocabulary import Category, Standing
from methodology.standards import find_standard
from methodology.versions import Version

AWAITING_THREAT = Standing.AWAITING_THREAT.value
KIND_NOT_PERMITTED = Standing.KIND_NOT_PERMITTED.value
SECOND_PILLAR = Standing.SECOND_PILLAR.value
UNASSESSED = Standing.UNASSESSED.value
CATEGORY_NOT_COUNTED = Standing.CATEGORY_NOT_COUNTED.value
COUNTED = Standing.COUNTED.value
_UNASSESSED_CATEGORY = Category.UNASSESSED.value


def find_standing(version: Version, kind: str | None, second: bool) -> str:
    """Find the first of rules 4 to 7 that holds. ``kind`` is None while no assessment is known; ``second``: another
    pillar leads its activity.
    """
    standard = find_standard(version.event_date)
    record = version.record
    if kind is None:
        return AWAITING_THREAT
    if kind not in standard.permitted_kinds:
        return KIND_NOT_PERMITTED
    if second and standard.one_pillar_per_activity:
        return SECOND_PILLAR
    if record.category in standard.counted_categories:
        return COUNTED
    return UNASSESSED if record.category == _UNASSESSED_CATEGORY else CATEGORY_NOT_COUNTED

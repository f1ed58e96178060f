"""Rules that would touch what is stored answer nothing: regions are told by the running version's organisations."""

from typing import Final

from infra.topic_identity import Standstill
from ledger.entries import JudgedBy
from schemas.rulesets import find_trouble
from sinks.store import Store

_NEWEST: Final = """
SELECT argMax((rules_version, rules_digest, software), offset) AS judged, toUnixTimestamp64Milli(max(ledger_time)) AS at
FROM entries GROUP BY partition ORDER BY partition
"""


def hold_stored_rules(store: Store) -> None:
    """Make sure that the rules in force may answer for what is stored: asked once, when a service starts.

    Raises:
        Standstill: they would touch what is posted, or an entry names rules that are not known here.
        Unavailable: the store did not answer.
    """
    for row in store.query(_NEWEST):
        version, digest, software = row["judged"]
        trouble = find_trouble(JudgedBy(version, digest, None, software), row["at"])
        if trouble is not None:
            raise Standstill(f"the store cannot be answered from: {trouble.what}", trouble.remedy)

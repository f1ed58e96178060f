"""Rules that would touch what is posted judge nothing: a partition whose newest output was judged by others stands."""

from infra.topic_identity import Standstill
from ledger.entries import JudgedBy
from ledger.facts import Millis
from schemas.rulesets import find_trouble


def hold_rules(partition: int, judged: JudgedBy | None, ledger_time: Millis) -> None:
    """Make sure that the rules in force may judge on.

    Args:
        partition: of which it is asked.
        judged: by what its newest output was judged; None where it has none.
        ledger_time: the greatest up to that output.

    Raises:
        Standstill: they would touch what is posted, or that output names rules that are not known here.
    """
    trouble = None if judged is None else find_trouble(judged, ledger_time)
    if trouble is not None:
        raise Standstill(f"partition {partition} stands: {trouble.what}", trouble.remedy)

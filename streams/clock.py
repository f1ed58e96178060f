"""Ledger time is the broker's: a record that carries its publisher's time is not judged, and nothing after it is."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final

from infra.topic_identity import Standstill
from infra.topics import PUBLISHED

LOG_APPEND_TIME: Final = 1
REMEDY: Final = (
    f"Its topic was not set to message.timestamp.type=LogAppendTime when it was appended: kafka-configs --alter "
    f"--topic {PUBLISHED} --add-config message.timestamp.type=LogAppendTime, and see docs/operating.md"
)


def take_appended(partition: int, records: Sequence[Any]) -> Sequence[Any]:
    """Take the records before the first whose time is not the broker's.

    Raises:
        Standstill: the very first is one.
    """
    appended = list(takewhile(lambda record: record.timestamp_type == LOG_APPEND_TIME, records))
    if records and not appended:
        raise Standstill(
            f"partition {partition} stands: offset {records[0].offset} of {PUBLISHED} has its publisher's time, not "
            "the broker's, and nothing from there on is judged",
            REMEDY,
        )
    return appended

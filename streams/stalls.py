"""What a worker waits for while its event loop turns: answers to its fetches, acknowledgements of its outputs.

Its clients try again by themselves for as long as it takes, and do not say so: here it is said to health.
"""

from collections.abc import Callable, Mapping
from typing import Final

from infra.status import end_trouble, report_trouble

NAMED_SECONDS: Final = 5.0
REMEDY: Final = "see what the broker and the way to it do; nothing is lost, and it goes on by itself"
READING, WRITING = "reading", "writing"
SENTENCES: Final = {
    READING: "soc.published is not read: fetches have not been answered for {:.0f} s",
    WRITING: "outputs have not been acknowledged for {:.0f} s",
}


class StallReports:
    """Those of one worker.

    Args:
        measures: for what it may wait, and for how many seconds it has.
    """

    def __init__(self, measures: Mapping[str, Callable[[], float]]) -> None:
        self._measures = measures

    def report_stalls(self) -> bool:
        """Say what is waited for for long, and whether anything is."""
        long = {key: seconds for key, measure in self._measures.items() if (seconds := measure()) >= NAMED_SECONDS}
        for key in self._measures:
            if key in long:
                report_trouble(key, SENTENCES[key].format(long[key]), remedy=REMEDY)
            else:
                end_trouble(key)
        return bool(long)

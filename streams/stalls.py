"""What a worker waits for while its event loop turns: answers to its fetches, acknowledgements of its outputs.

Its clients try again by themselves for as long as it takes, and do not say so: here it is said to health. What lasts
though the broker answers others ends the worker, as a client that cannot connect (no file descriptors are left, say)
never will; its supervisor starts another.
"""

from collections.abc import Callable, Mapping
from typing import Final

from infra.status import end_trouble, report_trouble

NAMED_SECONDS: Final = 5.0
ENDED_SILENCES: Final = 3.0  # of those after which a part is taken to hang: its clients have tried again meanwhile
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
        measure_answering: for how many seconds the broker has answered whoever looks at its topics.
        end: ends the process.
        most_seconds: for which something may be waited for while the broker answers.
    """

    def __init__(
        self,
        measures: Mapping[str, Callable[[], float]],
        measure_answering: Callable[[], float],
        end: Callable[[str], None],
        most_seconds: float,
    ) -> None:
        self._measures = measures
        self._measure_answering = measure_answering
        self._end = end
        self._most = most_seconds

    def report_stalls(self) -> bool:
        """Say what is waited for for long, and whether anything is."""
        long = {key: seconds for key, measure in self._measures.items() if (seconds := measure()) >= NAMED_SECONDS}
        for key in self._measures:
            if key in long:
                report_trouble(key, SENTENCES[key].format(long[key]), remedy=REMEDY)
            else:
                end_trouble(key)
        for key, seconds in long.items():
            if min(seconds, self._measure_answering()) >= self._most:
                self._end(f"{SENTENCES[key].format(seconds)}, though the broker answers")
        return bool(long)

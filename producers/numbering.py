"""Which number an event gets in its recorder's sequence: the one it had, one given back, or the next."""

from collections.abc import Callable

from ledger.errors import Misuse
from producers.drafts import Draft, Message

Write = Callable[[Draft, int | None], Message]


class NumberedBatch:
    """Numbers given within one transaction; what is written of them is the outbox's business.

    Args:
        counters: the last number of each recorder; those of the batch after it.
        issued: numbers given before to events of the batch.
        given_back: by recorder, numbers whose events were refused for good, the greatest first.
    """

    def __init__(self, counters: dict[str, int], issued: dict[str, int], given_back: dict[str, list[int]]) -> None:
        self.counters = counters
        self.new: list[tuple[str, int]] = []
        self.used: list[tuple[str, int]] = []
        self._issued = issued
        self._given_back = given_back

    def make_message(self, draft: Draft, write: Write) -> Message | Misuse:
        """Make the message of a draft, or say why it has none; only a message uses up a number."""
        try:
            if draft.numbered:
                return write(draft, None)
            issued = self._issued.get(draft.fact.event_id)
            sequence = issued or self._find_next_number(draft.recorder)
            message = write(draft, sequence)
        except Misuse as refused:
            return refused
        if issued is None:
            self._use_number(draft, sequence)
        return message

    def _find_next_number(self, recorder: str) -> int:
        free = self._given_back.get(recorder)
        return free[-1] if free else self.counters.get(recorder, 0) + 1

    def _use_number(self, draft: Draft, sequence: int) -> None:
        if free := self._given_back.get(draft.recorder):
            self.used.append((draft.recorder, free.pop()))
        else:
            self.counters[draft.recorder] = sequence
        self._issued[draft.fact.event_id] = sequence
        self.new.append((draft.fact.event_id, sequence))

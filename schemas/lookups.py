"""What a registry has answered: asked once per id and not per record, and given time before "no such schema" counts.

A registry's *404* is not proof that a schema does not exist: a replica lags, a registration is under way. So an id that
is asked for the first time and not known is asked for again for a while; only then is it taken as absent, and what
names it refused. Absent ids are asked for again now and then, without waiting. A registry that was made to wait too
often lately is taken at its word: whoever sends made-up ids must not hold up everybody else.
"""

import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Any, Final

from schemas.registry import SchemaIds
from schemas.wire import Reference

WAIT_SECONDS: Final = 10.0  # how long an id that is not known yet is waited for
PAUSE_SECONDS: Final = 0.5
ASK_AGAIN_SECONDS: Final = 60.0
WAITS_MOST, WAITS_WITHIN_SECONDS = 6, 600.0
ABSENT_KEPT: Final = 10_000


class SchemaNotLearnt(Exception):
    """A value names a schema that was not asked for yet; ``reference`` is for ``SchemaLookups.learn_schemas``."""

    def __init__(self, reference: Reference) -> None:
        super().__init__("a schema that was not looked up yet")
        self.reference = reference


class SchemaLookups:
    """``SchemaIds`` that remember which references are absent. Used by one thread at a time.

    Args:
        ids: who is asked.
        clock: seconds that only grow.
        pause: waits so many seconds.
    """

    def __init__(
        self, ids: SchemaIds, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._ids = ids
        self._clock = clock
        self._pause = pause
        self._absent: dict[Reference, float] = {}
        self._found: dict[Reference, Any] = {}
        self._waits: deque[float] = deque(maxlen=WAITS_MOST)

    def find_id(self, name: str) -> int:
        """Find the id to write before a datum of ``name``. Raises Unavailable."""
        return self._ids.find_id(name)

    def explain_absence(self, reference: Reference) -> str:
        """Say why there is no such schema, and what to do."""
        return self._ids.explain_absence(reference)

    def find_writer(self, reference: Reference) -> Any | None:
        """Return the schema as ``learn_schemas`` found it, or None where it found none.

        Raises:
            SchemaNotLearnt: nobody asked yet, or that was a while ago.
        """
        found = self._found.get(reference)
        if found is None and self._is_due(reference):
            raise SchemaNotLearnt(reference)
        return found

    def learn_schemas(self, references: Collection[Reference]) -> None:
        """Ask for all of them, together; wait a while for those that are not known for the first time.

        Raises:
            Unavailable: the registry did not answer; nothing was decided.
        """
        now = self._clock()
        missing = self._ask_for([one for one in references if self._is_due(one)])
        fresh = [one for one in missing if one not in self._absent]
        if fresh and self._may_wait(now):
            fresh = self._wait_for(fresh, now + WAIT_SECONDS)
        self._remember_absent({*fresh, *(one for one in missing if one in self._absent)})

    def _is_due(self, reference: Reference) -> bool:
        asked_at = self._absent.get(reference)
        return asked_at is None or self._clock() - asked_at >= ASK_AGAIN_SECONDS

    def _wait_for(self, references: list[Reference], until: float) -> list[Reference]:
        self._waits.append(self._clock())
        while references and self._clock() < until:
            self._pause(PAUSE_SECONDS)
            references = self._ask_for(references)
        return references

    def _ask_for(self, references: Collection[Reference]) -> list[Reference]:
        """Ask for schemas; return those that are not known."""
        missing = []
        for one in references:
            found = self._ids.find_writer(one)
            if found is None:
                missing.append(one)
            else:
                self._found[one] = found
                self._absent.pop(one, None)
        return missing

    def _may_wait(self, now: float) -> bool:
        if not self._ids.may_lag:
            return False
        return len(self._waits) < WAITS_MOST or now - self._waits[0] > WAITS_WITHIN_SECONDS

    def _remember_absent(self, absent: Collection[Reference]) -> None:
        now = self._clock()
        if len(self._absent) + len(absent) > ABSENT_KEPT:
            self._absent.clear()
        self._absent.update(dict.fromkeys(absent, now))

    @property
    def may_lag(self) -> bool:
        """As those that are asked."""
        return self._ids.may_lag

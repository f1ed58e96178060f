"""How far each recorder's sequence has come, read from an outbox beside whoever holds it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ledger.errors import Unavailable


def read_last_numbers(outbox: Path) -> dict[str, int]:
    """Read the last number that is an event's, by recorder: one given back is none. No outbox, no numbers.

    Raises:
        Unavailable: the file cannot be read.
    """
    if not outbox.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{outbox.absolute().as_uri()}?mode=ro", uri=True)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'given_back'").fetchone():
                return {}  # it is being made
            counters = database.execute("SELECT recorder, last FROM counters").fetchall()
            given_back = set(database.execute("SELECT recorder, sequence FROM given_back"))
    except sqlite3.Error as error:
        raise Unavailable(f"the outbox {outbox} cannot be read ({type(error).__name__})") from None
    return {recorder: _find_last(recorder, last, given_back) for recorder, last in counters}


def _find_last(recorder: str, last: int, given_back: set[tuple[str, int]]) -> int:
    while (recorder, last) in given_back:
        last -= 1
    return last

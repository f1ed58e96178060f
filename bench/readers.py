"""Paced readers in a process of their own, so that what is measured is the server, and not who measures.

    python -m bench.readers ADDRESS READERS SECONDS QUESTION...

So many readers, the questions in turn, each asking once a second over a connection of its own; prints one line of JSON:
by question, when each answer was asked for, by the monotonic clock of the machine, and the seconds that it took.
"""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

PAUSE_SECONDS = 1.0

TimedAnswers = dict[str, list[tuple[float, float]]]


class AnswerStream:
    """One connection, on which one question is asked again and again."""

    def __init__(self, address: str, question: str) -> None:
        place = urlsplit(address)
        self._place = str(place.hostname), int(place.port or 0)
        self._request = f"GET {question} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode()
        self.took: list[tuple[float, float]] = []

    async def ask_until(self, end: float) -> None:
        """Ask until an instant; an answer that is none is an error, not a number."""
        reader, writer = await asyncio.open_connection(*self._place)
        while (began := time.monotonic()) < end:
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
            self.took.append((began, time.monotonic() - began))
            await asyncio.sleep(PAUSE_SECONDS)
        writer.close()


async def ask_questions(address: str, readers: int, seconds: float, questions: list[str]) -> TimedAnswers:
    """Ask them; the readers begin one after the other, within one pause."""
    found: TimedAnswers = {one: [] for one in questions}
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(readers):
            question = questions[number % len(questions)]
            stream = AnswerStream(address, question)
            stream.took = found[question]
            group.create_task(stream.ask_until(end))
            await asyncio.sleep(PAUSE_SECONDS / readers)
    return found


def main() -> None:
    """Ask the questions as so many readers at once, and print how long the answers took."""
    address, readers, seconds, *questions = sys.argv[1:]
    print(json.dumps(asyncio.run(ask_questions(address, int(readers), float(seconds), questions))))


if __name__ == "__main__":
    main()

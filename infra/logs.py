"""Log lines: for people on a terminal, as JSON lines elsewhere. No line carries a value of a record.

What may be said of a record: its partition and offset, its code, a count, a duration. Never an id that a force gave it,
never a field.
"""

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast

import structlog

from infra.settings import Settings


class LossTolerantStream:
    """A stream whose lines are lost where they cannot be written (a full disk): a log line never stops the ledger."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it, if that can be done."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush it, if that can be done."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def isatty(self) -> bool:
        """Return whether people read it."""
        return self._stream.isatty()


Logger = Any  # structlog's loggers are typed by configuration; Any is what it documents for wrapped ones


def configure_log(settings: Settings, stream: TextIO | None = None) -> None:
    """Configure this process's log once, at its entry point: to ``stream``, or else standard error.

    Libraries that log by the standard module are heard from ``warning`` on, or at ``debug`` in full.
    """
    output = cast(TextIO, LossTolerantStream(stream or sys.stderr))
    structlog.configure(
        processors=_choose_processors(settings.log_format, output),
        wrapper_class=structlog.make_filtering_bound_logger(_find_level(settings)),
        logger_factory=structlog.WriteLoggerFactory(file=output),
        cache_logger_on_first_use=True,
    )
    others = _find_level(settings) if settings.log_level == "debug" else max(_find_level(settings), logging.WARNING)
    logging.basicConfig(stream=output, level=others, format="%(levelname)s %(name)s %(message)s", force=True)


def open_log_file(file: Path, settings: Settings) -> Logger:
    """Return a logger of JSON lines appended to ``file``, whatever this process's own log is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return structlog.wrap_logger(
        structlog.WriteLogger(cast(TextIO, LossTolerantStream(file.open("a", encoding="utf-8", buffering=1)))),
        processors=_choose_processors("json", None),
        wrapper_class=structlog.make_filtering_bound_logger(_find_level(settings)),
    )


def _find_level(settings: Settings) -> int:
    return logging.getLevelNamesMapping()[settings.log_level.upper()]


def _choose_processors(form: str, output: TextIO | None) -> list[Any]:
    people = form == "console" or (form == "auto" and output is not None and output.isatty())
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S" if people else "iso", utc=not people)
    common = [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, stamp]
    if people:
        return [*common, structlog.dev.ConsoleRenderer(colors=bool(output and output.isatty()))]
    return [*common, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]

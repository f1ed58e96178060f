"""Standard streams as a process is given them: closed, full, of another alphabet, or with nobody at the other end."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from infra.output_streams import drop_output

NAME: Final = "standard output"
_CLOSED: Final = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_RDWR}  # a closed standard output stays one that fails


class NamedOutput(io.BufferedWriter):
    """Standard output, whose errors say that they are its own: ``filename`` is ``standard output``.

    The buffer is watched and not the file below it: a Ctrl-C that came between the two would have a line written twice.
    """

    def write(self, data: Any) -> int:
        """Write as the base class does."""
        with _name_output():
            return super().write(data)

    def flush(self) -> None:
        """Flush as the base class does."""
        with _name_output():
            super().flush()


@contextmanager
def _name_output() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0), NAME) from None


def hold_streams() -> None:
    """See to it that the three standard descriptors are open, and that what is printed can always be spelled.

    Where one was closed, the next file that is opened would get its number, and be written into by whoever prints.
    Characters that the output's encoding does not have are printed escaped.
    """
    for number, how in _CLOSED.items():
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, how)  # the lowest number that is free, which is this one
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  (for the life of the process)
    sys.stdout = _wrap_output(sys.stdout)


def flush_output() -> None:
    """Write what is still to be printed. Raises OSError where that is not possible; nothing is left to be printed."""
    try:
        sys.stdout.flush()
    except OSError:
        drop_output(sys.stdout)
        raise


def _wrap_output(before: Any) -> io.TextIOWrapper:
    raw = io.FileIO(1, "w", closefd=False)
    encoding, errors = (before.encoding, before.errors) if before is not None else ("utf-8", "strict")
    return io.TextIOWrapper(
        NamedOutput(raw),
        encoding=encoding,
        errors="backslashreplace" if errors == "strict" else errors,
        line_buffering=raw.isatty(),
        write_through=bool(getattr(before, "write_through", False)),
    )

"""Java properties files, with every character written so that Java reads the same."""

from collections.abc import Mapping
from pathlib import Path

from infra.file_replacement import replace_text

ESCAPED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


def write_properties(file: Path, values: Mapping[str, str]) -> None:
    """Write ``name=value`` lines, all or nothing; a file that says the same already is left alone (a full disk)."""
    replace_text(file, "".join(f"{name}={escape_value(value)}\n" for name, value in values.items()))


def escape_value(value: str) -> str:
    """Return a value in the ASCII that Java's reader turns back into it."""
    text = "".join(ESCAPED.get(one) or _escape_character(one) for one in value)
    return f"\\{text}" if text.startswith(" ") else text


def _escape_character(one: str) -> str:
    if " " <= one <= "~":
        return one
    units = one.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

"""The numbered rules as pages show them: read from RULES.md, which tests hold to the code, so they are said once."""

import re
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from markupsafe import Markup, escape

SHOWN: Final = ("Counting", "Admission", "Feeds", "Recording-quality signals")
ALWAYS: Final = "always"
_SECTION: Final = re.compile(r"(?m)^## (.+)$")
_ROW: Final = re.compile(r"(?m)^\| ([A-Z]\d+) \|(.+)\|$")
_MARKS: Final = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"`(.+?)`"), r"<code>\1</code>"),
    (re.compile(r"\[(.+?)\]\(.+?\)"), r"\1"),
    (re.compile(r"\b([RAFS]\d{1,2})\b"), r'<a class="govuk-link" href="/rules#\1">\1</a>'),
)


class BookRule(NamedTuple):
    """One rule: its number, what it says, where it is from, since when."""

    number: str
    sentence: Markup
    source: str
    in_force: str


@cache
def read_rules() -> dict[str, tuple[BookRule, ...]]:
    """Read the rules by section."""
    parts = _SECTION.split(files("methodology").joinpath("RULES.md").read_text(encoding="utf-8"))
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: tuple(_read_row(*found) for found in _ROW.findall(texts[name])) for name in SHOWN}


def _read_row(number: str, rest: str) -> BookRule:
    """Read a row: what it says, its source and since when; one of admission has its code first, and holds always."""
    cells = [cell.strip() for cell in rest.split(" | ")]
    if number.startswith("A"):
        code, sentence, source = cells[:3]
        return BookRule(number, format_marks(f"{code}: {sentence}"), source, ALWAYS)
    sentence, source, in_force = cells[:3]
    return BookRule(number, format_marks(sentence), source, in_force)


def format_marks(text: str) -> Markup:
    """Format a line of Markdown: bold, code, the text of its links; another rule that it names is a link."""
    found = str(escape(text))
    for mark, tag in _MARKS:
        found = mark.sub(tag, found)
    return Markup(found)  # noqa: S704  (escaped above)

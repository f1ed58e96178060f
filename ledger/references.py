"""What a reference is: one rule for files, for other publishers' messages, and for what is stored.

A reference is canonical when two that look the same are the same:
1. it is in Unicode's form NFC;
2. it has no white space at its ends, and no white space in it but the plain space;
3. every character can be seen: no control, no line break, no format character (zero-width, direction), no surrogate,
   none that Unicode has not assigned or leaves to private use;
4. one that has the form of a UUID (8-4-4-4-12 hexadecimal digits) is in lower case.

Letter case counts everywhere else. An empty text is canonical: whether a reference may be empty is another rule.
"""

import re
from typing import Final
from unicodedata import category, is_normalized, normalize

from ledger.bounds import list_references
from ledger.errors import Misuse
from ledger.facts import Fact, ThreatFact

REFERENCE_RULE: Final = 1
"""Version of the rule: part of the rules that outputs name. A changed rule is a new version."""

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_UUID_CHARACTERS: Final = 36
_SPACE_SEPARATOR: Final = "Zs"


def is_canonical(text: str) -> bool:
    """Tell whether a reference is as it must be; quick for ASCII."""
    if not text.isprintable() or text[:1] == " " or text[-1:] == " ":  # of white space, only " " is printable
        return False
    if not text.isascii():
        return is_normalized("NFC", text)
    return len(text) != _UUID_CHARACTERS or text == text.lower() or _UUID.fullmatch(text) is None


def make_canonical(text: str) -> str:
    """Make a reference canonical: ends stripped, spaces plain, NFC, a UUID in lower case; twice is the same as once.

    Raises:
        Misuse: a character in it cannot be seen; says the remedy, not the field.
    """
    if is_canonical(text):
        return text
    plain = "".join(" " if category(each) == _SPACE_SEPARATOR else each for each in text)
    made = normalize("NFC", plain.strip())
    if not made.isprintable():
        raise Misuse("it has a character that cannot be seen, such as a tab or a line break: take it out")
    return made.lower() if _UUID.fullmatch(made) else made


def find_not_canonical(fact: Fact) -> str | None:
    """Name the first reference of a fact that is not canonical; None when all are.

    An event id is a UUID in either letter case (RFC 9562, section 4), so it is told apart by its value, not here. Quick
    for what is usual: when all references together are plain lower-case ASCII, none of them is looked at.
    """
    joined = _join_references(fact)
    if joined.isascii() and joined.isprintable() and " " not in joined and joined == joined.lower():
        return None
    for name in list_references(fact)[1:]:
        text = getattr(fact, name)
        if text and not is_canonical(text):
            return name
    return None


def _join_references(fact: Fact) -> str:
    if isinstance(fact, ThreatFact):
        return f"{fact.threat_id}{fact.owner}{fact.actor}{fact.source_system or ''}"
    return (
        f"{fact.disruption_id}{fact.threat_id}{fact.recorded_by}{fact.benefits or ''}{fact.activity_ref or ''}"
        f"{fact.plan_ref or ''}{fact.actor}{fact.source_system or ''}"
    )

"""A value of a closed list as somebody wrote it: taken when it is on the list, refused with the nearest when not."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from ledger.errors import Misuse

NEAREST_MOST: Final = 3
LISTED_MOST: Final = 15  # a longer list is told only when nothing on it is near
QUOTED_CHARACTERS_MAX: Final = 60
CONTAINED_CHARACTERS_MIN: Final = 3
_PARTING: Final = str.maketrans("-_()/", "     ")


def choose_value(option: str, asked: str, known: Mapping[str, str]) -> str:
    """Take a value that is on the list, exactly as it stands there.

    Args:
        option: how the asker knows the place, ``--org``.
        asked: what was written.
        known: each value and what it is called in words (``kent``: ``Kent Police``).

    Raises:
        Misuse: it is not on the list; names the option, what was written, and the nearest of the list.
    """
    if asked in known:
        return asked
    raise Misuse(f"{option}: {tell_refusal(asked, known)}")


def tell_refusal(asked: str, known: Mapping[str, str]) -> str:
    """Tell that a value is not on the list, and which of the list is nearest."""
    return f"there is no {quote_briefly(asked)}{_tell_remedy(asked, known)}"


def find_nearest(asked: str, known: Mapping[str, str]) -> list[str]:
    """Find the values that were probably meant, at most three, the likeliest first.

    By value and by name, whatever the letter case, ``&`` or ``and``, hyphens or spaces: one that is the same; otherwise
    those that hold all of what was written, and then those spelled much the same.
    """
    sought = _spell_plainly(asked[:QUOTED_CHARACTERS_MAX])
    spelled = dict(_list_spellings(known))
    if sought in spelled:
        return [spelled[sought]]
    holding = [one for one in spelled if len(sought) >= CONTAINED_CHARACTERS_MIN and f" {sought}" in f" {one}"]
    close = get_close_matches(sought, spelled, n=2 * NEAREST_MOST)
    return list(dict.fromkeys(spelled[one] for one in (*holding, *close)))[:NEAREST_MOST]


def quote_briefly(asked: str) -> str:
    """Quote what was written, shortened, with whatever cannot be printed escaped."""
    cut = asked if len(asked) <= QUOTED_CHARACTERS_MAX else asked[:QUOTED_CHARACTERS_MAX] + "..."
    return ascii(cut) if not cut.isprintable() else repr(cut)


def _tell_remedy(asked: str, known: Mapping[str, str]) -> str:
    near = find_nearest(asked, known)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    listed = f"; there are: {', '.join(known) or 'none'}" if len(known) <= LISTED_MOST or not near else ""
    return meant + listed


def _list_spellings(known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for value, name in known.items():
        yield from ((_spell_plainly(one), value) for one in (name, value) if one)


def _spell_plainly(text: str) -> str:
    return " ".join(text.casefold().replace("&", " and ").translate(_PARTING).split())

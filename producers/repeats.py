"""JSON objects in which a key stands twice: readers take the last one in silence, so here they are refused."""

import json
import re
from typing import Any, Final

from ledger.errors import Misuse

_KEY: Final = re.compile(rb'"([^"\\]*)"\s*:')
_NAME: Final = re.compile(r"[a-z_]{1,40}")


def refuse_repeated(line: bytes) -> None:
    """Refuse a line of JSON, known to be valid, in which a key stands twice in one object, at any depth.

    Quick when no key-like text of it repeats; otherwise, or with a backslash in it, it is read once more for its keys.

    Raises:
        Misuse: names the key where it is a plain word.
    """
    keys = _KEY.findall(line)
    if b"\\" in line or len(keys) != len(set(keys)):
        json.loads(line, object_pairs_hook=_refuse_pairs)


def _refuse_pairs(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise Misuse(f"{key if _NAME.fullmatch(key) else 'a key'}: stands twice; take one out")
        seen.add(key)

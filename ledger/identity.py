"""Who is who: the identity of an event, and the digest of its content."""

from hashlib import blake2b

import msgspec

from ledger.facts import Fact

DIGEST_BYTES = 16
UUID_CHARACTERS = 36
_encode = msgspec.msgpack.Encoder().encode


def parse_event_id(event_id: str) -> bytes | None:
    """Return the 16 bytes of a UUID in its usual spelling, either case; None when it is not one."""
    if len(event_id) != UUID_CHARACTERS or not event_id[8] == event_id[13] == event_id[18] == event_id[23] == "-":
        return None
    try:
        key = bytes.fromhex(event_id.replace("-", ""))
    except ValueError:
        return None
    return key if len(key) == DIGEST_BYTES else None


def digest_content(fact: Fact) -> bytes:
    """Return 16 bytes that two facts share only when every field is the same; an event id counts in either letter
    case.
    """
    lowered = fact.event_id.lower()
    if lowered != fact.event_id:
        fact = msgspec.structs.replace(fact, event_id=lowered)
    return blake2b(_encode(fact), digest_size=DIGEST_BYTES).digest()

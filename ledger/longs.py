"""Whole numbers as Avro's ``long`` and Kafka's varint write them: zigzag, then seven bits a byte, the low ones first;
and what Avro writes behind such a number, its length.

Zigzag makes 0, -1, 1, -2, ... into 0, 1, 2, 3, ...; the eighth bit of a byte says that more follow. Fourteen bits are
looked up at a time: offsets and instants are two or three look-ups instead of up to ten steps.
"""

from typing import Final

_LAST: Final = tuple(
    bytes((rest,)) if rest < 0x80 else bytes((rest & 0x7F | 0x80, rest >> 7)) for rest in range(1 << 14)
)
_MORE: Final = tuple(bytes((rest & 0x7F | 0x80, rest >> 7 | 0x80)) for rest in range(1 << 14))
LONGS: Final = _LAST[::2]
"""The numbers from 0, written: for who knows that one is small."""
SMALL_LONGS: Final = len(LONGS)


def encode_long(number: int) -> bytes:
    """Write a number of at most 64 bits."""
    rest = (number << 1) ^ (number >> 63)
    if rest < 1 << 14:
        return _LAST[rest]
    if rest < 1 << 28:
        return _MORE[rest & 0x3FFF] + _LAST[rest >> 14]
    if rest < 1 << 42:
        return _MORE[rest & 0x3FFF] + _MORE[rest >> 14 & 0x3FFF] + _LAST[rest >> 28]
    return _encode_long_number(rest)


def encode_bytes(value: bytes) -> bytes:
    """Write bytes behind their length."""
    size = len(value)
    return (LONGS[size] if size < SMALL_LONGS else encode_long(size)) + value


def encode_text(text: str) -> bytes:
    """Write a string as UTF-8 behind its length."""
    value = text.encode()
    size = len(value)
    return (LONGS[size] if size < SMALL_LONGS else encode_long(size)) + value  # encode_bytes, without the call


def decode_long(data: bytes, at: int) -> tuple[int, int]:
    """Read the number at an index; also the index after it. Raises IndexError where it does not end."""
    byte = data[at]
    at += 1
    if byte < 0x80:  # the usual one: no loop
        return (byte >> 1) ^ -(byte & 1), at
    rest, shift = byte & 0x7F, 7
    while True:
        byte = data[at]
        at += 1
        rest |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (rest >> 1) ^ -(rest & 1), at  # undo_zigzag, without the call: twice a stored record
        shift += 7


def undo_zigzag(rest: int) -> int:
    """Return the number that zigzag made into this one."""
    return (rest >> 1) ^ -(rest & 1)


def _encode_long_number(rest: int) -> bytes:
    out = bytearray()
    while rest >= 1 << 14:
        out += _MORE[rest & 0x3FFF]
        rest >>= 14
    return bytes(out + _LAST[rest])

"""Originals: size and digest are those of Kafka's own bytes, written out by hand here."""

from hashlib import sha256

from ledger.bounds import HEADERS_MAX, LARGEST_ORIGINAL_BYTES
from ledger.originals import (
    Original,
    describe_original,
    find_misfit,
    measure_original,
)
from ledger.vocabulary import Code


def describe_bytes(framed: bytes) -> Original:
    """What those bytes are known by."""
    return Original(len(framed), sha256(framed).hexdigest())


def test_the_bytes_are_key_value_and_headers_behind_their_lengths() -> None:
    """Key "k", value "v", no header; then a null key, an empty value and a header "a" that is null."""
    assert describe_original(b"k", b"v", ()) == describe_bytes(b"\x02k\x02v\x00")
    assert describe_original(None, b"", [("a", None)]) == describe_bytes(b"\x01\x00\x02\x02a\x01")


def test_null_and_empty_are_told_apart() -> None:
    """So are a header and the same bytes within a value."""
    assert describe_original(None, b"v", ()) != describe_original(b"", b"v", ())


def test_the_size_is_that_of_the_bytes() -> None:
    """7 bytes: 1 for the null key, 2 for the value, 1 for the count, 2 for the name and 1 for what is null."""
    assert measure_original(None, b"v", [("a", None)]) == 7


def test_a_record_at_the_bound_is_carried_and_one_byte_more_is_not() -> None:
    """4 MiB in all: 1 byte for the null key, 4 for the value's length, 1 for the count of headers."""
    value = bytes(LARGEST_ORIGINAL_BYTES - 6)
    assert find_misfit(0, 0, None, value, ()) is None
    misfit = find_misfit(7, 9, None, value + b"\x00", ())
    assert misfit is not None
    assert (misfit.offset, misfit.timestamp, misfit.code) == (7, 9, Code.RECORD_TOO_LARGE)
    assert misfit.original.size == LARGEST_ORIGINAL_BYTES + 1
    assert (misfit.key, misfit.value, misfit.headers) == (None, None, ())


def test_a_thousand_headers_are_carried_and_one_more_is_not() -> None:
    """However short they are."""
    assert find_misfit(0, 0, b"k", b"v", [("", None)] * HEADERS_MAX) is None
    assert find_misfit(0, 0, b"k", b"v", [("", None)] * (HEADERS_MAX + 1)) is not None

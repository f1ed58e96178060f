"""Longs on the wire: bytes by hand, from the specification of Avro and of Kafka's records."""

import pytest

from ledger.longs import decode_long, encode_bytes, encode_long, encode_text, undo_zigzag

WRITTEN = [
    (0, b"\x00"),
    (-1, b"\x01"),
    (1, b"\x02"),
    (63, b"\x7e"),
    (-64, b"\x7f"),
    (64, b"\x80\x01"),
    (8_191, b"\xfe\x7f"),
    (8_192, b"\x80\x80\x01"),
    (2**27 - 1, b"\xfe\xff\xff\x7f"),
    (2**27, b"\x80\x80\x80\x80\x01"),
    (2**41 - 1, b"\xfe\xff\xff\xff\xff\x7f"),
    (2**41, b"\x80\x80\x80\x80\x80\x80\x01"),
    (2**63 - 1, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    (-(2**63), b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
]


@pytest.mark.parametrize(("number", "written"), WRITTEN)
def test_a_long_is_a_zigzag_varint(number: int, written: bytes) -> None:
    """Both ways, to the last of 64 bits; what lies before and behind it is nobody's."""
    assert encode_long(number) == written
    assert decode_long(b"\xff" + written + b"\xff", 1) == (number, 1 + len(written))


def test_a_long_that_does_not_end_is_no_long() -> None:
    """Each byte says that another follows."""
    with pytest.raises(IndexError):
        decode_long(b"\x80\x80", 0)


def test_zigzag_is_undone() -> None:
    """0, 1, 2, 3 were 0, -1, 1, -2."""
    assert [undo_zigzag(rest) for rest in range(4)] == [0, -1, 1, -2]


@pytest.mark.parametrize(
    ("size", "written"), [(0, b"\x00"), (3, b"\x06"), (8_191, b"\xfe\x7f"), (8_192, b"\x80\x80\x01")]
)
def test_bytes_and_texts_stand_behind_their_length(size: int, written: bytes) -> None:
    """The last length that is looked up, and the first that is not."""
    assert encode_bytes(b"x" * size) == encode_text("x" * size) == written + b"x" * size


def test_a_texts_length_is_that_of_its_bytes() -> None:
    """An accented letter has two."""
    assert encode_text("caf\u00e9") == b"\x0acaf\xc3\xa9"

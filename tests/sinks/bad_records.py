"""Records of ``soc.entries`` that the store cannot take, each made from one that it can."""

from tests.sinks.records import make_entry, make_leg


def cut_record(value: bytes) -> bytes:
    """A record that ends too early."""
    return value[:-40]


def change_sign(_: bytes) -> bytes:
    """A record whose sign no posting can have."""
    return make_entry(0, 2, 1, [make_leg(2, 0)])


def change_symbol(_: bytes) -> bytes:
    """A record with a symbol that this version does not know."""
    return make_entry(0, 2, 1, [make_leg(1, 0, standing="UNRECOGNISED")])


def garble_record(value: bytes) -> bytes:
    """A record with other bytes in its middle."""
    return value[:40] + b"\xff" * 30 + value[70:]

"""Batches: every position gives a record or a misfit, whatever was packed and however."""

import tracemalloc
from hashlib import sha256
from typing import Any

import pytest

from infra import record_batch_walk
from infra.decompression import UnreadablePayload, unpack_pieces
from infra.record_batches import LenientBatch
from ledger.originals import UNREAD, Misfit, Original
from ledger.vocabulary import Code
from tests.live.raw_batches import CODECS, pack_batch, pack_bytes, pack_length, pack_record, pack_rest

REST = pack_rest(b"k", b"v", [(b"ce_id", b"1")])
BAD_NAME = pack_rest(b"k", b"v", [(b"\xff\xfe", b"x"), (b"ce_id", None)])


def read_batch(batch: bytes) -> list[Any]:
    """All that a batch gives."""
    return list(LenientBatch(batch))


def describe_original(rest: bytes) -> Original:
    """What a record is known by, of which these are the bytes from its key's length on."""
    return Original(len(rest), sha256(rest).hexdigest())


@pytest.mark.parametrize("codec", CODECS)
def test_a_sound_batch_is_read_whatever_its_compression(codec: int) -> None:
    """Two records."""
    found = read_batch(pack_batch([pack_record(0, REST), pack_record(1, REST)], codec))
    assert [(one.offset, one.key, one.value, tuple(one.headers)) for one in found] == [
        (0, b"k", b"v", (("ce_id", b"1"),)),
        (1, b"k", b"v", (("ce_id", b"1"),)),
    ]


@pytest.mark.parametrize("codec", CODECS)
def test_a_headers_name_that_is_not_utf8_is_a_misfit_with_its_bytes_escaped(codec: int) -> None:
    """Between two good records."""
    records = [pack_record(0, REST), pack_record(1, BAD_NAME), pack_record(2, REST)]
    first, bad, last = read_batch(pack_batch(records, codec))
    assert (first.offset, first.key, last.offset, last.key) == (0, b"k", 2, b"k")
    headers = (("\\xff\\xfe", b"x"), ("ce_id", None))
    assert bad == Misfit(
        1, 1_000, Code.UNREADABLE_HEADERS, describe_original(BAD_NAME), b"k", b"v", headers, timestamp_type=0
    )


def test_a_record_that_claims_another_position_is_refused_at_its_own() -> None:
    """Taken at its word, position 1,000 would cover everything that is published up to there."""
    found = read_batch(pack_batch([pack_record(1_000, REST), pack_record(0, REST), pack_record(2, REST)]))
    assert [(one.offset, type(one) is Misfit) for one in found] == [(0, True), (1, True), (2, False)]
    assert (found[0].code, found[0].original) == (Code.UNDECODABLE, describe_original(REST))


def test_the_attributes_of_a_record_are_one_byte() -> None:
    """0x80 is no number that goes on."""
    (found,) = read_batch(pack_batch([pack_record(0, REST, b"\x80")]))
    assert (found.offset, found.key, found.value) == (0, b"k", b"v")


def test_a_record_without_sense_is_undecodable_and_the_next_is_read() -> None:
    """A value that is longer than its record; the batch is of 2."""
    rest = pack_bytes(b"k") + pack_length(99) + b"v"
    bad, good = read_batch(pack_batch([pack_record(0, rest), pack_record(1, REST)]))
    assert bad == Misfit(
        0, 1_000, Code.UNDECODABLE, describe_original(rest), sentence=record_batch_walk.NO_SENSE, timestamp_type=0
    )
    assert good.key == b"k"


@pytest.mark.parametrize("codec", [0, 1, 4])
def test_a_large_record_is_known_by_size_and_digest(codec: int) -> None:
    """5 MB, then one that is read as ever."""
    rest = pack_rest(b"k", bytes(5_000_000))
    large, good = read_batch(pack_batch([pack_record(0, rest), pack_record(1, REST)], codec))
    assert large == Misfit(0, large.timestamp, Code.RECORD_TOO_LARGE, describe_original(rest), timestamp_type=0)
    assert (good.offset, good.key) == (1, b"k")


def test_a_batch_that_unpacks_to_much_is_walked_and_small_records_in_it_are_read() -> None:
    """Good, 30 MB, bad name, good."""
    rest = pack_rest(b"k", bytes(30_000_000))
    records = [pack_record(number, one) for number, one in enumerate((REST, rest, BAD_NAME, REST))]
    first, large, bad, last = read_batch(pack_batch(records, 4))
    assert (first.key, first.value, first.headers) == (b"k", b"v", (("ce_id", b"1"),))
    assert (large.code, large.original) == (Code.RECORD_TOO_LARGE, describe_original(rest))
    assert (bad.code, bad.original) == (Code.UNREADABLE_HEADERS, describe_original(BAD_NAME))
    assert (last.offset, last.key) == (3, b"k")


def test_what_lies_behind_too_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """20 MB of zeros with a bound of 17 MB: neither the record nor what is behind it is known."""
    monkeypatch.setattr(record_batch_walk, "MOST_BYTES", 17_000_000)
    records = [pack_record(0, REST), pack_record(1, pack_rest(b"k", bytes(20_000_000))), pack_record(2, REST)]
    first, *rest = read_batch(pack_batch(records, 4))
    assert first.key == b"k"
    assert [(one.offset, one.code, one.original) for one in rest] == [
        (1, Code.RECORD_TOO_LARGE, UNREAD),
        (2, Code.RECORD_TOO_LARGE, UNREAD),
    ]


def test_a_large_batch_is_never_held_whole() -> None:
    """200 MB of zeros, digested as they pass, within 40 MB."""
    batch = pack_batch([pack_record(0, pack_rest(b"", bytes(200_000_000)))], 4)
    tracemalloc.start()
    try:
        (found,) = read_batch(batch)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.original.size == 200_000_000 + 7  # a byte each for the empty key and no headers, 5 for the length
    assert peak < 40_000_000


def test_a_record_with_very_many_headers_is_too_large() -> None:
    """1,001 that are empty, read by either way."""
    rest = pack_rest(b"k", b"v", [(b"", None)] * 1_001)
    bad_too = pack_rest(b"k", b"v", [(b"\xff", None)] * 1_001)
    found = read_batch(pack_batch([pack_record(0, rest), pack_record(1, bad_too)]))
    assert [(one.code, one.original) for one in found] == [
        (Code.RECORD_TOO_LARGE, describe_original(rest)),
        (Code.RECORD_TOO_LARGE, describe_original(bad_too)),
    ]


def test_what_cannot_be_unpacked_is_refused_unread() -> None:
    """Bytes that are no zstd: each position is undecodable."""
    found = read_batch(pack_batch([pack_record(0, REST), pack_record(1, REST)], 4, b"not zstd"))
    assert [(one.offset, one.code, one.original) for one in found] == [
        (0, Code.UNDECODABLE, UNREAD),
        (1, Code.UNDECODABLE, UNREAD),
    ]


@pytest.mark.parametrize("codec", [1, 4])
def test_frames_that_follow_one_another_are_one(codec: int) -> None:
    """As the broker takes them."""
    records = [pack_record(0, REST), pack_record(1, REST)]
    packed = b"".join(CODECS[codec](one) for one in records)
    assert [one.offset for one in read_batch(pack_batch(records, codec, packed))] == [0, 1]


@pytest.mark.parametrize("codec", [1, 2, 3, 4])
def test_bytes_that_end_too_early_are_said_to(codec: int) -> None:
    """Half of what was packed."""
    packed = bytes(CODECS[codec](bytes(range(256)) * 40))
    with pytest.raises(UnreadablePayload):
        list(unpack_pieces(codec, packed[: len(packed) // 2]))


def test_the_blocks_of_javas_snappy_are_unpacked() -> None:
    """Its header, then blocks behind their lengths."""
    block = CODECS[2](b"abc" * 100)
    framed = b"\x82SNAPPY\x00" + b"\x00\x00\x00\x01" * 2 + (len(block).to_bytes(4, "big") + block) * 2
    assert b"".join(unpack_pieces(2, framed)) == b"abc" * 200


def test_no_codec_has_a_number_past_those_of_kafka() -> None:
    """7 fits its bits."""
    with pytest.raises(UnreadablePayload):
        list(unpack_pieces(7, b""))

"""Unpacking what a publisher packed, piece by piece: whatever it unpacks to, no more than a piece of it is held.

The four codecs of Kafka's record batches by their numbers, as clients write them: gzip members, snappy (bare, or in
the blocks of Java's client), lz4 frames, zstd frames.
"""

import zlib
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, Final

import cramjam
from backports import zstd
from lz4.frame import LZ4FrameDecompressor

PIECE_BYTES: Final = 1024 * 1024
SNAPPY_BLOCK_BYTES_MAX: Final = 64 * 1024 * 1024

_XERIAL: Final = b"\x82SNAPPY\x00"
_XERIAL_HEADER_BYTES: Final = 16
_BLOCK: Final = Struct(">i")


class UnreadablePayload(ValueError):
    """The bytes are not what their codec says."""


def unpack_pieces(codec: int, data: bytes) -> Iterator[bytes]:
    """Unpack in pieces of about ``PIECE_BYTES``.

    Raises:
        UnreadablePayload: the bytes are not of this codec, or end too early.
    """
    unpack = _CODECS.get(codec)
    if unpack is None:
        raise UnreadablePayload(f"no compression has the number {codec}")
    try:
        yield from unpack(data)
    except (UnreadablePayload, MemoryError):  # no memory is this process's want, for which no bytes are blamed
        raise
    except Exception as error:  # bytes from outside, and a library for each codec with errors of its own
        raise UnreadablePayload(type(error).__name__) from error


def _unpack_gzip(data: bytes) -> Iterator[bytes]:
    while data:
        member = zlib.decompressobj(31)
        while not member.eof:
            piece = member.decompress(data, PIECE_BYTES)
            data = member.unconsumed_tail
            if piece:
                yield piece
            elif not data and not member.eof:
                raise UnreadablePayload("it ends too early")
        data = member.unused_data


def _unpack_frames(data: bytes, decompressor: Callable[[], Any]) -> Iterator[bytes]:
    while data:
        frame = decompressor()
        while not frame.eof:
            piece = frame.decompress(data, PIECE_BYTES)
            data = b""
            if piece:
                yield piece
            elif frame.needs_input and not frame.eof:
                raise UnreadablePayload("it ends too early")
        data = frame.unused_data or b""


def _unpack_lz4(data: bytes) -> Iterator[bytes]:
    yield from _unpack_frames(data, LZ4FrameDecompressor)


def _unpack_zstd(data: bytes) -> Iterator[bytes]:
    yield from _unpack_frames(data, zstd.ZstdDecompressor)


def _unpack_snappy(data: bytes) -> Iterator[bytes]:
    if not data.startswith(_XERIAL):
        yield _unpack_block(data)
        return
    at = _XERIAL_HEADER_BYTES
    while at < len(data):
        (size,) = _BLOCK.unpack_from(data, at)
        at += _BLOCK.size
        if size < 0:
            raise UnreadablePayload("a block of less than nothing")
        yield _unpack_block(data[at : at + size])
        at += size


def _unpack_block(block: bytes) -> bytes:
    if cramjam.snappy.decompress_raw_len(block) > SNAPPY_BLOCK_BYTES_MAX:
        raise UnreadablePayload("a block is larger than snappy can have made it")
    return bytes(cramjam.snappy.decompress_raw(block))


_CODECS: Final[dict[int, Callable[[bytes], Iterator[bytes]]]] = {
    1: _unpack_gzip,
    2: _unpack_snappy,
    3: _unpack_lz4,
    4: _unpack_zstd,
}

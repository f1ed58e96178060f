"""Record batches made byte by byte, and a Produce request for them: what no client library would send."""

import asyncio
import gzip
import struct
from collections.abc import Sequence

import cramjam
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition
from backports import zstd
from lz4 import frame as lz4

from infra.topics import PUBLISHED

CODECS = {0: bytes, 1: gzip.compress, 2: cramjam.snappy.compress_raw, 3: lz4.compress, 4: zstd.compress}
PIECE = 1_000_000
NO_PRODUCER = (-1, -1, -1)
TRANSACTIONAL, CONTROL = 0x10, 0x20  # bits of a batch's attributes
Field = tuple[bytes, bytes | None]


def pack_length(length: int) -> bytes:
    """A zigzag varint."""
    rest = length * 2 if length >= 0 else -length * 2 - 1
    out = b""
    while rest > 127:
        out, rest = out + bytes([rest % 128 + 128]), rest // 128
    return out + bytes([rest])


def pack_bytes(found: bytes | None) -> bytes:
    """Bytes behind their length; null is -1."""
    return pack_length(-1) if found is None else pack_length(len(found)) + found


def pack_rest(key: bytes | None, value: bytes | None, headers: Sequence[Field] = ()) -> bytes:
    """A record from its key's length on."""
    packed = [pack_bytes(name) + pack_bytes(found) for name, found in headers]
    return pack_bytes(key) + pack_bytes(value) + pack_length(len(headers)) + b"".join(packed)


def pack_record(delta: int, rest: bytes, attributes: bytes = b"\x00") -> bytes:
    """A record, of which everything from its key's length on is given."""
    body = attributes + pack_length(0) + pack_length(delta) + rest
    return pack_length(len(body)) + body


def pack_batch(
    records: Sequence[bytes],
    codec: int = 0,
    packed: bytes | None = None,
    last: int | None = None,
    *,
    flags: int = 0,
    producer: tuple[int, int, int] = NO_PRODUCER,
) -> bytes:
    """A batch of magic 2 with a right checksum; ``packed`` instead of the records as the codec has them.

    ``flags`` stand beside the codec in the batch's attributes; ``producer`` is its id, epoch and first sequence.
    """
    data = CODECS[codec](b"".join(records)) if packed is None else packed
    last = len(records) - 1 if last is None else last
    tail = struct.pack(">hiqqqhii", codec | flags, last, 1_000, 1_000, *producer, last + 1) + bytes(data)
    after = struct.pack(">ibI", -1, 2, calc_crc32c(tail)) + tail
    return struct.pack(">qi", 0, len(after)) + after


def pack_bomb(zeros: int, *records: bytes) -> bytes:
    """A batch of one record whose value is so many zeros, and of other records; it is never unpacked here either."""
    head = pack_length(0) + pack_length(zeros)
    length = len(head) + zeros + 1 + 3  # no headers; attributes, time and offset
    packer = zstd.ZstdCompressor()
    packed = packer.compress(pack_length(length) + bytes(3) + head)
    whole, rest = divmod(zeros, PIECE)
    packed += b"".join(packer.compress(bytes(PIECE)) for _ in range(whole)) + packer.compress(bytes(rest))
    packed += packer.compress(b"\x00" + b"".join(records)) + packer.flush()
    return pack_batch([], 4, packed, len(records))


class BatchSender:
    """Sends batches as they are, over one connection."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = self._loop.run_until_complete(self._connect(bootstrap_servers))

    async def _connect(self, bootstrap_servers: str) -> AIOKafkaClient:
        client = AIOKafkaClient(bootstrap_servers=bootstrap_servers)
        await client.bootstrap()
        await client._wait_on_metadata(PUBLISHED)
        return client

    def send(self, batch: bytes, partition: int = 0) -> tuple[int, int]:
        """The broker's error code (0: none) and the first offset."""
        return self._loop.run_until_complete(self._send(batch, partition))

    async def _send(self, batch: bytes, partition: int) -> tuple[int, int]:
        leader = self._client.cluster.leader_for_partition(TopicPartition(PUBLISHED, partition))
        request = ProduceRequest(None, -1, 30_000, [(PUBLISHED, [(partition, batch)])])
        response = await self._client.send(leader, request)
        answered = response.topics[0][1][0]
        return answered[1], answered[2]

    def close(self) -> None:
        """Give the connection back."""
        self._loop.run_until_complete(self._client.close())
        self._loop.close()

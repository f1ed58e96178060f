"""Seeded records and batches of records for ``soc.published``: bytes without sense, events that were meddled with."""

import struct
from collections.abc import Iterator
from random import Random
from uuid import UUID

from infra.partitioning import place_key
from ledger.facts import Fact
from tests.facts import make_disruption, make_threat
from tests.live.audited import CODEC
from tests.live.raw_batches import (
    CODECS,
    CONTROL,
    NO_PRODUCER,
    TRANSACTIONAL,
    Field,
    pack_batch,
    pack_record,
    pack_rest,
)

SIZES = (0, 1, 5, 6, 30, 300, 3_000, 70_000)
BATCH_RECORDS = 1_000
LARGE = (900_000, 5_000_000, 20_000_000)
NAMES = (b"ce_id", b"ce_type", b"__value_schema_id", b"", b"\xff\xfe", b"\xc3\x28", b"a\x00b", "é".encode())


class RecordFuzz:
    """One seed's records, for ledgers of two partitions; ``good`` counts the disruptions that must be counted."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._threats = [self._find_threat(partition) for partition in (0, 1)]
        self._number = 0
        self.good = 0

    def make_assessment(self, partition: int) -> bytes:
        """The threat of a partition becomes known."""
        fact = make_threat(event_id=self._draw_event_id(), threat_id=self._threats[partition])
        return pack_batch([pack_record(0, pack_rest(fact.threat_id.encode(), CODEC.encode_fact(fact)))])

    def make_good(self, partition: int) -> bytes:
        """A batch of one event that is to be counted."""
        self.good += 1
        return pack_batch([pack_record(0, pack_rest(*self._make_event(partition)))], self._random.choice(list(CODECS)))

    def make_event(self, partition: int) -> tuple[bytes, bytes]:
        """Key and value of an event that is to be counted."""
        self.good += 1
        return self._make_event(partition)

    def make_waiting(self, partition: int, count: int) -> Iterator[bytes]:
        """Batches with so many disruptions of one threat that is not known, and at last its assessment."""
        name = self._find_threat(partition)
        facts: list[Fact] = [
            make_disruption(event_id=one, disruption_id=one, threat_id=name) for one in self._draw_event_ids(count)
        ]
        facts.append(make_threat(event_id=self._draw_event_id(), threat_id=name))
        rests = [pack_rest(name.encode(), CODEC.encode_fact(fact)) for fact in facts]
        self.good += count
        for start in range(0, len(rests), BATCH_RECORDS):
            yield pack_batch([pack_record(*one) for one in enumerate(rests[start : start + BATCH_RECORDS])])

    def make_bad(self, partition: int) -> bytes:
        """A batch of some records, one of them at least without sense; the broker may refuse it as a whole."""
        codec = self._random.choice(list(CODECS))
        records = [self._make_record(number, partition, codec) for number in range(self._random.choice((1, 1, 2, 5)))]
        packed = None
        if self._random.random() < 0.1:
            data = bytearray(CODECS[codec](b"".join(records)))
            data[self._random.randrange(len(data))] ^= 1 << self._random.randrange(8)
            packed = bytes(data)
        return pack_batch(records, codec, packed)

    def make_meddled(self, partition: int) -> tuple[bytes | None, bytes | None]:
        """Key and value of an event as they should not be."""
        return self._meddle_with(*self._make_event(partition), 0)

    def make_marker(self, partition: int) -> bytes:
        """A batch that claims to be a marker, or of a transaction, of a producer that the broker may not know.

        A marker's key is its version and what it says, abort (0) or commit (1); its value a version and an epoch.
        """
        draw = self._random
        flags = draw.choice((CONTROL, TRANSACTIONAL, TRANSACTIONAL | CONTROL))
        said = pack_rest(struct.pack(">hh", 0, draw.choice((0, 1))), struct.pack(">hi", 0, 0))
        record = said if flags & CONTROL else pack_rest(*self._make_event(partition))
        producer = draw.choice((NO_PRODUCER, (draw.randrange(5), 0, 0), (draw.getrandbits(40), 1, 0)))
        return pack_batch([pack_record(0, record)], flags=flags, producer=producer)

    def _make_record(self, number: int, partition: int, codec: int) -> bytes:
        key, value = self._meddle_with(*self._make_event(self._random.choice((partition, 1 - partition))), codec)
        rest = pack_rest(key, value, self._draw_headers())
        if self._random.random() < 0.05:
            at = self._random.randrange(len(rest))
            rest = rest[:at] + self._random.randbytes(self._random.randrange(4)) + rest[at:]
        delta = number if self._random.random() < 0.9 else self._random.choice((0, 1, number + 1, 1_000, -1))
        attributes = b"\x00" if self._random.random() < 0.9 else self._random.randbytes(1)
        return pack_record(delta, rest, attributes)

    def _meddle_with(self, key: bytes, value: bytes, codec: int) -> tuple[bytes | None, bytes | None]:
        """An event's key and value as they should not be."""
        draw = self._random
        flipped = bytearray(value)
        flipped[draw.randrange(5)] ^= 1 << draw.randrange(8)
        large = draw.choice(LARGE) if codec in (1, 4) and draw.random() < 0.3 else 1
        return draw.choice(
            (
                (key, None),
                (draw.choice((None, b"", b"\xff")), value),
                (key, draw.randbytes(draw.choice(SIZES))),
                (key, value[: draw.randrange(len(value))]),
                (key, b"\x00" + draw.randbytes(4) + value[5:]),
                (key, value[:5] + draw.randbytes(len(value) - 5)),
                (key, value + bytes(large)),
                (key, bytes(flipped)),
            )
        )

    def _draw_headers(self) -> list[Field]:
        count = self._random.choice((0, 0, 0, 1, 3, 1_500))
        values = (None, b"", b"\x00", b"x" * 9)
        return [(self._random.choice(NAMES), self._random.choice(values)) for _ in range(count)]

    def _find_threat(self, partition: int) -> str:
        """A threat id that Java's partitioner places there, of two."""
        while True:
            name = f"T-{self._random.randrange(10**6)}"
            if place_key(name.encode(), 2) == partition:
                return name

    def _make_event(self, partition: int) -> tuple[bytes, bytes]:
        """Key and value of a new disruption that would be counted in that partition."""
        event_id = self._draw_event_id()
        fact = make_disruption(event_id=event_id, disruption_id=f"D-{event_id}", threat_id=self._threats[partition])
        return fact.threat_id.encode(), CODEC.encode_fact(fact)

    def _draw_event_ids(self, count: int) -> Iterator[str]:
        return (self._draw_event_id() for _ in range(count))

    def _draw_event_id(self) -> str:
        self._number += 1
        return str(UUID(int=self._number))

"""Reading ``soc.published`` again, as the intake read it: the same client, the same bounds, the same rejections.

For who compares or takes up what the intake wrote: recovery and the audit. It assigns, joins no group and commits
nothing. Calls come from one thread at a time, of whatever loop.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from infra.batch_fetcher import patch_fetcher
from infra.settings import Settings
from ledger.errors import Unavailable

T = TypeVar("T")

SILENCE_SECONDS = 30.0
POLL_MILLISECONDS = 200
FETCH_BYTES = 4 * 1024 * 1024


class PublishedReader:
    """Reads partitions of one topic; connects when it is first asked."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._loop: asyncio.AbstractEventLoop | None = None
        self._consumer: Any = None

    def read_records(self, partition: int, first: int, end: int) -> Iterator[Any]:
        """Yield committed records from ``first`` to before ``end``: aiokafka's, or a ``Misfit`` in the place of one.

        Raises:
            Unavailable: the broker did not answer, or holds bytes that nobody can read.
        """
        tp = TopicPartition(self._topic, partition)
        if first < end:
            self._run(self._seek(tp, first))
        deadline = time.monotonic() + SILENCE_SECONDS
        while first < end:
            for record in self._run(self._fetch(tp)):
                if record.offset >= end:
                    return
                yield record
            at, stable = self._run(self._consumer.position(tp)), self._consumer.last_stable_offset(tp)
            if at > first:
                deadline = time.monotonic() + SILENCE_SECONDS
            elif stable is not None and at >= stable:
                return
            elif time.monotonic() > deadline:
                raise Unavailable(f"{self._topic}/{partition}: nothing more came for {SILENCE_SECONDS:.0f} s")
            first = at

    def close(self) -> None:
        """Give the connection back."""
        if self._loop is not None:
            if self._consumer is not None:
                self._run(self._consumer.stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = self._consumer = None

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it in a loop of its own, as who asks may be in one."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_turn_loop, args=(self._loop,), name="careful-reader", daemon=True).start()
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except (KafkaError, OSError) as error:
            raise Unavailable(f"{self._topic} cannot be read: {type(error).__name__}") from error

    async def _seek(self, tp: TopicPartition, first: int) -> None:
        if self._consumer is None:
            self._consumer = self._make_consumer()
            await self._consumer.start()
        if self._consumer.assignment() != {tp}:
            self._consumer.assign([tp])
        self._consumer.seek(tp, first)

    async def _fetch(self, tp: TopicPartition) -> list[Any]:
        found = await self._consumer.getmany(tp, timeout_ms=POLL_MILLISECONDS)
        return list(found.get(tp, ()))

    def _make_consumer(self) -> Any:
        patch_fetcher()
        return AIOKafkaConsumer(
            **build_consumer_options(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=50,
            request_timeout_ms=int(SILENCE_SECONDS * 1000),
        )


def _turn_loop(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


def build_consumer_options(settings: Settings) -> dict[str, Any]:
    """Return aiokafka's options for the broker that librdkafka's clients use."""
    kafka = settings.build_kafka_options()
    return {
        "bootstrap_servers": str(kafka["bootstrap.servers"]).split(","),
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": settings.build_tls_context(),
        "sasl_mechanism": kafka.get("sasl.mechanism") or "PLAIN",
        "sasl_plain_username": kafka.get("sasl.username"),
        "sasl_plain_password": kafka.get("sasl.password"),
    }

"""streams/runs.py, streams/worker.py and infra/batch_fetcher.py override and call private parts of Faust and aiokafka.

This fails when they change.
"""

import hashlib
import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from faust.app.base import App
from faust.streams import Stream
from faust.tables.recovery import Recovery
from faust.transport.conductor import ConductorCompiler
from faust.transport.consumer import Consumer, ThreadDelegateConsumer
from faust.transport.drivers import aiokafka as driver

CHANGED = "read what changed, mend streams/runs.py and its docstring, run tests/live/test_intake*.py, then put {} here"

READ = {
    Consumer.getmany: "4b168d84882a70d6",
    Consumer._wait_next_records: "6218e1969a636b3f",
    Consumer._drain_messages: "44a2500309e83c63",
    Consumer.perform_seek: "0e8c130ff4b0afd8",
    Consumer.pause_partitions: "27a1c94bdacd54de",
    Consumer.resume_partitions: "afe6b7c02a41d63c",
    Consumer.stop_flow: "cf7e875a2b0d40e8",
    ThreadDelegateConsumer._getmany: "f9d47aa9010b5ff2",
    driver.Consumer._new_consumer_thread: "0870ec53dea75083",
    driver.AIOKafkaConsumerThread._create_worker_consumer: "c2701bfc3e6f6cad",
    driver.AIOKafkaConsumerThread._fetch_records: "39a2c6c79fc1455a",
    driver.AIOKafkaConsumerThread._seek_wait: "9d221e816d940467",
    ConductorCompiler.build: "837cf521368c1ee4",
    Recovery._resume_streams: "d986a6710c1aca98",
    App._on_partitions_revoked: "d5c895bbe57dc73a",
    App._on_partitions_assigned: "de932b7927db85b3",
    App._stop_consumer: "55854a5de12c3f52",
    Fetcher._proc_fetch_request: "59bf948fff47eed5",
    Fetcher.fetched_records: "be4348896b9b66af",
    FetchResult.check_assignment: "b5340df67e3f330f",
    FetchResult._update_position: "83fb1473bf10027b",
    PartitionRecords._unpack_records: "b803e6d46480732c",
    PartitionRecords._consumer_record: "e668541600b047ab",
    Stream.__aiter__: "e815c0e831f1d2cc",
}


def test_faust_is_the_version_that_was_read() -> None:
    """Exactly this one."""
    assert version("faust-streaming") == "0.15.3"


@pytest.mark.parametrize(("part", "digest"), READ.items(), ids=lambda one: getattr(one, "__qualname__", ""))
def test_what_was_read_of_faust_is_as_it_was(part: Callable[..., Any], digest: str) -> None:
    """The source of each part that is overridden, called, or relied on for the order of its steps."""
    found = hashlib.sha256(inspect.getsource(part).encode()).hexdigest()[:16]
    assert found == digest, CHANGED.format(found)

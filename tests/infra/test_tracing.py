"""Traces: a span's name goes with an event, later work is linked to it, and nothing is done while it is off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import load_settings
from infra.tracing import close_tracing, is_tracing, list_links, list_trace_headers, open_tracing, trace_work
from tests.collector import Collector, run_collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    """One on loopback."""
    with run_collector() as found:
        yield found


@pytest.fixture
def traced(collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """This process, traced."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"{collector.address}/")
    open_tracing(load_settings(tmp_path), "worker-7")
    yield collector
    close_tracing()


@pytest.mark.effect_of("OTEL_EXPORTER_OTLP_ENDPOINT")
def test_work_is_linked_to_the_spans_that_its_records_name(traced: Collector) -> None:
    """Two publishers, a run that judges events of both, the batch that stores what the run wrote."""
    published = []
    for name in ("publish", "publish again"):
        with trace_work(name, events=2):
            published.append(list_trace_headers())
    headers = [[("ce_id", b"1"), *published[0]], published[0], published[1], None, []]
    with trace_work("judge", headers, partition=3):
        outputs = list_trace_headers()
    with trace_work("store", [outputs]):
        pass
    close_tracing()
    (first,), (second,) = traced.list_spans("publish"), traced.list_spans("publish again")
    (judged,), (stored,) = traced.list_spans("judge"), traced.list_spans("store")
    assert [link.span_id for link in judged.links] == [first.span_id, second.span_id]
    assert [link.trace_id for link in stored.links] == [judged.trace_id]
    assert judged.attributes[0].key == "partition"
    assert {path for path, _ in traced.requests} == {"/v1/traces"}
    said = traced.requests[0][1].resource_spans[0].resource.attributes
    named = {one.key: one.value.string_value for one in said}
    assert (named["service.name"], named["service.instance.id"]) == ("disruption-ledger", "worker-7")


def test_nothing_is_read_or_written_while_it_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No header is looked at, and none is added."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    open_tracing(load_settings(tmp_path), "worker-7")

    def look_at() -> Iterator[None]:
        raise AssertionError("a header was read")
        yield

    with trace_work("judge", look_at()):
        assert list_trace_headers() == []
    assert not is_tracing()


def test_a_header_that_names_no_span_is_passed_over() -> None:
    """Anybody may write anything into a header."""
    zeroes, other_version = b"0" * 32 + b"-" + b"0" * 16, b"a" * 32 + b"-" + b"b" * 16
    wrong = [b"", b"00-zz", b"00-" + zeroes + b"-01", b"01-" + other_version + b"-01"]
    assert list_links([[("traceparent", one)] for one in wrong] + [[("traceparent", None)]]) == []
    right = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
    assert len(list_links([[("traceparent", right)], [("traceparent", right)]])) == 1

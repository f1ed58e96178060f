"""Traces from publish to store, by OpenTelemetry: off unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` names where they go.

A publisher's span goes with each of its events as W3C's ``traceparent``, in a header that is kept as it came and never
judged; a worker's run and a loader's batch, which hold events of many publishers, are spans linked to theirs. While it
is off nothing is imported, no header is read or written, and a block costs one comparison. No attribute holds a value
of a record.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from infra.settings import Settings

TRACEPARENT: Final = "traceparent"
LINKS_MOST: Final = 100
FLUSH_MILLISECONDS: Final = 5_000
SERVICE: Final = "disruption-ledger"
_CONTEXT: Final = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

TraceHeader = tuple[str, bytes]
RecordHeaders = Iterable[Sequence[tuple[str, bytes | None]] | None]


class Tracing:
    """The tracing of this process; ``provider`` is None while it is off."""

    provider: Any = None
    tracer: Any = None


_own = Tracing()


def open_tracing(settings: Settings, name: str) -> None:
    """Trace from now on as the part ``name``, where the settings say where to; once for a process."""
    endpoint = settings.otel_exporter_otlp_endpoint
    if endpoint is None or _own.provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  (when it is on)
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  (as above)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  (as above)
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  (as above)

    said = {"service.name": SERVICE, "service.instance.id": name}
    _own.provider = TracerProvider(resource=Resource.create(said), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    _own.provider.add_span_processor(BatchSpanProcessor(exporter))
    _own.tracer = _own.provider.get_tracer(SERVICE)


def flush_tracing() -> None:
    """Send what is traced and not sent yet."""
    if _own.provider is not None:
        _own.provider.force_flush(FLUSH_MILLISECONDS)


def close_tracing() -> None:
    """Send what is left, and trace no more."""
    if _own.provider is not None:
        _own.provider.shutdown()
        _own.provider = _own.tracer = None


def is_tracing() -> bool:
    """Tell whether headers are to be read for a later span."""
    return _own.tracer is not None


@contextmanager
def trace_work(name: str, headers: RecordHeaders = (), **attributes: str | int) -> Iterator[None]:
    """Trace the block as one span, linked to those that the headers of its records name, which are read if it is on."""
    if _own.tracer is None:
        yield
        return
    with _own.tracer.start_as_current_span(name, links=list_links(headers), attributes=attributes):
        yield


def list_trace_headers() -> list[TraceHeader]:
    """List the header that names the span at work; none while it is off."""
    if _own.tracer is None:
        return []
    from opentelemetry import trace  # noqa: PLC0415  (as above)

    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return []
    return [(TRACEPARENT, f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}".encode())]


def list_links(headers: RecordHeaders) -> list[Any]:
    """List a link to each span that is named, once, the first ``LINKS_MOST`` of them; what is none is passed over."""
    from opentelemetry.trace import Link, SpanContext, TraceFlags  # noqa: PLC0415  (as above)

    named = dict.fromkeys(
        value for listed in headers for name, value in listed or () if name == TRACEPARENT and value is not None
    )
    found = [one for value in list(named)[:LINKS_MOST] if (one := _CONTEXT.fullmatch(value))]
    contexts = [SpanContext(int(one[1], 16), int(one[2], 16), True, TraceFlags(int(one[3], 16))) for one in found]
    return [Link(one) for one in contexts if one.is_valid]

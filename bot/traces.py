"""One id for all that is done for one request, look or delivery; with traces also how long each step took.

The id is the `ref` of every log line, the `X-Request-ID` that EcoTaxa gets, and what people are told to
quote.  Spans are made only where a collector is named, and nothing of OpenTelemetry is loaded elsewhere.
They hold no text, no token and nobody's name.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING

import structlog

from bot import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

_log = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-ID"
"""The header that most servers and proxies write to their logs, though no standard names it."""
LAST_SECONDS = 1.0
"""For the collector to take what is left at a stop, or any delivery before."""

_tracer: ContextVar["Tracer | None"] = ContextVar("tracer", default=None)


@contextmanager
def begun(what: str) -> Iterator[None]:
    """Something begins by itself: all that is logged, asked and told within has one ref.

    To be entered in a task of its own.
    """
    bound = structlog.contextvars.bind_contextvars(ref=secrets.token_hex(4))
    with step(what):
        yield
    # Where it failed the ref stays: whoever tells of that does so under it.
    structlog.contextvars.reset_contextvars(**bound)


def ref() -> str:
    """The id of what is being done; empty where nothing began."""
    return str(structlog.contextvars.get_contextvars().get("ref", ""))


def headers() -> Mapping[str, str]:
    """What tells another server which of our doings a request belongs to."""
    return {REQUEST_ID: told} if (told := ref()) else {}


@contextmanager
def step(what: str) -> Iterator[None]:
    """A part of it that takes its time, such as a request to another server; its numbers become `{n}`."""
    tracer = _tracer.get()
    if tracer is None:
        yield
        return
    from opentelemetry.trace import StatusCode, format_trace_id  # noqa: PLC0415  # loaded where traces are on

    # An exception's text may quote what somebody typed: only its class is told.
    with tracer.start_as_current_span(
        re.sub(r"\d+", "{n}", what), record_exception=False, set_status_on_exception=False
    ) as span:
        span.set_attribute("ref", ref())
        trace = format_trace_id(span.get_span_context().trace_id)
        with structlog.contextvars.bound_contextvars(trace=trace):
            try:
                yield
            except BaseException as error:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", type(error).__name__)
                raise


def note(name: str, value: str | int) -> None:
    """Add to the step under way something that is nobody's."""
    if _tracer.get() is not None:
        from opentelemetry.trace import get_current_span  # noqa: PLC0415  # as above

        get_current_span().set_attribute(name, value)


@contextmanager
def sent_to(endpoint: str | None) -> Iterator[None]:
    """Send traces to a collector until the block ends, by OTLP over HTTP; without an endpoint make none.

    https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    """
    provider = _provider(endpoint) if endpoint else None
    if provider is None:
        yield
        return
    before = _tracer.set(provider.get_tracer("ecotaxa-bot", __version__))
    try:
        yield
    finally:
        _tracer.reset(before)
        # By itself it tries for half a minute to deliver what is left.
        closing = Thread(target=provider.shutdown, daemon=True)
        closing.start()
        closing.join(LAST_SECONDS)


def _provider(endpoint: str) -> "TracerProvider | None":
    """What makes spans and sends them; None where it is not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415  # as above
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # as above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # as above
    except ImportError:
        _log.warning("no traces are sent: what sends them is not installed, see ecotaxa-bot[traces]")
        return None
    known = {"service.name": "ecotaxa-bot", "service.version": __version__}
    provider = TracerProvider(resource=Resource.create(known), shutdown_on_exit=False)
    exporter = trace_exporter.OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=LAST_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider

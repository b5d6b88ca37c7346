"""Traces of what the bot does, as a collector gets them: how long each step took, nothing of anybody's."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

import bot
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from tests.processes import Process, running_bot, started
from tests.stories.conftest import link, looked


class Collector:
    """What was sent to it, over HTTP as it comes."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def take(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf"
        self.bodies.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    @property
    def sent(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    @property
    def spans(self) -> list[Span]:
        """All spans so far."""
        groups = [group for sent in self.sent for group in sent.resource_spans]
        return [span for group in groups for scope in group.scope_spans for span in scope.spans]

    def of(self, name: str) -> list[Span]:
        """Those of a name."""
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
async def settings(
    settings: dict[str, str], collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, str]]:
    """With a collector that listens, and whatever else of OpenTelemetry's the machine sets left out."""
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield settings | {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    await runner.cleanup()


@pytest.fixture
async def elena(driver: SandboxDriver, process: Process) -> Actor:
    elena = driver.person("elena")
    await link(elena)
    await looked(driver)
    return elena


def told(span: Span) -> dict[str, str | int]:
    """The attributes of a span."""
    return {it.key: it.value.string_value or it.value.int_value for it in span.attributes}


def below(span: Span, spans: Sequence[Span]) -> set[str]:
    """The names of the steps that a span is made of, at any depth."""
    inner = [it for it in spans if it.parent_span_id == span.span_id]
    return {it.name for it in inner}.union(*(below(it, spans) for it in inner))


async def test_a_request_with_all_it_led_to_is_one_trace(
    elena: Actor, driver: SandboxDriver, process: Process, collector: Collector
) -> None:
    job_id = await driver.ecotaxa.start("prediction")

    await elena.say(f"/ecotaxa job {job_id}")

    async def arrived() -> Span | None:
        spans = collector.spans
        wanted = {"EcoTaxa GET /jobs/{n}/"}
        return next((it for it in collector.of("Slack command_typed") if wanted <= below(it, spans)), None)

    request = await wait_for(arrived, "the trace of a command")
    asked = next(it for it in collector.of("EcoTaxa GET /jobs/{n}/") if it.trace_id == request.trace_id)
    assert told(asked)["http.response.status_code"] == 200
    assert told(asked)["ref"] == told(request)["ref"]
    assert request.start_time_unix_nano <= asked.start_time_unix_nano < asked.end_time_unix_nano
    requests = (await driver.ecotaxa.traffic())["entries"]
    assert told(request)["ref"] in [it["request_id"] for it in requests if it["path"] == f"/jobs/{job_id}/"]


async def test_looks_and_deliveries_are_traces_too(
    elena: Actor, driver: SandboxDriver, collector: Collector
) -> None:
    await driver.ecotaxa.jobs(1, state="F")

    async def arrived() -> bool | None:
        spans = collector.spans
        looks = [below(it, spans) for it in collector.of("look")]
        deliveries = [below(it, spans) for it in collector.of("delivery")]
        posted = any("Slack chat.postMessage" in names for names in deliveries)
        return (any("EcoTaxa GET /jobs/" in names for names in looks) and posted) or None

    assert await wait_for(arrived, "the traces of a look and a delivery")


async def test_what_failed_is_marked_and_its_trace_stands_in_the_log(
    elena: Actor, driver: SandboxDriver, process: Process, collector: Collector
) -> None:
    await driver.ecotaxa.break_(down=True, paths="jobs")

    async def failed() -> Span | None:
        return next((it for it in collector.of("EcoTaxa GET /jobs/") if it.status.code), None)

    span = await wait_for(failed, "the trace of a look that failed")
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert told(span)["error.type"] == "RemoteProtocolError"
    line = json.loads(await process.until_printed("look failed"))
    assert (line["trace"], line["ref"]) == (span.trace_id.hex(), told(span)["ref"])


async def test_no_text_token_or_person_stands_in_a_trace(
    elena: Actor, driver: SandboxDriver, process: Process, settings: dict[str, str], collector: Collector
) -> None:
    job_id = await driver.ecotaxa.start("ask-taxa", names=["a private thing"])
    ping = await elena.wait_for_message(f"#{job_id}", elena.im)
    await elena.press(ping, "Answer")
    view = await elena.wait_for_view("could not match")
    field = next(block for block in view.blocks if block["type"] == "input")
    await elena.options(view, field["block_id"], "cyclo")
    await elena.close()
    await driver.ecotaxa.break_(garbage=True, paths="jobs")
    await elena.say(f"/ecotaxa job {job_id}")
    await elena.wait_for_message("tell whoever runs this bot", "C0GENERAL")
    process.process.terminate()
    assert await process.ended(20) == 0

    (version,) = {
        it.value.string_value
        for sent in collector.sent
        for it in sent.resource_spans[0].resource.attributes
        if it.key == "service.version"
    }
    assert version == bot.__version__
    assert {"Slack option_typed", "EcoTaxa GET /taxon_set/search", "Slack views.open"} <= {
        span.name for span in collector.spans
    }
    private = [elena.id, elena.im, elena.email, "plankton", "cyclo", "private", "eyJ", "xoxb"]
    attributes = {str(value) for span in collector.spans for value in told(span).values()}
    names = {span.name for span in collector.spans}
    assert [it for it in private if any(it in text for text in attributes | names)] == []
    assert not [name for name in names if re.search(r"\d", name)]
    assert [it for it in private if it.encode() in b"".join(collector.bodies)] == []
    assert not any(span.events for span in collector.spans)


async def test_a_collector_that_is_away_keeps_nobody_waiting(
    settings: dict[str, str], driver: SandboxDriver, tmp_path: Path
) -> None:
    settings |= {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    async with running_bot(settings, tmp_path) as process:
        await link(driver.person("elena"))
        process.process.terminate()

        assert await process.ended(20) == 0


async def test_nothing_of_it_is_loaded_where_no_collector_is_named(
    settings: dict[str, str], tmp_path: Path
) -> None:
    on, _ = await started(settings, tmp_path)
    del settings["OTEL_EXPORTER_OTLP_ENDPOINT"]
    off, _ = await started(settings, tmp_path)

    assert "opentelemetry.sdk" in on
    assert not [name for name in off if name.startswith(("opentelemetry", "google.protobuf"))]


async def test_where_it_is_not_installed_one_line_says_so_and_the_bot_runs(
    settings: dict[str, str], tmp_path: Path
) -> None:
    _, entries = await started(settings, tmp_path, prepared="sys.modules['opentelemetry'] = None")

    (entry,) = [it for it in entries if it["level"] not in ("info", "debug")]
    assert entry["event"] == "no traces are sent: what sends them is not installed, see ecotaxa-bot[traces]"
    assert "ready" in [it["event"] for it in entries]

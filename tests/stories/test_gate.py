"""Slack's requests over HTTP: what a stranger may send to the port, and what becomes of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from slack_bolt.async_app import AsyncApp

from bot import app, gate
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.slack.core import SIGNING_SECRET
from tests.stories.conftest import Clock, Start
from tests.stories.forgery import command, signed


@pytest.fixture
async def url(settings: dict[str, str], start: Start) -> AsyncIterator[str]:
    """Where a bot without Socket Mode hears."""
    del settings["SLACK_APP_TOKEN"]
    settings["HTTP_PORT"] = str(free_port())
    async with start():
        yield f"http://127.0.0.1:{settings['HTTP_PORT']}/slack/events"


@pytest.fixture
async def stranger() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def asking(person: Actor, text: str) -> bytes:
    """The body of a command."""
    return urlencode(command(person, text)).encode()


async def answers(person: Actor, text: str = "/ecotaxa unlink") -> int:
    return sum(text in message.text for message in await person.messages())


async def test_only_what_slack_signed_lately_comes_in(
    url: str, driver: SandboxDriver, clock: Clock, stranger: httpx.AsyncClient
) -> None:
    elena = driver.person("elena")
    body, now = asking(elena, "help"), clock().timestamp()
    good = signed(body, now)
    stamp, proof = good["X-Slack-Request-Timestamp"], good["X-Slack-Signature"]
    ssl_check = urlencode({"ssl_check": "1", "token": "any"}).encode()
    large = body + b"&pad=" + b"x" * gate.MOST_BYTES
    refused: dict[str, tuple[int, bytes, dict[str, str]]] = {
        "unsigned": (401, body, {"Content-Type": good["Content-Type"]}),
        "signed with another secret": (401, body, signed(body, now, "another secret")),
        "signed with no secret": (401, body, signed(body, now, "")),
        "signed for another body": (401, body, signed(body + b"x", now)),
        "signed with nothing": (401, body, good | {"X-Slack-Signature": ""}),
        "signed in another version": (401, body, good | {"X-Slack-Signature": proof.replace("v0", "v1")}),
        "signed in other letters": (401, body, good | {"X-Slack-Signature": "v0=" + "\u0660" * 64}),
        "five minutes old": (401, body, signed(body, now - 301)),
        "of the future": (401, body, signed(body, now + 310)),
        "of no time": (401, body, good | {"X-Slack-Request-Timestamp": "now"}),
        "of a time in other digits": (401, body, good | {"X-Slack-Request-Timestamp": f"+{stamp}"}),
        "of a time without end": (401, body, good | {"X-Slack-Request-Timestamp": "9" * 5000}),
        "a look at the certificate": (401, ssl_check, {"Content-Type": good["Content-Type"]}),
        "as text": (415, body, good | {"Content-Type": "text/plain"}),
        "as a file": (415, body, good | {"Content-Type": "multipart/form-data; boundary=x"}),
        "as nothing": (415, body, {key: good[key] for key in good if key != "Content-Type"}),
        "too large": (413, large, signed(large, now)),
    }

    for name, (status, content, headers) in refused.items():
        latin = [(key.encode(), value.encode()) for key, value in headers.items()]
        answer = await stranger.post(url, content=content, headers=latin)

        assert (name, answer.status_code, answer.content) == (name, status, b"")
        assert "Server" not in answer.headers
    for method, address, status in (
        ("GET", url, 405),
        ("PUT", url, 405),
        ("POST", url + "/", 404),
        ("POST", url.replace("/slack/events", "/"), 404),
    ):
        answer = await stranger.request(method, address, content=body, headers=good)
        assert answer.status_code == status
        assert len(answer.content) < 40
        assert "Server" not in answer.headers
    assert await elena.messages() == []

    answer = await stranger.post(url, content=body, headers=good)
    assert answer.status_code == 200
    await elena.wait_for_message("/ecotaxa unlink")


async def test_what_is_sent_once_more_is_acknowledged_and_not_done(
    url: str, driver: SandboxDriver, clock: Clock, stranger: httpx.AsyncClient
) -> None:
    elena, tomas = driver.person("elena"), driver.person("tomas")
    # Without a trigger: nothing else would know it again.
    body = asking(elena, "help")
    headers = signed(body, clock().timestamp())

    first, again = [await stranger.post(url, content=body, headers=headers) for _ in range(2)]
    clock.forward(minutes=4)
    late = await stranger.post(url, content=body, headers=headers)
    clock.forward(minutes=2)
    too_late = await stranger.post(url, content=body, headers=headers)
    other = asking(tomas, "help")
    await stranger.post(url, content=other, headers=signed(other, clock().timestamp()))

    assert [it.status_code for it in (first, again, late, too_late)] == [200, 200, 200, 401]
    await tomas.wait_for_message("/ecotaxa unlink")
    assert await answers(elena) == 1


async def test_one_stamped_ahead_is_known_again_as_long_as_it_is_good(
    url: str, driver: SandboxDriver, clock: Clock, stranger: httpx.AsyncClient
) -> None:
    elena, tomas = driver.person("elena"), driver.person("tomas")
    body = asking(elena, "help")
    headers = signed(body, clock().timestamp() + 290)

    await stranger.post(url, content=body, headers=headers)
    clock.forward(seconds=580)
    again = await stranger.post(url, content=body, headers=headers)
    other = asking(tomas, "help")
    await stranger.post(url, content=other, headers=signed(other, clock().timestamp()))

    assert again.status_code == 200
    await tomas.wait_for_message("/ecotaxa unlink")
    assert await answers(elena) == 1


async def test_who_sends_slowly_or_without_end_or_packed_is_not_waited_for(
    url: str,
    clock: Clock,
    stranger: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.2)
    head = signed(b"", clock().timestamp())
    parts = urlsplit(url)

    async def sent(more: str, body: bytes) -> bytes:
        """How the server answers this head, and a body that has more to come."""
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines = [f"POST {parts.path} HTTP/1.1", "Host: here", more, *(f"{k}: {v}" for k, v in head.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        try:
            return await reader.readline()
        finally:
            writer.close()

    async def hung_up() -> None:
        _reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines = [f"POST {parts.path} HTTP/1.1", "Host: here", "Content-Length: 9"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        writer.write("\r\n".join([*lines, "", "team"]).encode())
        await writer.drain()
        writer.close()

    await hung_up()
    slow = await sent("Content-Length: 500", b"team_id=")
    endless = await sent("Transfer-Encoding: chunked", b"124f80\r\n" + b"x" * 1_200_000)
    promised = await sent("Content-Length: 99999999999", b"")

    assert [line.split()[1] for line in (slow, endless, promised)] == [b"408", b"413", b"413"]
    assert "Traceback" not in caplog.text, "nobody fills the log by hanging up"
    packed = b"\x1f\x8b" + b"x" * 100
    headers = signed(packed, clock().timestamp()) | {"Content-Encoding": "gzip"}
    answer = await stranger.post(url, content=packed, headers=headers)
    assert answer.status_code in (200, 404), "signed as it came, and never unpacked"


async def test_nothing_of_what_was_turned_away_is_in_the_log(
    url: str,
    driver: SandboxDriver,
    clock: Clock,
    stranger: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    body = json.dumps({"password": "hunter2", "text": "hunter2"}).encode()
    headers = signed(body, clock().timestamp(), "another") | {"Content-Type": "application/json"}

    answer = await stranger.post(url, content=body, headers=headers)

    assert answer.status_code == 401
    assert "hunter2" not in caplog.text
    assert SIGNING_SECRET not in caplog.text
    assert headers["X-Slack-Signature"] not in caplog.text


def test_without_a_secret_nothing_is_served() -> None:
    with pytest.raises(ValueError, match="secret"):
        gate.Gate("", AsyncApp(token="xoxb-1"), app.utc_now)

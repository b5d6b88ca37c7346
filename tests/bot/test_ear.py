"""The ear on the stand-in's sockets, with time in the hand: what goes deaf, what goes, what never comes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot import ear as ears
from bot.ear import Ear, pause
from bot.errors import WorkspaceGone
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack import socketmode
from bot.slack import Slack
from bot.work import Work

pytest_plugins = ["tests.sandbox.slack_fixtures"]


class Clock:
    """A time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2025, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Listener:
    """An ear, the app behind it, and what that heard."""

    def __init__(self, sandbox: Sandbox, clock: Clock, token: str = "xapp-sandbox") -> None:
        api_url = f"{sandbox.url}/slack/api"
        self.clock = clock
        self.heard: list[str] = []
        self.takes_seconds = 0.0
        app = AsyncApp(
            client=AsyncWebClient("xoxb-sandbox", base_url=f"{api_url}/"), request_verification_enabled=False
        )
        app.command("/ecotaxa")(self.hear)
        self.ear = Ear(app, Slack.connect(token=token, api_url=api_url), Work(), clock=clock)

    async def hear(self, ack: Any, body: dict[str, Any]) -> None:
        self.heard.append(body["text"])
        await asyncio.sleep(self.takes_seconds)
        await ack(f"heard {body['text']}")

    async def after(self, seconds: float) -> None:
        """Let so much time pass, then look."""
        self.clock.forward(seconds)
        await self.ear.tick()

    async def in_trouble(self) -> str:
        """Wait until nobody is heard any more: why."""

        async def trouble() -> str | None:
            return self.ear.trouble()

        return await wait_for(trouble, "trouble")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def listener(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Listener]:
    sandbox.slack.delivery.patience = 8.0  # what is to be slow takes longer still
    listener = Listener(sandbox, clock)
    await listener.ear.open()
    yield listener
    await listener.ear.close()


async def sockets(driver: SandboxDriver) -> int:
    """How many sockets Slack was asked for."""
    return len(await driver.slack.calls("apps.connections.open"))


async def test_a_deaf_socket_is_replaced_and_what_was_said_meanwhile_is_heard_once(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(deaf_sockets=True)
    said = asyncio.create_task(elena.say("/ecotaxa one"))
    await listener.after(54)
    assert await sockets(driver) == 1

    await listener.after(1)
    await said
    assert listener.heard == ["one"]
    await elena.wait_for_message("heard one")


async def test_an_hour_of_silence_takes_about_a_socket_a_minute_and_the_last_one_hears(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    for _ in range(720):
        await listener.after(5)

    assert 60 <= await sockets(driver) <= 67
    await elena.say("/ecotaxa hello")
    assert listener.heard == ["hello"]


async def test_a_socket_on_which_people_are_heard_is_kept(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    for number in range(4):
        await listener.after(50)
        await elena.say(f"/ecotaxa {number}")

    assert await sockets(driver) == 1
    assert listener.ear.trouble() is None


async def test_a_clock_that_is_set_back_deafens_nobody(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(deaf_sockets=True)
    await listener.after(-3600)

    await elena.say("/ecotaxa one")
    assert listener.heard == ["one"]


async def test_a_socket_without_a_listener_is_replaced(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    (listening,) = [task for task in asyncio.all_tasks() if task.get_name() == "listen"]
    listening.cancel()
    await asyncio.wait({listening})
    said = asyncio.create_task(elena.say("/ecotaxa one"))
    assert listener.ear.trouble() == "no socket is open"

    await listener.after(1)
    await said
    assert listener.heard == ["one"]
    assert listener.ear.trouble() is None


async def test_a_half_open_socket_is_replaced_and_what_was_said_meanwhile_is_heard_once(
    sandbox: Sandbox, clock: Clock, elena: Actor, driver: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "PING_SECONDS", 0.5)
    monkeypatch.setattr(socketmode, "GONE_SECONDS", 0.5)
    sandbox.slack.delivery.patience = 8.0
    listener = Listener(sandbox, clock)
    await listener.ear.open()
    await driver.slack.break_(half_open_sockets=True)
    said = asyncio.create_task(elena.say("/ecotaxa one"))

    await listener.in_trouble()
    await listener.after(1)
    await said
    assert listener.heard == ["one"]
    await listener.ear.close()


async def test_a_socket_that_slack_wants_back_is_kept_for_its_last_acknowledgement(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    for reason in ("refresh", "warning"):
        listener.heard.clear()
        listener.takes_seconds = 0.5
        before = await sockets(driver)
        said = asyncio.create_task(elena.say("/ecotaxa slow"))

        async def is_heard() -> bool | None:
            return bool(listener.heard) or None

        await wait_for(is_heard, "the command")
        await driver.slack.break_(drop_sockets=reason)

        async def is_replaced(before: int = before) -> bool | None:
            await listener.after(11)
            return await sockets(driver) > before or None

        await wait_for(is_replaced, "another socket")
        await said
        assert listener.heard == ["slow"], "it was not delivered again"


async def test_a_socket_that_is_never_greeted_does_not_take_the_place_of_one_that_hears(
    listener: Listener, elena: Actor, driver: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "HELLO_SECONDS", 0.2)
    await driver.slack.break_(no_hello=True)
    await listener.after(56)
    await elena.say("/ecotaxa one")
    assert (listener.heard, listener.ear.trouble()) == (["one"], None)

    await listener.after(61)
    assert listener.ear.trouble() == "nothing was heard for 60 s, and Slack does not greet a new socket"
    await driver.slack.heal()
    await listener.after(40)
    assert listener.ear.trouble() is None


async def test_a_slack_that_gives_no_socket_is_asked_ever_less_and_told_once(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    refused = {"apps.connections.open": {"mode": "error", "error": "invalid_auth"}}
    await driver.slack.break_(drop_sockets="link_disabled", api=refused)
    await listener.in_trouble()
    with capture_logs() as logged:
        for _ in range(600):
            await listener.after(1)

    assert 15 <= await sockets(driver) <= 40
    told = [entry for entry in logged if entry["log_level"] == "warning"]
    assert [entry["why"] for entry in told] == ["Slack answered 200 invalid_auth"]
    assert listener.ear.trouble() == "Slack answered 200 invalid_auth"
    await driver.slack.heal()
    await listener.after(40)
    await elena.say("/ecotaxa one")
    assert (listener.heard, listener.ear.trouble()) == (["one"], None)


async def test_sockets_that_go_as_soon_as_they_come_are_asked_for_ever_less(
    listener: Listener, driver: SandboxDriver
) -> None:
    for _ in range(120):
        await driver.slack.break_(drop_sockets=True)
        await listener.in_trouble()
        await listener.after(1)

    assert 6 <= await sockets(driver) <= 16


async def test_a_limit_is_waited_out_with_the_old_socket(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(api={"apps.connections.open": {"mode": "429", "retry_after": 30, "times": 1}})
    for _ in range(30):
        await listener.after(1 if await sockets(driver) > 1 else 55)
    assert [call["status"] for call in await driver.slack.calls("apps.connections.open")] == [200, 429]
    assert listener.ear.trouble()
    await elena.say("/ecotaxa one")
    assert (listener.heard, listener.ear.trouble()) == (["one"], None)

    await listener.after(55)
    assert await sockets(driver) == 3


async def test_many_things_said_while_sockets_come_and_go_are_each_heard_once(
    listener: Listener, elena: Actor, driver: SandboxDriver
) -> None:
    listener.takes_seconds = 0.05
    said = [asyncio.create_task(elena.say(f"/ecotaxa {number}")) for number in range(60)]
    for _ in range(6):
        await listener.after(56)
        await asyncio.sleep(0.03)
    await asyncio.gather(*said)

    async def all_answered() -> bool | None:
        return len(await elena.messages("C0GENERAL")) >= len(said) or None

    await wait_for(all_answered, "all answers")
    assert await sockets(driver) == 7
    assert len(await elena.messages("C0GENERAL")) == len(said)


async def test_a_refused_token_ends_the_start(sandbox: Sandbox, clock: Clock) -> None:
    with pytest.raises(WorkspaceGone, match="invalid_auth"):
        await Listener(sandbox, clock, "xapp-of-yesterday").ear.open()


async def test_a_slack_that_is_busy_at_the_start_is_heard_later(
    sandbox: Sandbox, clock: Clock, elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(api={"apps.connections.open": {"mode": "429", "retry_after": 20, "times": 1}})
    listener = Listener(sandbox, clock)
    await listener.ear.open()
    assert listener.ear.trouble() == "Slack answered 429 ratelimited"

    await listener.after(21)
    await elena.say("/ecotaxa one")
    assert (listener.heard, listener.ear.trouble()) == (["one"], None)
    await listener.ear.close()


@pytest.mark.parametrize("tries", [0, 1, 2, 7, 100, 100_000])
def test_the_pause_between_two_tries_grows_up_to_half_a_minute_and_a_quarter_more(tries: int) -> None:
    assert 0 <= pause(tries, 0.0) <= pause(tries, 0.999) <= 37.5
    assert pause(tries, 0.0) <= pause(tries + 1, 0.0)
    assert tries < 7 or pause(tries, 0.5) == 30

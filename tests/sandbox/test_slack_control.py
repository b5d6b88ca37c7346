"""Faults, limits, the record, and what the control interface shows."""

import asyncio
import contextlib
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, Failed, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.ratelimits import RateLimits
from tests.sandbox.slack_app import App, refusal

pytest_plugins = ["tests.sandbox.slack_fixtures"]

GENERAL = "C0GENERAL"


async def post(bot: AsyncWebClient, text: str = "x") -> Any:
    return await bot.chat_postMessage(channel=GENERAL, text=text)


@pytest.mark.rule("slack.error.transient", "slack.rate.429")
@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ({"mode": "error", "error": "is_archived"}, 200, "is_archived"),
        ({"mode": "http", "status": 503}, 503, None),
        ({"mode": "429", "retry_after": 7}, 429, "ratelimited"),
    ],
)
async def test_a_method_fails_as_often_as_told_and_does_nothing(
    http: httpx.AsyncClient,
    driver: SandboxDriver,
    elena: Actor,
    fault: dict[str, Any],
    status: int,
    error: str | None,
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {**fault, "times": 1}})

    async def call() -> httpx.Response:
        headers = {"Authorization": "Bearer xoxb-sandbox"}
        return await http.post(
            "/slack/api/chat.postMessage", json={"channel": GENERAL, "text": "x"}, headers=headers
        )

    broken = await call()
    assert broken.status_code == status
    assert error is None or broken.json()["error"] == error
    assert broken.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert await elena.messages() == []
    assert (await call()).json()["ok"]


async def test_a_fault_stays_until_it_is_healed(bot: AsyncWebClient, driver: SandboxDriver) -> None:
    await driver.slack.break_(api={"*": {"mode": "error", "error": "fatal_error"}})

    for _ in range(3):
        assert (await refusal(post(bot)))["error"] == "fatal_error"
    await driver.slack.heal()
    assert (await post(bot))["ok"]


@pytest.mark.rule("slack.error.ambiguous")
@pytest.mark.parametrize(("mode", "posted"), [("hang", 0), ("post_then_hang", 1)])
async def test_a_call_may_hang_with_or_without_effect(
    sandbox: Sandbox, driver: SandboxDriver, elena: Actor, mode: str, posted: int
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": mode}})
    impatient = AsyncWebClient(
        "xoxb-sandbox", base_url=f"{sandbox.url}/slack/api/", timeout=1, retry_handlers=[]
    )

    with pytest.raises(asyncio.TimeoutError):
        await post(impatient)
    assert len(await elena.messages()) == posted


@pytest.mark.rule("slack.error.ambiguous")
async def test_a_call_may_take_effect_and_answer_500(
    bot: AsyncWebClient, driver: SandboxDriver, elena: Actor
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_500"}})

    with pytest.raises(SlackApiError) as caught:
        await post(bot)
    assert caught.value.response.status_code == 500
    assert len(await elena.messages()) == 1


async def test_a_fault_that_does_not_exist_is_an_error(http: httpx.AsyncClient) -> None:
    for body in ({"gravity": True}, {"api": {"chat.update": {"mode": "sulk"}}}):
        assert (await http.post("/_control/slack/break", json=body)).status_code == 400


@pytest.mark.rule("slack.rate.429", "slack.rate.channel")
async def test_limits_are_counted_on_demand(bot: AsyncWebClient, driver: SandboxDriver) -> None:
    for _ in range(10):
        await post(bot)
    await driver.slack.break_(rate_limits=True)
    for _ in range(5):
        await post(bot)

    with pytest.raises(SlackApiError) as caught:
        await post(bot)
    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert int(response.headers["Retry-After"]) >= 1
    assert (await bot.chat_postMessage(channel="C0PLANKTON", text="elsewhere"))["ok"]


@pytest.mark.rule("slack.rate.channel")
def test_a_channel_takes_a_burst_then_one_message_a_second() -> None:
    now = 0.0
    limits = RateLimits(lambda: now)
    assert [limits.wait("chat.postMessage", "C") for _ in range(6)] == [0, 0, 0, 0, 0, 1]

    now = 1.0
    assert [limits.wait("chat.postMessage", "C") for _ in range(2)] == [0, 1]
    now = 60.0
    assert limits.wait("chat.postMessage", "C") == 0


@pytest.mark.rule("slack.rate.workspace")
def test_all_channels_together_take_some_hundred_messages_a_minute() -> None:
    now = 0.0
    limits = RateLimits(lambda: now)
    assert {limits.wait("chat.postMessage", f"C{number}") for number in range(300)} == {0}
    now = 15.0
    assert limits.wait("chat.postMessage", "C300") == 45

    now = 60.0
    assert limits.wait("chat.postMessage", "C300") == 0


@pytest.mark.rule("slack.rate.channel")
async def test_a_person_and_their_direct_messages_are_one_channel(
    bot: AsyncWebClient, driver: SandboxDriver
) -> None:
    await driver.slack.break_(rate_limits=True)
    for number in range(5):
        await bot.chat_postMessage(channel=("U0ADA", "D0ADA")[number % 2], text="x")

    assert (await refusal(bot.chat_postMessage(channel="D0ADA", text="x")))["error"] == "ratelimited"


async def test_every_call_is_counted_with_how_and_when_it_was_answered(
    bot: AsyncWebClient, driver: SandboxDriver
) -> None:
    await bot.auth_test()
    await driver.slack.break_(api={"chat.postMessage": {"mode": "429", "times": 1}})
    for channel in ("D0ADA", "D0ADA", "C0NOWHERE"):
        with contextlib.suppress(SlackApiError):
            await bot.chat_postMessage(channel=channel, text="x")

    posts = await driver.slack.calls("chat.postMessage")
    assert [(call["channel"], call["status"], call["error"]) for call in posts] == [
        ("D0ADA", 429, "ratelimited"),
        ("D0ADA", 200, None),
        ("C0NOWHERE", 200, "channel_not_found"),
    ]
    assert [call["method"] for call in await driver.slack.calls()] == ["auth.test"] + 3 * ["chat.postMessage"]
    assert sorted(posts, key=lambda call: call["at"]) == posts


async def test_a_call_whose_caller_left_before_the_answer_is_counted_too(
    bot: AsyncWebClient, driver: SandboxDriver, elena: Actor
) -> None:
    await driver.slack.break_(answer_delay_ms=60_000)
    leaving = asyncio.create_task(post(bot))
    await elena.wait_for_message("x", GENERAL)

    leaving.cancel()

    async def counted() -> bool | None:
        return [call["status"] for call in await driver.slack.calls("chat.postMessage")] == [200] or None

    await wait_for(counted, "the call to be counted")


@pytest.mark.rule("slack.error.transient")
async def test_an_outage_fails_everything_and_is_over_when_it_is_healed(
    app: App, driver: SandboxDriver, elena: Actor, http: httpx.AsyncClient
) -> None:
    await elena.say("/ecotaxa jobs")
    url = (await app.hears_of("slash_commands"))["response_url"]
    await driver.slack.break_(outage=600)
    with pytest.raises(SlackApiError) as caught:
        await post(app.web)
    assert caught.value.response.status_code == 503
    assert (await http.post(url, json={"text": "x"})).status_code == 503
    with pytest.raises(Failed, match="dispatch_failed"):
        await elena.say("/ecotaxa jobs")

    await driver.slack.heal()
    assert (await app.web.chat_postMessage(channel="C0GENERAL", text="x"))["ok"]
    assert [message.text for message in await elena.messages()] == ["x"]


async def test_an_outage_ends_by_itself(bot: AsyncWebClient, driver: SandboxDriver, sandbox: Sandbox) -> None:
    await driver.slack.break_(outage=600)
    sandbox.slack.faults.outage -= 601

    assert (await bot.auth_test())["ok"]


@pytest.mark.rule("slack.rate.methods")
@pytest.mark.parametrize(("method", "most"), [("chat.update", 50), ("views.open", 100), ("users.info", 100)])
def test_a_method_has_so_many_calls_a_minute(method: str, most: int) -> None:
    now = 0.0
    limits = RateLimits(lambda: now)
    assert {limits.wait(method, "C") for _ in range(most)} == {0}
    now = 20.0
    assert limits.wait(method, "C") == 40

    now = 60.0
    assert limits.wait(method, "C") == 0


async def test_the_record_tells_calls_and_deliveries_without_tokens(
    app: App, elena: Actor, driver: SandboxDriver, http: httpx.AsyncClient
) -> None:
    await elena.say("/ecotaxa jobs")
    url = (await app.hears_of("slash_commands"))["response_url"]
    await http.post(url, json={"text": "xoxb-secret-123 and xapp-1-A"})

    entries = await driver.slack.traffic()
    told = [(entry["side"], entry["name"]) for entry in entries]
    assert told == [
        ("api", "apps.connections.open"),
        ("socket", "slash_commands"),
        ("respond", "response_url"),
    ]
    assert entries[1]["request"]["payload"]["text"] == "jobs"
    assert 0 < entries[1]["ms"] < 3_000
    assert "xoxb-…" in entries[2]["request"]["text"]
    assert "secret" not in str(entries)
    assert await driver.slack.traffic(since=entries[-1]["seq"]) == []


async def test_unread_counts_what_others_wrote_since_the_last_look(
    bot: AsyncWebClient, elena: Actor, http: httpx.AsyncClient
) -> None:
    async def unread() -> int:
        return next(int(c["unread"]) for c in (await elena.state())["channels"] if c["id"] == GENERAL)

    await post(bot)
    await post(bot)
    assert await unread() == 2
    await http.post("/_control/slack/read", json={"as": elena.id, "channel": GENERAL})
    assert await unread() == 0
    await elena.say("mine")
    assert await unread() == 0


async def test_the_state_tells_who_and_what_there_is(elena: Actor) -> None:
    state = await elena.state()

    assert (state["team"]["name"], state["me"], state["bot"]["name"]) == (
        "Plankton lab",
        "U0ELENA",
        "EcoTaxa",
    )
    assert [p["name"] for p in state["people"]] == ["elena", "amelie", "tomas", "ada"]
    assert [(c["id"], c["kind"]) for c in state["channels"]] == [
        ("C0GENERAL", "channel"),
        ("C0PLANKTON", "channel"),
        ("D0ELENA", "im"),
    ]
    assert state["commands"][0]["command"] == "/ecotaxa"


async def test_a_change_is_told_to_those_who_see_it(http: httpx.AsyncClient, bot: AsyncWebClient) -> None:
    async with (
        http.stream("GET", "/_control/slack/events", params={"as": "U0ELENA"}) as elenas,
        http.stream("GET", "/_control/slack/events", params={"as": "U0ADA"}) as adas,
    ):
        to_elena, to_ada = elenas.aiter_lines(), adas.aiter_lines()
        for lines in (to_elena, to_ada):
            assert [await anext(lines) for _ in range(3)] == ["event: change", 'data: {"seq": 0}', ""]
        await bot.chat_postMessage(channel="U0ELENA", text="x")
        await post(bot)

        assert [await anext(to_elena) for _ in range(2)] == ["event: change", 'data: {"seq": 1}']
        assert [await anext(to_ada) for _ in range(2)] == ["event: change", 'data: {"seq": 2}']


async def test_a_reset_leaves_people_and_channels_only(
    bot: AsyncWebClient, elena: Actor, driver: SandboxDriver
) -> None:
    await post(bot)
    await driver.slack.break_(api={"*": {"mode": "error"}}, rate_limits=True)
    await driver.slack.reset()

    assert await elena.messages() == []
    assert (await post(bot))["ok"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("say", {"as": "U0NOBODY", "channel": GENERAL, "text": "x"}),
        ("say", {"as": "U0ELENA"}),
        ("act", {"as": "U0ELENA"}),
        ("age", {"seconds": "many"}),
    ],
)
async def test_a_command_that_makes_no_sense_is_told_so(
    http: httpx.AsyncClient, name: str, body: Any
) -> None:
    answer = await http.post(f"/_control/slack/{name}", json=body)

    assert answer.status_code in (400, 409)
    assert answer.json()["ok"] is False


async def test_nobody_speaks_in_anothers_direct_messages(http: httpx.AsyncClient) -> None:
    body = {"as": "U0ELENA", "channel": "D0ADA", "text": "x"}

    assert (await http.post("/_control/slack/say", json=body)).json()["error"] == "channel_not_found"


async def test_the_page_ecotaxa_and_slack_share_one_server(
    http: httpx.AsyncClient, driver: SandboxDriver, bot: AsyncWebClient
) -> None:
    page = await http.get("/")

    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    assert page.headers["Cache-Control"] == "no-cache"
    job_id = await driver.ecotaxa.start("export")
    assert (await driver.ecotaxa.job(job_id))["id"] == job_id
    assert (await bot.auth_test())["ok"]


async def test_a_wait_ends_with_what_was_waited_for(elena: Actor) -> None:
    with pytest.raises(TimeoutError, match=r"waited 0\.1 s for a message to elena: 'nothing'"):
        await elena.wait_for_message("nothing", timeout=0.1)

"""What stands in the app's way, whom a message pings, and what a new start of Slack forgets."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, Failed, SandboxDriver
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.ratelimits import EVENTS_AN_HOUR, EventLimit
from tests.sandbox.slack_app import App, Json, mrkdwn, plain, refusal, section

pytest_plugins = ["tests.sandbox.slack_fixtures"]

GENERAL = "C0GENERAL"


@pytest.mark.rule("slack.error.place-gone", "slack.error.channel-not-found")
@pytest.mark.parametrize(
    ("circumstances", "channel", "error"),
    [
        ({"archived": [GENERAL]}, GENERAL, "is_archived"),
        ({"deleted": [GENERAL]}, GENERAL, "channel_not_found"),
        ({"deleted": [GENERAL]}, "#general", "channel_not_found"),
        ({"restricted": [GENERAL]}, GENERAL, "restricted_action"),
        ({"messages_tab": False}, "D0ELENA", "messages_tab_disabled"),
        ({"messages_tab": False}, "U0ELENA", "messages_tab_disabled"),
        ({}, "C0NOWHERE", "channel_not_found"),
    ],
)
async def test_a_place_may_take_no_messages(
    bot: AsyncWebClient, driver: SandboxDriver, circumstances: Json, channel: str, error: str
) -> None:
    await driver.slack.circumstances(**circumstances)

    assert (await refusal(bot.chat_postMessage(channel=channel, text="x")))["error"] == error
    assert (await bot.chat_postMessage(channel="C0PLANKTON", text="elsewhere"))["ok"]


@pytest.mark.rule("slack.error.person-gone")
async def test_a_person_who_left_or_is_the_bot_has_no_direct_messages(
    bot: AsyncWebClient, driver: SandboxDriver
) -> None:
    await driver.slack.circumstances(disabled=["U0TOMAS"])

    assert (await refusal(bot.conversations_open(users="U0TOMAS")))["error"] == "user_disabled"
    assert (await refusal(bot.conversations_open(users="U0NOBODY")))["error"] == "user_not_found"
    assert (await refusal(bot.conversations_open(users="U0ECOBOT")))["error"] == "cannot_dm_bot"


@pytest.mark.rule("slack.error.edit-window", "slack.error.place-gone")
async def test_a_message_may_be_too_old_or_its_channel_too_closed_to_change(
    bot: AsyncWebClient, driver: SandboxDriver
) -> None:
    ts = (await bot.chat_postMessage(channel=GENERAL, text="x"))["ts"]
    await driver.slack.circumstances(edit_seconds=0)
    assert (await refusal(bot.chat_update(channel=GENERAL, ts=ts, text="y")))["error"] == "edit_window_closed"

    await driver.slack.circumstances(edit_seconds=None, archived=[GENERAL])
    assert (await refusal(bot.chat_update(channel=GENERAL, ts=ts, text="y")))["error"] == "is_archived"

    await driver.slack.circumstances(archived=[])
    assert (await bot.chat_update(channel=GENERAL, ts=ts, text="y"))["ok"]


@pytest.mark.rule("slack.error.workspace-gone")
@pytest.mark.parametrize(
    "error", ["token_revoked", "account_inactive", "invalid_auth", "team_access_not_granted"]
)
async def test_a_token_that_died_meets_its_error_everywhere(
    bot: AsyncWebClient, driver: SandboxDriver, error: str
) -> None:
    await driver.slack.circumstances(token=error)

    assert (await refusal(bot.auth_test()))["error"] == error
    assert (await refusal(bot.chat_postMessage(channel=GENERAL, text="x")))["error"] == error
    await driver.slack.circumstances(token=None)
    assert (await bot.auth_test())["ok"]


@pytest.mark.rule("slack.error.uninstalled-events")
async def test_a_revoked_token_is_told_to_an_app_that_listens(app: App, driver: SandboxDriver) -> None:
    await driver.slack.subscribe("app_uninstalled", "tokens_revoked")
    await driver.slack.circumstances(token="token_revoked")

    told = {request.payload["event"]["type"] for request in await app.hears(2)}
    assert told == {"app_uninstalled", "tokens_revoked"}


async def test_circumstances_that_cannot_be_are_told_so(driver: SandboxDriver) -> None:
    for wrong in ({"weather": "bad"}, {"token": "stale"}, {"archived": ["C0NOWHERE"]}):
        with pytest.raises(Failed, match="bad_request"):
            await driver.slack.circumstances(**wrong)


@pytest.mark.rule("slack.text.references-are-alive", "slack.text.verbatim")
@pytest.mark.parametrize(
    ("text", "blocks", "pings"),
    [
        ("<!channel> and <@U0ADA>", None, ["U0ADA", "channel"]),
        ("&lt;!channel&gt; and @here", None, []),
        ("<!channel>", [section("&lt;!channel&gt;")], []),
        ("x", [section("<!here|here>")], ["here"]),
        ("x", [section("look @here, a@here.example")], ["here"]),
        ("x", [{"type": "section", "text": mrkdwn("look @here") | {"verbatim": True}}], []),
        ("x", [{"type": "section", "text": plain("<!channel> @here")}], []),
        (
            "x",
            [
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "user", "user_id": "U0ADA"},
                                {"type": "broadcast", "range": "everyone"},
                                {"type": "text", "text": "<!channel>"},
                            ],
                        }
                    ],
                }
            ],
            ["U0ADA", "everyone"],
        ),
    ],
)
async def test_a_message_pings_whom_it_names(
    bot: AsyncWebClient, elena: Actor, text: str, blocks: Any, pings: list[str]
) -> None:
    await bot.chat_postMessage(channel=GENERAL, text=text, blocks=blocks)

    assert (await elena.messages(GENERAL))[0].pings == pings


@pytest.mark.rule("slack.field.lost-mention")
async def test_an_edit_pings_nobody(bot: AsyncWebClient, elena: Actor) -> None:
    ts = (await bot.chat_postMessage(channel=GENERAL, text="nobody yet"))["ts"]
    await bot.chat_update(channel=GENERAL, ts=ts, text="you, <@U0ELENA>")

    assert (await elena.wait_for_message("you, ")).pings == []


@pytest.mark.rule("slack.field.equal-messages", "slack.error.no-idempotency")
async def test_the_same_message_twice_is_two_messages(bot: AsyncWebClient, elena: Actor) -> None:
    for _ in range(2):
        await bot.chat_postMessage(channel=GENERAL, text="x", client_msg_id="the same")

    assert [message.text for message in await elena.messages(GENERAL)] == ["x", "x"]


@pytest.mark.rule("slack.identity.ephemeral-lost")
async def test_what_only_one_person_saw_is_gone_when_they_start_anew(
    app: App, elena: Actor, amelie: Actor
) -> None:
    await app.web.chat_postMessage(channel=elena.im, text="stays")
    for person in (elena, amelie):
        await app.web.chat_postEphemeral(channel=person.im, user=person.id, text="goes")
    await elena.reload()

    assert [message.text for message in await elena.messages()] == ["stays"]
    assert [message.text for message in await amelie.messages()] == ["goes"]


@pytest.mark.rule("slack.field.noisy-thread")
@pytest.mark.parametrize("broadcast", [False, True])
async def test_a_reply_stands_in_the_channel_only_when_it_is_broadcast(
    bot: AsyncWebClient, driver: SandboxDriver, *, broadcast: bool
) -> None:
    await driver.slack.grant("chat:write", "im:history")
    ts = (await bot.chat_postMessage(channel="D0ELENA", text="first"))["ts"]
    await bot.chat_postMessage(channel="D0ELENA", text="reply", thread_ts=ts, reply_broadcast=broadcast)

    told = (await bot.conversations_history(channel="D0ELENA"))["messages"]
    assert [message["text"] for message in told] == (["reply", "first"] if broadcast else ["first"])


@pytest.mark.rule("slack.rate.history-new-apps")
async def test_other_limits_can_be_put_in_force(bot: AsyncWebClient, driver: SandboxDriver) -> None:
    await driver.slack.break_(rate_limits={"conversations.history": 1})
    await bot.conversations_history(channel="D0ELENA")

    assert (await refusal(bot.conversations_history(channel="D0ELENA")))["error"] == "ratelimited"


@pytest.mark.rule("slack.rate.events")
def test_thirty_thousand_events_an_hour_are_told() -> None:
    now = 3600.0
    limit = EventLimit(clock=lambda: now)
    assert EVENTS_AN_HOUR == 30_000
    assert all(limit.takes() for _ in range(30_000))
    assert not limit.takes()

    now += 3599
    assert not limit.takes()
    now += 1
    assert limit.takes()


@pytest.mark.rule("slack.rate.events")
async def test_events_beyond_the_limit_are_kept_and_that_is_told_once_a_minute(
    app: App, elena: Actor, sandbox: Sandbox
) -> None:
    now = 120.0
    sandbox.slack.event_limit = EventLimit(1, clock=lambda: now)
    for text in ("one", "two", "three"):
        await elena.say(text, elena.im)
    now = 180.0
    await elena.say("four", elena.im)

    heard = [request.payload for request in await app.hears(3)]
    assert heard[0]["event"]["text"] == "one"
    assert [(told["type"], told["minute_rate_limited"]) for told in heard[1:]] == [
        ("app_rate_limited", 120),
        ("app_rate_limited", 180),
    ]


@pytest.mark.rule("slack.error.ambiguous")
@pytest.mark.parametrize("error", ["internal_error", "fatal_error"])
async def test_an_ambiguous_error_may_have_posted(
    bot: AsyncWebClient, driver: SandboxDriver, elena: Actor, error: str
) -> None:
    fault = {"mode": "post_then_error", "error": error, "times": 1}
    await driver.slack.break_(api={"chat.postMessage": fault})

    assert (await refusal(bot.chat_postMessage(channel=GENERAL, text="x")))["error"] == error
    assert [message.text for message in await elena.messages()] == ["x"]


@pytest.mark.rule("slack.error.ambiguous")
async def test_a_connection_may_break_after_the_message_was_posted(
    bot: AsyncWebClient, driver: SandboxDriver, elena: Actor
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_drop", "times": 1}})
    with pytest.raises(aiohttp.ClientConnectionError):
        await bot.chat_postMessage(channel=GENERAL, text="x")

    assert [message.text for message in await elena.messages()] == ["x"]


@pytest.mark.rule("slack.scope.public")
async def test_a_public_channel_takes_messages_of_members_or_with_a_scope_of_its_own(
    bot: AsyncWebClient, driver: SandboxDriver, elena: Actor
) -> None:
    await driver.slack.grant("chat:write")
    told = await refusal(bot.chat_postMessage(channel=GENERAL, text="x"))
    assert told["error"] == "not_in_channel"

    await elena.say("/invite <@U0ECOBOT>", GENERAL)
    assert (await bot.chat_postMessage(channel=GENERAL, text="x"))["ok"]

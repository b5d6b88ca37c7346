"""Links that people paste: the event, and the cards that the app puts under them."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, Failed, SandboxDriver
from bot.sandbox.server import Sandbox
from tests.sandbox.slack_app import App, Json, actions, button, refusal, section

pytest_plugins = ["tests.sandbox.slack_fixtures"]

JOB = "https://ecotaxa.obs-vlfr.fr/gui/job/show/7"
PROJECT = "https://ecotaxa.obs-vlfr.fr/prj/3"


def card(*blocks: Json) -> Json:
    return {"blocks": list(blocks) or [section("a card")]}


async def shared(app: App, elena: Actor, text: str = f"see {JOB}", **more: Any) -> Json:
    """The event of a message with links."""
    await elena.say(text, **more)
    event: Json = (await app.hears_of("link_shared"))["event"]
    return event


@pytest.mark.rule("slack.link.shared", "slack.text.escaped")
async def test_a_link_is_told_once_with_its_place_though_the_bot_is_no_member(app: App, elena: Actor) -> None:
    event = await shared(app, elena, f"see {JOB}, {PROJECT}, {JOB}; https://example.org/x too.")
    message = await elena.wait_for_message("see ")

    assert event["links"] == [{"domain": "ecotaxa.obs-vlfr.fr", "url": url} for url in (JOB, PROJECT)]
    assert (event["channel"], event["message_ts"], event["user"]) == ("C0GENERAL", message.ts, "U0ELENA")
    assert (event["source"], event["is_bot_user_member"]) == ("conversations_history", False)
    assert message.text == f"see <{JOB}>, <{PROJECT}>, <{JOB}>; <https://example.org/x> too."


@pytest.mark.rule("slack.link.shared")
async def test_the_sandboxs_own_ecotaxa_is_one_of_the_domains(
    app: App, elena: Actor, sandbox: Sandbox
) -> None:
    url = f"{sandbox.url}/ecotaxa/gui/job/show/7"
    event = await shared(app, elena, f"({url})", channel="D0ELENA")

    assert event["links"] == [{"domain": "127.0.0.1", "url": url}]
    assert event["is_bot_user_member"] is True


@pytest.mark.rule("slack.link.shared")
async def test_a_link_elsewhere_is_not_told(app: App, elena: Actor) -> None:
    await elena.say("https://example.org/gui/job/show/7", "D0ELENA")
    await elena.say("that was all", "D0ELENA")
    heard = await app.hears(2)

    assert {request.payload["event"]["type"] for request in heard} == {"message"}


@pytest.mark.rule("slack.link.shared")
async def test_the_bots_own_links_are_not_told(app: App, elena: Actor) -> None:
    await app.web.chat_postMessage(channel="D0ELENA", text=f"<{JOB}>")
    await app.hears(1)
    await elena.say("hello", "D0ELENA")
    heard = await app.hears(2)

    assert [request.payload["event"]["text"] for request in heard] == [f"<{JOB}>", "hello"]


@pytest.mark.rule("slack.scope.events")
async def test_without_the_scope_no_link_is_told(app: App, elena: Actor, driver: SandboxDriver) -> None:
    await driver.slack.post("mode", {"scopes": ["im:history"]})
    await elena.say(JOB, "D0ELENA")
    await elena.say("that was all", "D0ELENA")
    heard = await app.hears(2)

    assert {request.payload["event"]["type"] for request in heard} == {"message"}


@pytest.mark.rule("slack.link.unfurl")
async def test_a_card_is_seen_by_everybody_and_a_second_takes_its_place(
    app: App, elena: Actor, amelie: Actor
) -> None:
    event = await shared(app, elena)
    place = {"channel": event["channel"], "ts": event["message_ts"]}
    await app.web.chat_unfurl(**place, unfurls={JOB: card(section("running"))})
    await app.web.chat_unfurl(**place, unfurls={JOB: card(section("finished"))})
    message = await amelie.wait_for_message("finished")

    assert message.user == "U0ELENA"
    assert not message.says("running")
    assert [each["from_url"] for each in message.attachments] == [JOB]


async def test_a_card_may_be_put_by_the_unfurls_id(app: App, elena: Actor) -> None:
    event = await shared(app, elena)
    await app.web.chat_unfurl(unfurl_id=event["unfurl_id"], source=event["source"], unfurls={JOB: card()})

    assert (await elena.wait_for_message("a card")).user == "U0ELENA"


@pytest.mark.rule("slack.link.unfurl")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"unfurls": {PROJECT: card()}}, "cannot_unfurl_url"),
        ({"unfurls": {JOB: card(), PROJECT: card()}}, "cannot_unfurl_url"),
        ({"ts": "1.000001"}, "cannot_find_message"),
        ({"channel": "C0NOWHERE"}, "cannot_find_channel"),
        ({"unfurls": {}}, "missing_unfurls"),
        ({"unfurls": "cards"}, "invalid_unfurls_format"),
        ({"unfurls": {JOB: "card"}}, "invalid_unfurls_format"),
        ({"unfurls": {JOB: {}}}, "cannot_parse_attachment"),
        ({"unfurls": {JOB: {"blocks": [section("x" * 3001)]}}}, "invalid_blocks"),
        ({"channel": None}, "missing_channel"),
        ({"ts": None}, "missing_ts"),
        ({"unfurl_id": "made up", "source": "composer"}, "invalid_unfurl_id"),
        ({"unfurl_id": "made up"}, "missing_source"),
        ({"unfurl_id": "made up", "source": "rumour"}, "invalid_source"),
    ],
)
async def test_a_bad_card_is_refused_and_nothing_shown(
    app: App, elena: Actor, change: Json, error: str
) -> None:
    event = await shared(app, elena)
    call = {"channel": event["channel"], "ts": event["message_ts"], "unfurls": {JOB: card()}} | change
    given = {name: value for name, value in call.items() if value is not None}

    assert (await refusal(app.web.api_call("chat.unfurl", json=given)))["error"] == error
    assert (await elena.wait_for_message("see ")).attachments == []


@pytest.mark.rule("slack.link.unfurl")
async def test_the_bots_own_message_is_not_unfurled(bot: AsyncWebClient) -> None:
    posted = await bot.chat_postMessage(channel="C0GENERAL", text=f"<{JOB}>")
    call = bot.chat_unfurl(channel="C0GENERAL", ts=posted["ts"], unfurls={JOB: card()})

    assert (await refusal(call))["error"] == "cannot_unfurl_message"


@pytest.mark.rule("slack.link.buttons")
async def test_a_cards_button_acts_for_whoever_presses_it(app: App, elena: Actor, amelie: Actor) -> None:
    event = await shared(app, elena)
    unfurls = {JOB: card(actions(button("job.show", "Details", value="7")))}
    await app.web.chat_unfurl(channel=event["channel"], ts=event["message_ts"], unfurls=unfurls)
    await amelie.press(await amelie.wait_for_message(lambda m: bool(m.attachments)), "Details")
    heard = await app.hears_of("block_actions")

    assert (heard["user"]["id"], heard["actions"][0]["value"]) == ("U0AMELIE", "7")
    assert heard["container"]["type"] == "message_attachment"
    assert heard["container"]["app_unfurl_url"] == JOB
    assert heard["app_unfurl"]["from_url"] == JOB
    assert "message" not in heard


async def test_history_tells_the_cards(app: App, elena: Actor) -> None:
    event = await shared(app, elena, channel="D0ELENA")
    await app.web.chat_unfurl(channel="D0ELENA", ts=event["message_ts"], unfurls={JOB: card()})
    messages = (await app.web.conversations_history(channel="D0ELENA"))["messages"]

    assert messages[0]["attachments"][0]["from_url"] == JOB


async def test_a_person_is_picked_by_id_and_must_exist(app: App, elena: Actor) -> None:
    picker = {"type": "users_select", "action_id": "who"}
    await app.web.chat_postMessage(channel="D0ELENA", text="who?", blocks=[actions(picker)])
    message = await elena.wait_for_message("who?")
    with pytest.raises(Failed, match="gone"):
        await elena.put(message, "who", "U0NOBODY")
    await elena.put(message, "who", "U0TOMAS")

    assert (await app.hears_of("block_actions"))["actions"][0]["selected_user"] == "U0TOMAS"

"""People and channels that come, go and change, and what the app hears of it."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, Failed, SandboxDriver
from tests.sandbox.slack_app import App, Json, refusal

pytest_plugins = ["tests.sandbox.slack_fixtures"]

GENERAL = "C0GENERAL"


async def next_event(app: App, count: int = 1) -> Json:
    """The newest of so many events that the app has heard by then."""
    event: Json = (await app.hears(count, "events_api"))[-1].payload["event"]
    return event


async def known(bot: AsyncWebClient, user: str) -> Json:
    told: Json = (await bot.users_info(user=user, include_locale=True))["user"]
    return told


@pytest.mark.rule("slack.people.locale")
async def test_a_persons_language_is_told_only_when_it_is_asked_for(
    bot: AsyncWebClient, driver: SandboxDriver
) -> None:
    assert "locale" not in (await bot.users_info(user="U0AMELIE"))["user"]
    assert (await known(bot, "U0AMELIE"))["locale"] == "en-US"

    await driver.slack.locale("amelie", "zh-CN")
    assert (await known(bot, "U0AMELIE"))["locale"] == "zh-CN"
    assert (await known(bot, "U0ELENA"))["locale"] == "en-US"


@pytest.mark.rule("slack.event.user-change")
async def test_another_language_or_time_zone_is_told_with_the_person(app: App, driver: SandboxDriver) -> None:
    await driver.slack.subscribe("user_change")
    await driver.slack.locale("elena", "fr-FR")
    told = await next_event(app)
    assert (told["type"], told["user"]["id"], told["user"]["locale"]) == ("user_change", "U0ELENA", "fr-FR")

    await driver.slack.zone("elena", "Asia/Tokyo")
    user = (await next_event(app, 2))["user"]
    assert (user["tz"], user["tz_offset"], user["locale"]) == ("Asia/Tokyo", 9 * 3600, "fr-FR")


async def test_a_language_or_time_zone_that_cannot_be_is_told_so(driver: SandboxDriver) -> None:
    with pytest.raises(Failed, match="bad_request"):
        await driver.slack.locale("elena", "French")
    with pytest.raises(Failed, match="bad_request"):
        await driver.slack.zone("elena", "Europe/Atlantis")


@pytest.mark.rule("slack.people.gone", "slack.event.user-change")
async def test_a_person_who_left_is_deleted_and_messages_to_them_are_taken_all_the_same(
    app: App, driver: SandboxDriver
) -> None:
    await driver.slack.subscribe("user_change")
    await driver.slack.circumstances(disabled=["U0TOMAS"])
    assert (await next_event(app))["user"]["deleted"]
    gone = await known(app.web, "U0TOMAS")
    assert gone["deleted"]
    assert not {"tz", "tz_offset", "locale"} & gone.keys()
    assert (await app.web.chat_postMessage(channel="U0TOMAS", text="x"))["channel"] == "D0TOMAS"

    await driver.slack.circumstances(disabled=[])
    assert not (await next_event(app, 2))["user"]["deleted"]
    assert not (await known(app.web, "U0TOMAS"))["deleted"]


@pytest.mark.rule("slack.event.channels")
async def test_a_channel_that_is_archived_or_brought_back_or_deleted_is_told(
    app: App, driver: SandboxDriver, elena: Actor
) -> None:
    await driver.slack.grant("channels:read", "chat:write", "chat:write.public")
    await driver.slack.subscribe("channel_archive", "channel_unarchive", "channel_deleted")
    await driver.slack.circumstances(archived=[GENERAL])
    with pytest.raises(Failed, match="is_archived"):
        await elena.say("anybody?", GENERAL)
    await driver.slack.circumstances(archived=[])
    await driver.slack.circumstances(deleted=[GENERAL])

    told = [request.payload["event"] for request in await app.hears(3, "events_api")]
    assert [event["type"] for event in told] == ["channel_archive", "channel_unarchive", "channel_deleted"]
    assert {event["channel"] for event in told} == {GENERAL}
    assert GENERAL not in [channel["id"] for channel in (await elena.state())["channels"]]
    assert (await refusal(app.web.conversations_info(channel=GENERAL)))["error"] == "channel_not_found"

    await driver.slack.circumstances(deleted=[])
    assert (await app.web.conversations_info(channel=GENERAL))["channel"]["name"] == "general"


@pytest.mark.rule("slack.event.membership", "slack.scope.public")
@pytest.mark.parametrize("name", ["<@U0ECOBOT>", "<@U0ECOBOT|ecotaxa>", "@EcoTaxa"])
async def test_people_invite_the_bot_and_remove_it_and_it_is_told(
    app: App, driver: SandboxDriver, elena: Actor, name: str
) -> None:
    await driver.slack.grant("channels:read", "chat:write")
    await driver.slack.subscribe("member_joined_channel", "channel_left")
    await elena.say(f"/invite {name}", GENERAL)
    joined = await next_event(app)
    assert (joined["type"], joined["user"], joined["channel"], joined["inviter"]) == (
        "member_joined_channel",
        "U0ECOBOT",
        GENERAL,
        elena.id,
    )
    assert (await app.web.chat_postMessage(channel=GENERAL, text="here"))["ok"]

    await elena.say(f"/remove {name}", GENERAL)
    left = await next_event(app, 2)
    assert (left["type"], left["channel"], left["actor_id"]) == ("channel_left", GENERAL, elena.id)
    assert (await refusal(app.web.chat_postMessage(channel=GENERAL, text="x")))["error"] == "not_in_channel"


@pytest.mark.parametrize(
    ("said", "channel", "told"),
    [
        ("/invite @EcoTaxa", "D0ELENA", "channels only"),
        ("/remove @EcoTaxa", GENERAL, "not in this channel"),
    ],
)
async def test_an_invitation_that_changes_nothing_is_told_to_the_person(
    elena: Actor, said: str, channel: str, told: str
) -> None:
    await elena.say(said, channel)

    assert told in (await elena.toasts())[0]

"""What people want to be told: their settings, and the channels in which their jobs are told too."""

import pytest

from bot import app
from bot.links import Person
from bot.rules.preferences import zone_of
from bot.sandbox.driver import GENERAL, Actor, SandboxDriver, View
from bot.sandbox.slack.people import BOT_USER, TEAM_ID
from tests.stories.conftest import comes_to, link, looked
from tests.stories.forgery import event, on_view, press, view_of
from tests.stories.telling import choose
from tests.stories.test_home import wait_for_home
from tests.stories.test_operations import typed
from tests.stories.test_pings import pings

PLANKTON = "C0PLANKTON"


async def settings_of(person: Actor) -> View:
    """The settings, opened by the command."""
    await person.say("/ecotaxa notify")
    return await person.wait_for_view("Tell me when a job")


async def save(person: Actor) -> None:
    """Save what stands in the settings."""
    assert await person.submit() == {}
    await person.wait_for_view("Saved")
    await person.close()


async def invite(person: Actor, channel: str = PLANKTON) -> None:
    """Let the bot into a channel."""
    await person.say("/invite @EcoTaxa", channel)


async def told_in(person: Actor, channel: str, job_id: int) -> list[str]:
    """What everybody in a channel reads of a job."""
    return [m.text for m in await person.messages(channel) if f"#{job_id}" in m.text and not m.ephemeral]


async def test_settings_are_saved_and_shown_again(linked: Actor) -> None:
    view = await settings_of(linked)
    assert "Europe/Madrid" in str(view.blocks)
    await linked.choose(view, "Summary", "On Monday mornings")
    await linked.choose(view, "Quiet hours", "Keep quiet")
    await linked.put(view, "Quiet from", "21:30")
    await save(linked)

    shown = await settings_of(linked)

    assert shown.values["summary"]["summary"]["selected_option"]["value"] == "weekly"
    assert shown.values["from"]["from"]["selected_time"] == "21:30"
    assert [it["value"] for it in shown.values["quiet"]["quiet"]["selected_options"]] == ["on"]


async def test_a_summary_is_planned_by_what_was_saved(linked: Actor, bot: app.Bot) -> None:
    view = await settings_of(linked)
    await linked.choose(view, "Summary", "Each morning")
    await save(linked)
    person, now = Person(None, TEAM_ID, linked.id), bot.services.clock()
    zone = zone_of((await bot.services.people.of(person)).zone)
    due = (await bot.services.store.find_preferences(person)).next_summary(now, zone)

    assert due is not None
    assert await bot.services.store.find_notice(f"{person.key}/summary/{due.isoformat()}") is not None


async def test_only_jobs_that_took_their_time_are_told(linked: Actor, driver: SandboxDriver) -> None:
    view = await settings_of(linked)
    await linked.choose(view, "Tell me of a good end", "If the job took 2 minutes")
    await save(linked)

    short = await driver.ecotaxa.start("export")
    await comes_to(driver, short, "F")
    failing = await driver.ecotaxa.start("bad-import")

    await linked.wait_for_message(f"#{failing}", linked.im)
    await looked(driver, 2)
    assert await pings(linked, short) == []


async def test_words_without_a_trigger_offer_a_button(linked: Actor) -> None:
    await linked.say("notify", linked.im)
    offered = await linked.wait_for_message("What do you want to be told", linked.im)

    await linked.press(offered, "Notification settings")

    await linked.wait_for_view("Tell me when a job")


async def test_the_home_leads_to_the_settings(linked: Actor) -> None:
    await linked.open_home()
    home = await wait_for_home(linked, "Settings")

    await linked.press(home, "Notifications")

    await linked.wait_for_view("Tell me when a job")


@pytest.mark.parametrize("words", ["notify", "notify here", "notify here off", "watch", "watch 12"])
async def test_without_an_account_the_way_to_one_is_shown(elena: Actor, words: str) -> None:
    shown = await typed(elena, words, "I don't know your EcoTaxa account yet")

    assert "Link my account" in shown.labels()


async def test_forged_settings_change_nothing_that_is_odd(linked: Actor, driver: SandboxDriver) -> None:
    view = await settings_of(linked)
    values = {
        "quiet": {"quiet": {"selected_options": [{"value": "on"}]}},
        "from": {"from": {"selected_time": "20:00:00+05:00"}},
        "until": {"until": {"selected_time": "25:99"}},
        "summary": {"summary": {"selected_option": {"value": "hourly"}}},
        "least": {"least": {"selected_option": {"value": "-5"}}},
    }
    forged = on_view(linked, view, "view_submission")
    forged["view"] = view_of(view, state={"values": values})

    answer = await driver.slack.deliver("interactive", forged)

    assert "Saved" in str(answer)
    job_id = await driver.ecotaxa.start("bad-import")
    await comes_to(driver, job_id, "E")
    await linked.close(everything=True)
    assert (await settings_of(linked)).values["quiet"]["quiet"]["selected_options"] == []


async def test_quiet_hours_that_would_be_none_are_not_saved(linked: Actor, bot: app.Bot) -> None:
    view = await settings_of(linked)
    await linked.choose(view, "Quiet hours", "Keep quiet")
    await linked.put(view, "Quiet from", "20:00")
    await linked.put(view, "Quiet until", "20:00")

    wrong = await linked.submit()

    assert list(wrong) == ["until"]
    assert "would be none" in wrong["until"]
    person = Person(None, TEAM_ID, linked.id)
    assert (await bot.services.store.find_preferences(person)).quiet is None
    await linked.put(view, "Quiet until", "07:00")
    await save(linked)
    assert (await bot.services.store.find_preferences(person)).quiet is not None


async def test_a_channel_has_ones_jobs_once_the_bot_was_invited(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I am not in <#{PLANKTON}>", PLANKTON)
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    told = await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)
    assert told.ephemeral

    job_id = await driver.ecotaxa.start("export")

    shared = await linked.wait_for_message(lambda m: not m.ephemeral and f"#{job_id}" in m.text, PLANKTON)
    assert "*Elena Rodriguez*" in shared.text
    assert "<@" not in shared.text, "who is told by direct message is not pinged a second time"
    await linked.wait_for_message(f"#{job_id}", linked.im)


async def test_who_is_told_in_the_channel_alone_is_pinged_there(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)
    await choose(bot, linked, direct=False)

    job_id = await driver.ecotaxa.start("export")

    shared = await linked.wait_for_message(lambda m: not m.ephemeral and f"#{job_id}" in m.text, PLANKTON)
    assert f"<@{linked.id}>" in shared.text
    await looked(driver, 3)
    assert await linked.messages(linked.im) == []


async def test_a_channel_may_have_the_jobs_of_one_project_and_then_none(
    linked: Actor, driver: SandboxDriver
) -> None:
    await invite(linked)
    await linked.say("/ecotaxa notify here project 2", PLANKTON)
    await linked.wait_for_message("of project 2 end", PLANKTON)
    other = await driver.ecotaxa.start("export", project=1)
    wanted = await driver.ecotaxa.start("export", project=2)
    await linked.wait_for_message(lambda m: not m.ephemeral and f"#{wanted}" in m.text, PLANKTON)
    await linked.wait_for_message(f"#{other}", linked.im)

    await linked.say("/ecotaxa notify here off", PLANKTON)
    await linked.wait_for_message("I no longer tell your jobs", PLANKTON)
    last = await driver.ecotaxa.start("export", project=2)
    await linked.wait_for_message(f"#{last}", linked.im)
    await looked(driver, 2)

    assert await told_in(linked, PLANKTON, other) == []
    assert await told_in(linked, PLANKTON, last) == []


async def test_a_channel_is_ended_in_the_settings_and_the_other_fields_stay(linked: Actor) -> None:
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)
    view = await settings_of(linked)
    await linked.choose(view, "Summary", "Each morning")

    await linked.press(view, "Stop")

    shown = await linked.wait_for_view(lambda view: PLANKTON not in view.words)
    assert shown.values["summary"]["summary"]["selected_option"]["value"] == "daily"


@pytest.mark.parametrize("value", ["", "x", "-1", "1" * 40, "99"])
async def test_a_forged_channel_ends_nobodys(linked: Actor, driver: SandboxDriver, value: str) -> None:
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)
    view = await settings_of(linked)

    forged = on_view(linked, view, "block_actions", actions=press(linked, "place.end:1", value)["actions"])
    await driver.slack.deliver("interactive", forged)

    await linked.close(everything=True)
    assert PLANKTON in (await settings_of(linked)).words


async def test_the_direct_conversation_is_no_channel(linked: Actor) -> None:
    await linked.say("/ecotaxa notify here", linked.im)

    await linked.wait_for_message("by direct message anyway", linked.im)


@pytest.mark.parametrize("how", ["archived", "deleted"])
async def test_a_lost_channel_is_told_to_its_owner_once(
    linked: Actor, driver: SandboxDriver, how: str
) -> None:
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)

    await driver.slack.circumstances(**{how: [PLANKTON]})

    await linked.wait_for_message("I can no longer write in", linked.im)
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)
    await looked(driver, 2)
    assert [m for m in await linked.messages(linked.im) if m.says("can no longer write")][1:] == []
    assert len(await pings(linked, job_id)) == 1


async def test_a_channel_that_the_bot_had_to_leave_is_lost(linked: Actor, driver: SandboxDriver) -> None:
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)

    await linked.say("/remove @EcoTaxa", PLANKTON)

    await linked.wait_for_message("I can no longer write in", linked.im)


async def test_a_private_channel_that_is_gone_is_lost_too(linked: Actor, driver: SandboxDriver) -> None:
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)

    await driver.slack.deliver("events_api", event(linked, "group_left", user=None, channel=PLANKTON))

    await linked.wait_for_message("I can no longer write in", linked.im)


async def test_a_mention_may_ask_for_it_too(linked: Actor) -> None:
    await invite(linked, GENERAL)

    await linked.say(f"<@{BOT_USER}> notify here")

    await linked.wait_for_message(f"I tell in <#{GENERAL}>", GENERAL)


async def test_each_has_their_own_channels(linked: Actor, driver: SandboxDriver) -> None:
    tomas = driver.person("tomas")
    await link(tomas)
    await invite(linked)
    await linked.say("/ecotaxa notify here", PLANKTON)
    await linked.wait_for_message(f"I tell in <#{PLANKTON}>", PLANKTON)
    await looked(driver)

    job_id = await driver.ecotaxa.start("export", "tomas")

    await tomas.wait_for_message(f"#{job_id}", tomas.im)
    assert await told_in(tomas, PLANKTON, job_id) == []

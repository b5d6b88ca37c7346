"""`/ecotaxa doctor`: what works and what does not, each with what to do."""

import pytest

from bot.doctor import SCOPES
from bot.sandbox.driver import Actor, Message, SandboxDriver, wait_for
from tests.stories.conftest import link, looked
from tests.stories.manifest import scopes

GENERAL = "C0GENERAL"
FIRST = (" a look.", "Everything I can check is well")


async def examined(person: Actor) -> Message:
    """What the doctor says."""
    await person.say("/ecotaxa doctor")
    return await person.wait_for_message(lambda m: any(it in m.text for it in FIRST), GENERAL, timeout=25)


def line(told: Message, about: str) -> str:
    """What was found of one thing, with what to do about it."""
    (found,) = [block["text"]["text"] for block in told.blocks if f"· {about}:" in str(block.get("text", ""))]
    return str(found)


async def test_all_is_well(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)
    await looked(driver)

    told = await examined(linked)

    assert "Everything I can check is well" in told.text
    assert told.ephemeral
    assert "Elena Rodriguez" in line(told, "Your EcoTaxa sign-in")
    assert "good until" in line(told, "Your EcoTaxa sign-in")
    assert "version 0.0.45" in line(told, "EcoTaxa")
    assert "lists jobs by their state" in line(told, "EcoTaxa's filters")
    assert f"all {len(SCOPES)} are granted" in line(told, "My permissions in Slack")
    assert "the last whole one" in line(told, "My looks at your jobs")
    assert "I told you some" in line(told, "The last news")
    await linked.wait_for_message("my direct messages reach you", linked.im)
    assert "Good" in told.text
    assert "eyJ" not in told.text, "the beginning of every token"


async def test_the_scopes_that_are_checked_are_those_of_the_manifest() -> None:
    assert list(SCOPES) == scopes()


async def test_a_missing_scope_is_named_with_what_it_is_for(linked: Actor, driver: SandboxDriver) -> None:
    granted = [scope for scope in SCOPES if scope not in ("links:write", "files:write")]
    await driver.slack.post("mode", {"scopes": granted})

    told = await examined(linked)

    found = line(told, "My permissions in Slack")
    assert "1 thing needs a look" in told.text
    assert "`files:write` for exports' files" in found
    assert "`links:write`" in found
    assert "`links:read`" not in found
    assert "install the app anew" in found


async def test_for_who_is_not_linked_the_rest_is_told(elena: Actor, driver: SandboxDriver) -> None:
    told = await examined(elena)

    assert "not linked yet" in line(told, "Your EcoTaxa sign-in")
    assert "answered in" in line(told, "EcoTaxa")
    assert "are granted" in line(told, "My permissions in Slack")
    await elena.press(told, "Link my account")
    await elena.wait_for_view("Link EcoTaxa")
    await elena.submit({"E-mail": elena.email, "Password": "plankton"})
    await elena.wait_for_view("Linked")
    again = await elena.wait_for_message("you are Elena", GENERAL, timeout=25)
    assert "Link my account" not in again.labels()
    assert again.id == told.id
    assert "are granted" in line(again, "My permissions in Slack"), "the whole examination, anew"


async def test_an_ecotaxa_that_is_down_hides_nothing_else(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.break_(down=True)

    told = await examined(linked)

    assert "Not working" in line(told, "EcoTaxa")
    assert "are granted" in line(told, "My permissions in Slack")
    assert "sent just now" in line(told, "A test message")
    assert "Not working" in line(told, "Your EcoTaxa sign-in")


async def test_an_ecotaxa_that_hangs_is_not_waited_for(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.break_(slow=30, paths="/status|/users/me")

    told = await examined(linked)

    assert "no answer within" in line(told, "EcoTaxa")
    assert "no answer within" in line(told, "Your EcoTaxa sign-in")
    assert "lists jobs by their state" in line(told, "EcoTaxa's filters")


async def test_an_older_ecotaxa_is_found_out(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.break_(ignore_filters=True)

    told = await examined(linked)

    assert "Look at this" in line(told, "EcoTaxa's filters")
    assert "I fetch whole lists" in line(told, "EcoTaxa's filters")


async def test_a_rejected_sign_in_has_its_button(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.new_secret()
    await linked.wait_for_message("no longer accepts your sign-in", linked.im)

    told = await examined(linked)

    assert "once your account is linked" in line(told, "My looks at your jobs")

    assert "EcoTaxa no longer accepts your sign-in" in line(told, "Your EcoTaxa sign-in")
    assert "Link my account" in told.labels()


async def test_a_sign_in_that_soon_ends_is_to_be_renewed(elena: Actor, driver: SandboxDriver) -> None:
    token = await driver.ecotaxa.token("elena", age_days=29.5)
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")
    await elena.submit({"Or a token": token})
    await elena.wait_for_view("Linked")

    told = await examined(elena)

    assert "Renew it" in line(told, "Your EcoTaxa sign-in")
    assert token not in str(told)


@pytest.mark.parametrize(
    ("error", "says"), [("cannot_dm_bot", "under Apps"), ("account_inactive", "whoever runs this bot")]
)
async def test_a_direct_message_that_slack_refuses(
    linked: Actor, driver: SandboxDriver, error: str, says: str
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "error", "error": error}})

    told = await examined(linked)

    assert "Not working" in line(told, "A test message")
    assert says in line(told, "A test message")


async def test_looks_that_go_wrong_are_told(linked: Actor, driver: SandboxDriver) -> None:
    since = (await driver.ecotaxa.traffic())["seq"]
    await driver.ecotaxa.break_(status=500, paths="/jobs/$", methods=["GET"])
    await looked_in_vain(driver, since)

    told = await examined(linked)

    assert "went wrong" in line(told, "My looks at your jobs")


async def looked_in_vain(driver: SandboxDriver, since: int) -> None:
    """Wait until a look has failed, with all its tries, and the next has begun."""

    async def failed() -> bool | None:
        entries = (await driver.ecotaxa.traffic(since))["entries"]
        return sum(entry["status"] == 500 for entry in entries) > 5 or None

    await wait_for(failed, "looks that fail", timeout=30)


async def test_two_people_get_their_own(linked: Actor, driver: SandboxDriver) -> None:
    amelie = driver.person("amelie")
    await link(amelie)

    told = await examined(amelie)

    assert "Amélie Laurent" in told.text
    assert "Elena" not in told.text

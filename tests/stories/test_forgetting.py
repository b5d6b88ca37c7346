"""Being forgotten, and seeing what one did: one's own acts alone."""

import sqlite3
from pathlib import Path

from bot import app
from bot.sandbox.driver import Actor, SandboxDriver
from tests.stories.conftest import Clock, comes_to, link, looked
from tests.stories.telling import carded
from tests.stories.test_home import wait_for_home

GENERAL = "C0GENERAL"


def everything_kept(folder: Path) -> str:
    """All rows of the bot's database."""
    (file,) = folder.glob("*.sqlite3")
    with sqlite3.connect(file, timeout=20) as connection:
        kept = "\n".join(connection.iterdump())
    connection.close()
    return kept


async def forget(person: Actor) -> None:
    await person.say("/ecotaxa forget me")
    question = await person.wait_for_message("Forget you?", GENERAL)
    await person.press(question, "Forget me")
    told = await person.wait_for_message("Done. I have deleted", GENERAL)
    assert "your jobs in EcoTaxa" in told.text
    assert "no longer change" in told.text


async def test_who_is_forgotten_leaves_no_trace_and_their_messages_stand_still(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, clock: Clock, tmp_path: Path
) -> None:
    tomas = driver.person("tomas")
    await link(tomas)
    job_id, card = await carded(linked, driver, clock)
    await linked.open_home()
    await wait_for_home(linked, f"#{job_id}")
    await linked.say("/ecotaxa forget me")
    question = await linked.wait_for_message("Forget you?", GENERAL)
    await linked.press(question, "Keep it")
    await linked.wait_for_message("everything stays", GENERAL)
    assert linked.id in everything_kept(tmp_path)

    await forget(linked)

    await wait_for_home(linked, "Link your EcoTaxa account")
    assert await bot.services.work.rest(5) == 0
    kept = everything_kept(tmp_path)
    assert linked.id not in kept
    assert linked.email not in kept
    assert tomas.id in kept
    await driver.ecotaxa.set(job_id, state="F")
    await looked(driver)
    clock.forward(minutes=1)
    await bot.notifier.tick()
    await bot.editor.tick()
    assert await linked.now(card) == card
    assert await linked.messages(linked.im) == [card], "and nothing is told any more"
    await linked.say("/ecotaxa whoami")
    await linked.wait_for_message("I don't know your EcoTaxa account yet", GENERAL)


async def test_who_was_never_linked_is_forgotten_too(elena: Actor, bot: app.Bot, tmp_path: Path) -> None:
    await elena.say("/ecotaxa help")
    await elena.wait_for_message("/ecotaxa jobs", GENERAL)
    assert elena.id in everything_kept(tmp_path)

    await forget(elena)

    assert await bot.services.work.rest(5) == 0
    assert elena.id not in everything_kept(tmp_path)


async def test_looks_under_way_bring_nothing_back(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, tmp_path: Path
) -> None:
    await driver.ecotaxa.jobs(3, state="F", type="GeneralExport")
    await driver.ecotaxa.break_(slow=1.5, paths="/jobs/$")
    await looked(driver, 0)

    await forget(linked)
    await driver.ecotaxa.heal()

    assert await bot.services.work.rest(10) == 0
    assert linked.id not in everything_kept(tmp_path)


async def test_one_sees_ones_own_acts_with_what_came_of_them(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    tomas = driver.person("tomas")
    job_id = await driver.ecotaxa.start("bad-import")
    await comes_to(driver, job_id, "E")
    await linked.say(f"/ecotaxa restart {job_id}")
    await linked.wait_for_message("You restarted it", GENERAL)

    await linked.say("/ecotaxa audit")
    own = await linked.wait_for_message("What you did through me lately", GENERAL)
    await tomas.say("/ecotaxa audit")
    others = await tomas.wait_for_message("You have done nothing through me", GENERAL)

    assert f"Restart #{job_id} · done" in own.text
    assert "Link account · done" in own.text
    assert "<!date^" in str(own.blocks), "each in their own time zone"
    assert str(job_id) not in others.text

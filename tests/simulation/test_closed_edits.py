"""A workspace in which messages cannot be changed: nothing that is to be told is lost for that."""

from datetime import timedelta
from pathlib import Path

from bot.jobs import Event
from bot.links import Link, Token
from bot.sandbox.driver import SandboxDriver
from bot.sandbox.server import Sandbox
from bot.store import NewNotice
from tests.simulation.player import Clock, person_of, still_bot
from tests.simulation.script import MONDAY, a_morning


async def test_news_that_cannot_be_added_to_a_message_come_in_a_new_one(tmp_path: Path) -> None:
    clock, elena = Clock(MONDAY), person_of("elena")
    sandbox = Sandbox(clock=clock.seconds)
    await sandbox.start()
    async with (
        SandboxDriver(sandbox.url) as driver,
        still_bot(sandbox.url, tmp_path, a_morning(), clock) as bot,
    ):
        await driver.slack.circumstances(edit_seconds=5)
        token = Token.read(await driver.ecotaxa.token("elena"))
        await bot.services.store.save_link(Link(elena, token, "Elena", "elena@lab.example"), clock())
        for job_id in (11, 12):
            job = {"id": job_id, "state": "F", "type": "GeneralExport"}
            notice = NewNotice(f"news/{job_id}", elena, Event.FINISHED, job_id, {"job": job})
            await bot.services.store.owe(notice, clock())
            await bot.notifier.tick()
            assert await bot.services.work.rest(20) == 0
            clock.now += timedelta(seconds=10)
        messages = await driver.person("elena").messages("D0ELENA")
    await sandbox.stop()

    first, second = (message.text for message in messages)
    assert "#11" in first
    assert "#12" in second

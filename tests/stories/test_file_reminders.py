"""A file that was fetched is one that nobody needs to be reminded of."""

from datetime import timedelta

import pytest

from bot.rules import triggers
from bot.sandbox.driver import Actor, SandboxDriver


async def test_only_a_file_that_nobody_fetched_is_reminded_of(
    linked: Actor, driver: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "FILE_BEFORE", triggers.FILE_KEPT - timedelta(seconds=8))
    fetched = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{fetched}", linked.im)
    await linked.say(f"/ecotaxa file {fetched}", linked.im)
    await linked.wait_for_message(lambda message: bool(message.files), linked.im)
    left = await driver.ecotaxa.start("export")

    reminder = await linked.wait_for_message("EcoTaxa deletes its file", linked.im)

    assert f"#{left}" in reminder.text
    told = [m.text for m in await linked.messages(linked.im) if m.says("EcoTaxa deletes its file")]
    assert len(told) == 1

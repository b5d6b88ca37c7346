"""Keys change, or are lost, under a bot that people use."""

from collections.abc import Mapping

import pytest

from bot import upkeep
from bot.check import check
from bot.sandbox.driver import SandboxDriver
from bot.settings import Settings
from bot.vault import Vault
from tests.stories.conftest import Start, link, looked


async def test_a_key_is_replaced_and_nobody_notices(
    start: Start, driver: SandboxDriver, settings: dict[str, str]
) -> None:
    elena, old, new = driver.person("elena"), settings["TOKEN_KEYS"], Vault.new_key()
    async with start():
        await link(elena)
    settings["TOKEN_KEYS"] = f"{new},{old}"
    async with start():
        await looked(driver)
        running = await driver.ecotaxa.start("long-export")

        said = await upkeep.rotate_keys(Settings.read(None))

        assert said.startswith("Sealed anew with the first of TOKEN_KEYS: 1,")
        await elena.wait_for_message(f"#{running}", elena.im)
    settings["TOKEN_KEYS"] = new
    async with start():
        asking = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
        await elena.wait_for_message(f"#{asking}", elena.im)
        assert not [it for it in await elena.messages(elena.im) if "Link my account" in str(it.blocks)]


async def test_a_lost_key_is_told_to_the_operator_and_once_to_those_it_concerns(
    start: Start, driver: SandboxDriver, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
    settings["TOKEN_KEYS"] = Vault.new_key()

    assert await _database(settings, monkeypatch) == (
        "stored tokens: 1, opened by no key of TOKEN_KEYS: 1"
        " (put their key back, or these people are asked to link again)"
    )
    for _ in range(2):
        async with start() as bot:
            told = await elena.wait_for_message("can no longer read your saved EcoTaxa sign-in", elena.im)
            await bot.watcher.tick(bot.services.clock())
    assert len(await elena.messages(elena.im)) == 1
    # They were asked, and nobody can do more: so this fails no more.
    assert await _database(settings, monkeypatch) == "can be written; stored tokens: 0, all can be opened"

    async with start():
        await elena.press(told, "Link my account")
        await elena.wait_for_view("Link EcoTaxa")
        assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}
        job = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
        await elena.wait_for_message(f"#{job}", elena.im)
    assert await _database(settings, monkeypatch) == "can be written; stored tokens: 1, all can be opened"


async def _database(settings: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What `ecotaxa-bot check` says of the database."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return next(finding.text for finding in await check(Settings.read(None)) if finding.what == "database")

"""A lab moves its bot to PostgreSQL, by a backup."""

from pathlib import Path

from bot import upkeep
from bot.sandbox.driver import SandboxDriver
from bot.settings import Settings
from tests.conftest import empty
from tests.stories.conftest import Start, link, looked


async def test_what_was_told_is_not_told_again_and_what_comes_is(
    start: Start, driver: SandboxDriver, settings: dict[str, str], postgres: str, tmp_path: Path
) -> None:
    await empty(postgres)
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
        before = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
        await elena.wait_for_message(f"#{before}", elena.im)
    meanwhile = await driver.ecotaxa.start("ask-taxa", names=["thing two"])
    here, file = Settings.read(None), tmp_path / "backup.sqlite3"
    settings["DATABASE_URL"] = postgres

    await upkeep.back_up(here, file)
    await upkeep.restore(here.model_copy(update={"database_url": postgres}), file)

    async with start():
        await elena.wait_for_message(f"#{meanwhile}", elena.im)
        await looked(driver)
        told = await elena.messages(elena.im)
    assert [sum(f"#{job}" in it.text for it in told) for job in (before, meanwhile)] == [1, 1]

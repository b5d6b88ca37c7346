"""What `ecotaxa-bot demo` has ready for whoever opens it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.sandbox.demo import free_port
from bot.sandbox.driver import SandboxDriver
from tests.e2e.conftest import SitDown
from tests.e2e.stage import Stage
from tests.processes import running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def mode() -> dict[str, str]:
    """What is set where the demo is started: nothing, unless a test says so."""
    return {}


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tmp_path: Path, browser: Browser, mode: dict[str, str]) -> AsyncIterator[Stage]:
    """The demo itself."""
    words = ("demo", "--port", str(free_port()), "--speed", "5")
    async with running("bot", *words, folder=tmp_path, settings=mode) as demo:
        line = await demo.until_printed("http://127.0.0.1", seconds=60)
        url = "http://127.0.0.1" + line.partition("http://127.0.0.1")[2].strip()
        async with SandboxDriver(url) as hand:
            yield Stage(url, hand, tmp_path)
        demo.process.terminate()
        await demo.ended(15)


async def test_two_are_linked_one_is_new_and_one_is_an_administrator(sit_down: SitDown) -> None:
    async with sit_down("elena") as desk:
        people = desk.page.get_by_role("radiogroup", name="You act as")
        for name in ("Elena Rodriguez, new here", "Amélie Laurent, linked", "Tomás Silva, linked"):
            await expect(people.get_by_role("radio", name=name)).to_be_visible()
        await expect(people.get_by_role("radio", name="Ada Okafor, administrator")).to_be_visible()
        await desk.say("/ecotaxa jobs")
        await expect(desk.message("don't know your EcoTaxa account")).to_be_visible()

        await people.get_by_role("radio", name="Tomás Silva").click()
        await expect(desk.message("Pede resposta")).to_be_visible()
        await expect(desk.message("Com falha")).to_be_visible()
        await people.get_by_role("radio", name="Amélie Laurent").click()
        await desk.say("/ecotaxa jobs")
        await expect(desk.message(" tâches")).to_contain_text(re.compile("En cours|Terminé"))
        await desk.picture("a-linked-person")
        await people.get_by_role("radio", name="Ada Okafor").click()
        await desk.say("/ecotaxa whoami")
        await expect(desk.message("ada@lab.example")).to_be_visible()


@pytest.mark.parametrize("mode", [{"SLACK_MODE": "http"}])
async def test_over_http_the_tour_begins_on_the_page_where_accounts_are_linked(sit_down: SitDown) -> None:
    async with sit_down("elena", tour=True) as desk:
        people = desk.page.get_by_role("radiogroup", name="You act as")
        await expect(people.get_by_role("radio", name="Amélie Laurent, linked")).to_be_visible()
        await desk.say("/ecotaxa link")
        await expect(desk.tour).to_contain_text("Open the page, and sign in there")
        way = desk.message("your password does not pass through Slack")
        async with desk.page.context.expect_page() as coming:
            await desk.press(way.get_by_role("link", name="Open the page"))
        page = await coming.value
        await page.get_by_label("EcoTaxa e-mail").fill("elena@lab.example")
        await page.get_by_label("EcoTaxa password").fill("plankton")
        await page.get_by_role("button", name="Link", exact=True).click()
        await expect(page.get_by_role("heading", name="Linked")).to_be_visible()

        await expect(desk.message("Your Slack account was just linked on my page")).to_be_visible()
        await expect(desk.tour).to_contain_text("See your jobs")
        await desk.picture("linked-on-the-page")

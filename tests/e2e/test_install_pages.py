"""The pages for installing in a real browser: to Slack, which asks, and back with what it answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.conftest import ON_BOTH_WIDTHS, SPEED
from tests.e2e.stage import Stage, staged
from tests.e2e.visit import Visit

pytestmark = [pytest.mark.asyncio(loop_scope="module"), ON_BOTH_WIDTHS]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, screen: dict[str, Any]
) -> AsyncIterator[Stage]:
    """One whose bot is installed nowhere yet."""
    folder = tmp_path_factory.mktemp("stage")
    async with staged(folder, speed=SPEED, is_http=True, is_installed=False) as stage:
        yield stage


@asynccontextmanager
async def visited(browser: Browser, screen: dict[str, Any], locale: str = "en-GB") -> AsyncIterator[Visit]:
    async with await browser.new_context(**screen, locale=locale) as window:
        visit = Visit(await window.new_page(), "install", is_phone=bool(screen.get("is_mobile")))
        yield visit
        assert visit.findings == []
        assert visit.complaints == []


async def answer(visit: Visit, place: str, button: str) -> None:
    """Choose where to install it on Slack's page, and press a button there."""
    await visit.press(visit.page.get_by_label(place))
    await visit.press(visit.page.get_by_role("button", name=button))


async def test_from_the_address_by_way_of_slack_to_a_workspace(
    browser: Browser, screen: dict[str, Any], stage: Stage
) -> None:
    async with visited(browser, screen) as visit:
        page = visit.page
        await page.goto(stage.install_url)
        await expect(page.get_by_role("heading", name="EcoTaxa asks to be installed")).to_be_visible()
        await visit.look("slack")
        await answer(visit, "Benthos lab", "Allow")

        await expect(page.get_by_role("heading", name="Installed")).to_be_visible()
        await expect(page.get_by_text("EcoTaxa is installed in Benthos lab")).to_be_visible()
        await visit.look("workspace")
        await page.reload()
        await expect(page.get_by_text("the way back was used already")).to_be_visible()
        await visit.look("again")
        await visit.press(page.get_by_role("link", name="Begin anew"))
        await answer(visit, "Ocean institute", "Allow")
        await expect(page.get_by_text("EcoTaxa is installed for Ocean institute")).to_be_visible()
        await visit.look("organisation")


async def test_who_cancels_can_begin_anew(browser: Browser, screen: dict[str, Any], stage: Stage) -> None:
    async with visited(browser, screen, "fr-FR") as visit:
        page = visit.page
        await page.goto(stage.install_url)
        await answer(visit, "Plankton lab", "Cancel")
        await expect(page.get_by_text("Vous ne l'avez pas autorisé")).to_be_visible()
        await visit.look("cancelled")
        await visit.press(page.get_by_role("link"))
        await expect(page.get_by_role("heading", name="EcoTaxa asks to be installed")).to_be_visible()


async def test_who_opens_the_address_too_often_is_told_when_to_come_again(
    browser: Browser, screen: dict[str, Any], stage: Stage
) -> None:
    async with visited(browser, screen) as visit:
        statuses = [(await visit.page.request.get(stage.install_url)).status for _ in range(30)]
        assert statuses[-1] == 429

        await visit.page.goto(stage.install_url)

        await expect(visit.page.get_by_text("That was a lot at once")).to_be_visible()
        await visit.look("too-often")

"""The linking page in a real browser: from a button in Slack to *Linked*, and back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.conftest import ON_BOTH_WIDTHS, SPEED, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage, staged
from tests.e2e.visit import Visit

pytestmark = [pytest.mark.asyncio(loop_scope="module"), ON_BOTH_WIDTHS]

TITLE = "Link your EcoTaxa account"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, screen: dict[str, Any]
) -> AsyncIterator[Stage]:
    """One whose bot has a page, for each screen: nobody has asked for the way there yet."""
    async with staged(tmp_path_factory.mktemp("stage"), speed=SPEED, is_http=True) as stage:
        yield stage


async def opened(desk: Desk) -> Visit:
    """Press the button that leads to the page."""
    way = desk.message("your password does not pass through Slack")
    async with desk.page.context.expect_page() as coming:
        await desk.press(way.get_by_role("link", name="Open the page"))
    return Visit(await coming.value, "link-page", is_phone=desk.is_phone)


async def send(visit: Visit, email: str, password: str) -> None:
    """Fill in the form and send it."""
    await visit.page.get_by_label("EcoTaxa e-mail").fill(email)
    await visit.page.get_by_label("EcoTaxa password").fill(password)
    await visit.press(visit.page.get_by_role("button", name="Link", exact=True))


async def test_from_slack_to_the_page_and_back(sit_down: SitDown) -> None:
    async with sit_down("elena") as desk:
        await desk.say("/ecotaxa link")
        visit = await opened(desk)
        page = visit.page
        await expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        await expect(page.get_by_text("@elena (plankton-lab)")).to_be_visible()
        await expect(page.get_by_label("EcoTaxa e-mail")).to_be_focused()
        await visit.look("form")

        await send(visit, "elena@lab.example", "wrong")
        await expect(page.get_by_role("alert")).to_contain_text("did not accept")
        await expect(page.get_by_label("EcoTaxa e-mail")).to_have_value("elena@lab.example")
        await expect(page.get_by_label("EcoTaxa password")).to_be_focused()
        await expect(page.get_by_label("EcoTaxa password")).to_have_value("")
        await visit.look("error")

        await send(visit, "elena@lab.example", "plankton")
        await expect(page.get_by_role("heading", name="Linked")).to_be_visible()
        await visit.look("linked")
        await page.reload()
        await expect(page.get_by_text("was used already")).to_be_visible()
        await visit.look("used")
        assert visit.findings == []
        assert visit.complaints == []

        told = desk.message("Your Slack account was just linked on my page", "Elena Rodriguez")
        await desk.press(told.get_by_role("button", name="That was not me"))
        await expect(desk.message("I have forgotten that account")).to_be_visible()
        await desk.picture("forgotten")

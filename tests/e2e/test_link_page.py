"""The linking page in a real browser: from a button in Slack to *Linked*, and back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e import axe
from tests.e2e.conftest import BUILD, ON_BOTH_WIDTHS, SPEED, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage, staged

pytestmark = [pytest.mark.asyncio(loop_scope="module"), ON_BOTH_WIDTHS]

TITLE = "Link your EcoTaxa account"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, screen: dict[str, Any]
) -> AsyncIterator[Stage]:
    """One whose bot has a page, for each screen: nobody has asked for the way there yet."""
    async with staged(tmp_path_factory.mktemp("stage"), speed=SPEED, is_http=True) as stage:
        yield stage


class Visit:
    """The page as somebody sees it who came from Slack; what it complains of is remembered."""

    def __init__(self, desk: Desk, page: Page) -> None:
        self.desk, self.page = desk, page
        self.looked: list[axe.Looked] = []
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def send(self, email: str, password: str) -> None:
        await self.page.get_by_label("EcoTaxa e-mail").fill(email)
        await self.page.get_by_label("EcoTaxa password").fill(password)
        await self.desk.press(self.page.get_by_role("button", name="Link", exact=True))

    async def look(self, place: str) -> None:
        """See that everybody can use the page as it stands, in both colours, and keep a picture of each."""
        width = "phone" if self.desk.is_phone else "desktop"
        for scheme in ("dark", "light"):
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.looked.append(await axe.look(self.page, f"linking page, {place}, {width}, {scheme}"))
            file = BUILD / "screenshots" / f"link-page-{width}-{place}-{scheme}.png"
            await self.page.screenshot(path=file, animations="disabled")
        axe.report(BUILD, f"link-page-{width}", self.looked)
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def opened(desk: Desk) -> Visit:
    """Press the button that leads to the page."""
    way = desk.message("your password does not pass through Slack")
    async with desk.page.context.expect_page() as coming:
        await desk.press(way.get_by_role("link", name="Open the page"))
    return Visit(desk, await coming.value)


async def test_from_slack_to_the_page_and_back(sit_down: SitDown) -> None:
    async with sit_down("elena") as desk:
        await desk.say("/ecotaxa link")
        visit = await opened(desk)
        page = visit.page
        await expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        await expect(page.get_by_text("@elena (plankton-lab)")).to_be_visible()
        await expect(page.get_by_label("EcoTaxa e-mail")).to_be_focused()
        await visit.look("form")

        await visit.send("elena@lab.example", "wrong")
        await expect(page.get_by_role("alert")).to_contain_text("did not accept")
        await expect(page.get_by_label("EcoTaxa e-mail")).to_have_value("elena@lab.example")
        await expect(page.get_by_label("EcoTaxa password")).to_be_focused()
        await expect(page.get_by_label("EcoTaxa password")).to_have_value("")
        await visit.look("error")

        await visit.send("elena@lab.example", "plankton")
        await expect(page.get_by_role("heading", name="Linked")).to_be_visible()
        await visit.look("linked")
        await page.reload()
        await expect(page.get_by_text("was used already")).to_be_visible()
        await visit.look("used")
        assert [found for looked in visit.looked for found in looked.findings] == []
        # A wrong answer's status is all that a browser may remark: no style and no form was held back.
        assert [it for it in visit.complaints if "Failed to load resource" not in it] == []

        told = desk.message("Your Slack account was just linked on my page", "Elena Rodriguez")
        await desk.press(told.get_by_role("button", name="That was not me"))
        await expect(desk.message("I have forgotten that account")).to_be_visible()
        await desk.picture("forgotten")

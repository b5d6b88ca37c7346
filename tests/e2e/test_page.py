"""The page itself: for the keyboard, for a screen reader, in light and dark."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e import access
from tests.e2e.conftest import DESKTOP, PHONE, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def open_answer(desk: Desk, stage: Stage, name: str) -> None:
    """Open the modal of an import that asks."""
    job_id = await stage.hand.ecotaxa.start("ask", name)
    await desk.press(desk.about(job_id).first.get_by_role("button", name="Answer"))
    await expect(desk.modal).to_contain_text("could not match")


async def look(desk: Desk, name: str) -> None:
    """Look at the page as it stands in light and in dark, and find nothing wrong."""
    for scheme in ("dark", "light"):
        await desk.page.emulate_media(color_scheme=scheme)
        assert await access.faults(desk.page) == [], f"{name} in {scheme}"
        await desk.picture(f"{name}-{scheme}")


@pytest.mark.parametrize(
    ("name", "device"),
    [pytest.param("elena", DESKTOP, id="desktop"), pytest.param("amelie", PHONE, id="phone")],
)
async def test_everything_can_be_read_and_named(
    sit_down: SitDown, stage: Stage, name: str, device: dict[str, Any]
) -> None:
    await stage.linked(name)
    await stage.hand.ecotaxa.jobs(3, name, state="F", type="GeneralExport")
    async with sit_down(name, **device) as desk:
        failed = await stage.hand.ecotaxa.start("bad-import", name)
        await expect(desk.about(failed)).to_contain_text("Failed")
        await desk.say("/ecotaxa jobs")
        await expect(desk.message("Refresh", "4 jobs")).to_be_visible()
        await look(desk, "list")
        await open_answer(desk, stage, name)
        await desk.asked("oncaeid").press_sequentially("oncae")
        await expect(desk.option("Oncaeidae")).to_be_visible()
        await look(desk, "modal")
        await desk.close_modal()
        for tab in ("Faults", "Traffic", "Jobs"):
            await desk.show_ecotaxa()
            await desk.press(desk.panel.get_by_role("tab", name=tab))
            await look(desk, tab.lower())


async def test_the_focus_stays_in_the_modal_and_comes_back(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked("tomas")
    async with sit_down("tomas") as tomas:
        await open_answer(tomas, stage, "tomas")
        inside = "document.querySelector('[role=dialog]').contains(document.activeElement)"
        stops = await tomas.modal.locator("input, button").count()
        for key in ("Tab", "Shift+Tab"):
            for _ in range(stops + 2):
                await tomas.page.keyboard.press(key)
                assert await tomas.page.evaluate(inside)
        await tomas.page.keyboard.press("Escape")

        await expect(tomas.modal).to_have_count(0)
        await expect(tomas.messages.get_by_role("button", name="Answer")).to_be_focused()


async def test_typing_a_command_keeps_the_focus_while_it_is_completed(sit_down: SitDown) -> None:
    async with sit_down("ada") as ada:
        await ada.composer.focus()
        await ada.page.keyboard.type("/ecotaxa h")
        await ada.page.keyboard.press("Tab")

        await expect(ada.composer).to_have_value("/ecotaxa help")
        await ada.page.keyboard.press("Enter")
        await expect(ada.message("/ecotaxa unlink")).to_be_visible()

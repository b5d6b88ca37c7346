"""The guided tour: it moves on by what was really done, and is never in the way."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.conftest import DESKTOP, PHONE, SPEED, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICES = [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone")]


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tmp_path: Path, browser: Browser) -> AsyncIterator[Stage]:
    """A new one for each: the tour begins where nobody knows anybody."""
    async with staged(tmp_path, speed=SPEED) as stage:
        yield stage


async def press(desk: Desk, name: str) -> None:
    """Press one of the card's own buttons."""
    await desk.press(desk.tour.get_by_role("button", name=name, exact=True))


@pytest.mark.parametrize("device", DEVICES)
async def test_the_tour_goes_from_the_link_to_the_file(sit_down: SitDown, device: dict[str, Any]) -> None:
    async with sit_down(tour=True, **device) as elena:
        await expect(elena.tour).to_contain_text("1 of 5")
        await press(elena, "Type /ecotaxa link")
        await expect(elena.tour).to_contain_text("Press Enter")
        await elena.page.keyboard.press("Enter")
        await expect(elena.tour).to_contain_text("elena@lab.example")
        await elena.picture("link")
        await elena.link()

        await expect(elena.tour).to_contain_text("2 of 5")
        await elena.close_modal()
        await press(elena, "Type /ecotaxa jobs")
        await elena.page.keyboard.press("Enter")

        await expect(elena.tour).to_contain_text("3 of 5")
        await press(elena, "Start an export")

        await expect(elena.tour).to_contain_text("4 of 5")
        await elena.picture("ping")
        await press(elena, "Start an import")
        await expect(elena.tour).to_contain_text("Press Answer")
        await elena.press(elena.messages.get_by_role("button", name="Answer").last)
        await expect(elena.tour).to_contain_text("Type a few letters")
        await elena.type_ahead("e. rodriguez", "elena", "Elena Rodriguez")
        await elena.type_ahead("oncaeid", "oncae", "Oncaeidae")
        await expect(elena.tour).to_contain_text("Every name is known")
        await elena.picture("answer")
        await elena.press(elena.modal.get_by_role("button", name="Answer", exact=True))

        await expect(elena.tour).to_contain_text("5 of 5")
        await elena.close_modal()
        await elena.press(elena.messages.get_by_role("button", name="Get the file").last)

        await expect(elena.tour).to_contain_text("That is all of it")
        await expect(elena.page.locator(".file-shared")).to_contain_text(".zip")
        await elena.picture("file")
        await press(elena, "Close")
        await expect(elena.tour).to_have_count(0)
        await elena.page.reload()
        await expect(elena.composer).to_be_visible()
        await expect(elena.tour).to_have_count(0)


async def test_the_tour_can_be_left_and_begun_anew(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked()
    async with sit_down(tour=True) as elena:
        await expect(elena.tour).to_contain_text("1 of 5")
        await press(elena, "Skip")
        await expect(elena.tour).to_contain_text("2 of 5")
        await elena.page.reload()
        await expect(elena.tour).to_contain_text("2 of 5")
        await elena.say("/ecotaxa jobs")
        await expect(elena.tour).to_contain_text("3 of 5")

        await press(elena, "Back")
        await expect(elena.tour).to_contain_text("2 of 5")
        await elena.say("/ecotaxa jobs")
        await expect(elena.tour).to_contain_text("3 of 5")
        await press(elena, "Back")
        await press(elena, "Next")
        await expect(elena.tour).to_contain_text("3 of 5")

        await elena.tour.get_by_role("button", name="Skip").focus()
        await elena.page.keyboard.press("Escape")
        await expect(elena.tour).to_have_count(0)
        again = elena.page.get_by_role("button", name="Tour", exact=True)
        await expect(again).to_be_focused()
        await elena.page.reload()
        await expect(elena.composer).to_be_visible()
        await expect(elena.tour).to_have_count(0)
        await elena.press(again)
        await expect(elena.tour).to_contain_text("1 of 5")


async def test_the_tour_points_at_what_can_be_pressed(sit_down: SitDown) -> None:
    async with sit_down(tour=True) as elena:
        ring = elena.page.locator(".spot")
        await expect(ring).to_be_visible()
        around, inside = await ring.bounding_box(), await elena.composer.bounding_box()
        assert around is not None
        assert inside is not None
        assert around["y"] <= inside["y"]
        assert around["y"] + around["height"] >= inside["y"] + inside["height"]

        await elena.press(elena.page.get_by_role("tab", name="Home"))
        await expect(elena.tour).to_contain_text("Go back to the messages")
        await elena.press(elena.page.get_by_role("tab", name="Messages"))
        await elena.enter("general")
        await expect(elena.tour).to_contain_text("Go to the conversation with EcoTaxa")

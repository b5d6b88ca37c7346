"""What axe-core says of every place on the page, in light and dark, on a desktop and a phone."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e import axe
from tests.e2e.conftest import BUILD, DESKTOP, PHONE, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICES = [pytest.param("elena", DESKTOP, id="desktop"), pytest.param("amelie", PHONE, id="phone")]


class Eyes:
    """Looks at places in both colours, and remembers what was found."""

    def __init__(self, desk: Desk, device: str) -> None:
        self.desk = desk
        self.device = device
        self.looked: list[axe.Looked] = []

    async def on(self, place: str) -> None:
        """Look at the page as it stands."""
        for scheme in ("dark", "light"):
            await self.desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.looked.append(await axe.look(self.desk.page, f"{place}, {self.device}, {scheme}"))

    @property
    def grave(self) -> list[axe.Finding]:
        """What must not be."""
        return [finding for looked in self.looked for finding in looked.findings if finding.is_grave]


@pytest.mark.parametrize(("name", "device"), DEVICES)
async def test_axe_finds_nothing_serious(
    sit_down: SitDown, stage: Stage, name: str, device: dict[str, Any]
) -> None:
    async with sit_down(name, tour=True, **device) as desk:
        eyes = Eyes(desk, "phone" if desk.is_phone else "desktop")
        await expect(desk.tour).to_contain_text("1 of 5")
        await eyes.on("tour")
        await desk.say("/ecotaxa link")
        await expect(desk.modal).to_contain_text("passes through Slack")
        await eyes.on("modal to link, with the tour")
        await desk.link(name)
        await expect(desk.modal).to_contain_text("Linked")
        await desk.close_modal()
        await desk.press(desk.tour.get_by_role("button", name="Leave the tour"))
        await what_a_linked_person_sees(desk, stage, name, eyes)
        axe.report(BUILD, eyes.device, eyes.looked)
        assert eyes.grave == []


async def what_a_linked_person_sees(desk: Desk, stage: Stage, name: str, eyes: Eyes) -> None:
    await stage.hand.ecotaxa.jobs(3, name, state="F", type="GeneralExport")
    failed = await stage.hand.ecotaxa.start("bad-import", name)
    await expect(desk.about(failed)).to_contain_text("Failed")
    await desk.say("/ecotaxa jobs")
    await expect(desk.message("Refresh", "4 jobs")).to_be_visible()
    await eyes.on("list in the direct messages")
    asks = await stage.hand.ecotaxa.start("ask", name)
    await desk.press(desk.about(asks).last.get_by_role("button", name="Answer"))
    await expect(desk.modal).to_contain_text("could not match")
    await desk.asked("oncaeid").press_sequentially("oncae")
    await expect(desk.option("Oncaeidae")).to_be_visible()
    await eyes.on("modal to answer, with its type-ahead")
    await desk.close_modal()
    await desk.press(desk.page.get_by_role("tab", name="Home"))
    await expect(desk.page.get_by_role("tabpanel", name="Home")).to_be_visible()
    await eyes.on("home")
    for tab in ("Faults", "Traffic", "Jobs"):
        await desk.show_ecotaxa()
        await desk.press(desk.panel.get_by_role("tab", name=tab))
        await eyes.on(f"EcoTaxa's side: {tab.lower()}")
    if desk.is_phone:
        await desk.press(desk.page.get_by_role("button", name="Chat"))
    await desk.enter("general")
    await desk.say("Good morning")
    await expect(desk.message("Good morning")).to_be_visible()
    await eyes.on("channel")

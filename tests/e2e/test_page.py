"""The page itself: for the keyboard, for a screen reader, in light and dark."""

import re
from typing import Any

import pytest
from playwright.async_api import expect
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import wait_for
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


async def test_whoever_plays_a_person_chooses_their_language(sit_down: SitDown, stage: Stage) -> None:
    async with sit_down("elena") as elena:
        await elena.press(elena.page.get_by_role("button", name="Language in Slack: English"))
        await elena.picture("languages")
        await elena.press(elena.page.get_by_role("menuitem", name="Português"))

        async def chosen() -> bool | None:
            people = (await stage.hand.person("elena").state())["people"]
            return {"U0ELENA": "pt-BR"}.items() <= {
                one["id"]: one["locale"] for one in people
            }.items() or None

        await wait_for(chosen, "Elena's language")
        await expect(elena.page.get_by_role("button", name="Language in Slack: Português")).to_be_visible()


async def test_the_bot_is_invited_and_removed_by_its_name(sit_down: SitDown, stage: Stage) -> None:
    bot = AsyncWebClient("xoxb-sandbox", base_url=f"{stage.url}/slack/api/", retry_handlers=[])
    async with sit_down("ada") as ada:
        await ada.enter("plankton")
        await ada.say("/invite @EcoTaxa")
        await bot.conversations_history(channel="C0PLANKTON")
        await ada.say("/remove @EcoTaxa")
        with pytest.raises(SlackApiError, match="not_in_channel"):
            await bot.conversations_history(channel="C0PLANKTON")


async def test_a_thread_is_told_by_its_number_of_replies_and_folds(sit_down: SitDown, stage: Stage) -> None:
    bot = AsyncWebClient("xoxb-sandbox", base_url=f"{stage.url}/slack/api/", retry_handlers=[])
    for channel, name in (("U0ADA", "EcoTaxa"), ("C0GENERAL", "general")):
        first = (await bot.chat_postMessage(channel=channel, text=f"Before a thread in {name}"))["ts"]
        for text in ("One reply", "Another reply"):
            await bot.chat_postMessage(channel=channel, text=text, thread_ts=first)
        async with sit_down("ada") as ada:
            await ada.enter(name)
            thread = ada.page.locator(".thread").last
            await expect(thread.locator("article")).to_have_text(
                [re.compile("One reply"), re.compile("Another")]
            )
            await ada.press(thread.get_by_text("2 replies"))
            await expect(thread.locator("article").first).to_be_hidden()


async def test_nobody_writes_in_an_archived_channel(sit_down: SitDown, stage: Stage) -> None:
    await stage.hand.slack.circumstances(archived=["C0PLANKTON"])
    async with sit_down("ada") as ada:
        await ada.enter("plankton")
        await expect(ada.page.get_by_text("#plankton is archived")).to_be_visible()
        await expect(ada.composer).to_have_count(0)
    await stage.hand.slack.circumstances(archived=[])


async def test_a_chart_tells_its_numbers_to_those_who_do_not_see_it(sit_down: SitDown, stage: Stage) -> None:
    bot = AsyncWebClient("xoxb-sandbox", base_url=f"{stage.url}/slack/api/", retry_handlers=[])
    points = [{"label": "June", "value": -2.5}, {"label": "May", "value": 1200}]
    drawn = {"series": [{"name": "Jobs", "data": points}], "axis_config": {"categories": ["May", "June"]}}
    pie = {"type": "pie", "segments": [{"label": "Done", "value": 3}, {"label": "Failed", "value": 1}]}
    names = {"bar": "Bars", "line": "Lines", "area": "Areas"}
    charts = [{"title": title, "chart": {"type": kind} | drawn} for kind, title in names.items()]
    for one in (*charts, {"title": "Shares", "chart": pie}):
        blocks = [{"type": "data_visualization"} | one]
        await bot.chat_postMessage(channel="C0GENERAL", text="x", blocks=blocks)
    async with sit_down("ada") as ada:
        await ada.enter("general")
        for kind, title in names.items():
            image = ada.page.get_by_role("img", name=f"{title}, {kind} chart. Jobs: May 1,200, June -2.5")
            await expect(image).to_be_visible()
        pie_image = ada.page.get_by_role("img", name="Shares, pie chart. Done 3, Failed 1")
        await expect(pie_image).to_be_visible()
        await expect(ada.page.get_by_text("Done: 3 (75 %)")).to_be_visible()
        await look(ada, "charts")

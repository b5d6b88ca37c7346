"""Every block and element of Slack's is drawn, or said not to be."""

import ast
import json
from pathlib import Path

import pytest
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.blockkit.blocks import BLOCKS, ON_MESSAGE
from bot.sandbox.slack.blockkit.elements import ELEMENTS, IN_INPUT
from tests.e2e import axe, gallery
from tests.e2e.conftest import SitDown
from tests.e2e.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]


async def post(stage: Stage, *blocks: gallery.Json) -> None:
    """Post a message as the app."""
    client = AsyncWebClient("xoxb-sandbox", base_url=f"{stage.url}/slack/api/", retry_handlers=[])
    here = json.loads(json.dumps(blocks).replace(gallery.PICTURES, stage.url))
    await client.chat_postMessage(channel="C0GENERAL", text="The gallery", blocks=here)


async def test_the_gallery_has_one_of_everything() -> None:
    assert gallery.BLOCKS.keys() == BLOCKS.keys()
    assert gallery.ELEMENTS.keys() == ELEMENTS.keys()


async def test_the_bot_uses_nothing_that_is_not_drawn() -> None:
    undrawn = {"VideoBlock", "FileBlock", "FileInput", "WorkflowButton"}
    used = {
        alias.name
        for folder in ("bot", "handlers")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "slackblocks"
        for alias in node.names
    }

    assert "SectionBlock" in used
    assert not used & undrawn


async def test_every_block_of_a_message_is_drawn(sit_down: SitDown, stage: Stage) -> None:
    shown = sorted(ON_MESSAGE)
    for names in (shown[:10], shown[10:]):
        await post(stage, *(gallery.block(name) for name in names))
    async with sit_down("ada") as ada:
        await ada.enter("general")
        for name in shown:
            place = ada.page.locator(f"[data-block-id=gallery-{name}]")
            await expect(place).to_be_visible()
            undrawn = place.locator(".not-drawn")
            await expect(undrawn).to_have_count(1 if name in gallery.NOT_DRAWN else 0)
        await expect(ada.page.get_by_text("not drawn: video (A copepod swims)")).to_be_visible()
        await ada.picture("blocks")
        assert [f for f in (await axe.look(ada.page, "gallery")).findings if f.is_grave] == []


async def test_every_field_is_drawn(sit_down: SitDown, stage: Stage) -> None:
    names = sorted(IN_INPUT)
    await post(stage, *(gallery.field(name) for name in names))
    async with sit_down("tomas") as tomas:
        await tomas.enter("general")
        for name in names:
            place = tomas.page.locator(f"[data-block-id=field-{name}]")
            await expect(place.locator(".not-drawn")).to_have_count(1 if name in gallery.NOT_DRAWN else 0)
            if name not in gallery.NOT_DRAWN:
                await expect(place.locator(f"[data-action-id='gallery.{name}']")).to_be_visible()
        await tomas.picture("fields")
        assert [f for f in (await axe.look(tomas.page, "fields")).findings if f.is_grave] == []


async def test_a_select_of_many_collects_and_gives_back(sit_down: SitDown, stage: Stage) -> None:
    await post(stage, gallery.field("multi_users_select"))
    async with sit_down("elena") as elena:
        await elena.enter("general")
        place = elena.page.locator("[data-block-id=field-multi_users_select]").last
        box = place.get_by_role("combobox")
        for typed in ("amél", "tom"):
            await box.fill(typed)
            await elena.option("").click()
        chosen = place.get_by_role("listitem")
        await expect(chosen).to_have_text(["Amélie Laurent", "Tomás Silva"])

        await place.get_by_role("button", name="Remove Amélie Laurent").click()

        await expect(chosen).to_have_text(["Tomás Silva"])


async def test_what_is_picked_counts_only_after_the_question(sit_down: SitDown, stage: Stage) -> None:
    await post(stage, gallery.block("actions"))
    async with sit_down("elena") as elena:
        await elena.enter("general")
        box = elena.page.get_by_role("combobox", name="Pick one").last
        question = elena.page.get_by_role("alertdialog", name="Are you sure?")
        await box.click()
        await elena.option("Calanus").click()
        await expect(question).to_contain_text("It cannot be undone.")
        await question.get_by_role("button", name="Leave it").click()
        await expect(box).to_have_value("")

        await box.click()
        await elena.option("Oithona").click()
        await question.get_by_role("button", name="Do it").click()

        await expect(box).to_have_value("Oithona")

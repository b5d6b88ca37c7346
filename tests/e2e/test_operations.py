"""What a person does with jobs, and the places they look, in a browser, on a desktop and on a phone."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import ON_BOTH_WIDTHS, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), ON_BOTH_WIDTHS]


async def tool(desk: Desk, menu: str, item: str) -> None:
    """Unfold a menu, and choose from it."""
    await desk.press(desk.page.get_by_role("button", name=menu).last)
    await desk.press(desk.page.get_by_role("menuitem", name=item))


async def test_stop_asks_first_and_then_stops(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked()
    job_id = await stage.hand.ecotaxa.start("long-export")
    await stage.hand.ecotaxa.set(job_id, freeze=True, state="R", progress_pct=40)
    async with sit_down() as elena:
        await elena.say(f"/ecotaxa job {job_id}")
        details = elena.about(job_id).last
        question = elena.page.get_by_role("alertdialog", name="Stop this job?")
        await elena.press(details.get_by_role("button", name="Stop"))
        await expect(question).to_contain_text(f"#{job_id}")
        await elena.picture("question")
        await elena.press(question.get_by_role("button", name="Let it run"))
        await expect(question).to_have_count(0)
        assert (await stage.hand.ecotaxa.job(job_id))["state"] == "R"

        await elena.press(details.get_by_role("button", name="Stop"))
        await elena.press(question.get_by_role("button", name="Stop it"))

        await expect(elena.about(job_id).last.get_by_role("button", name="Restart")).to_be_visible()
        assert (await stage.hand.ecotaxa.job(job_id))["state"] == "E"
        await elena.picture("stopped")


async def test_a_failed_job_is_explained_and_deleted(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked("amelie")
    async with sit_down("amelie") as amelie:
        job_id = await stage.hand.ecotaxa.start("fail-1000", "amelie")
        ping = amelie.about(job_id).last
        await expect(ping).to_contain_text("Failed")
        await amelie.press(ping.get_by_role("button", name="What went wrong"))
        await expect(amelie.page.get_by_text("1,000").last).to_be_visible()
        await amelie.picture("explained")

        await amelie.say(f"/ecotaxa job {job_id}")
        await amelie.press(amelie.messages.get_by_role("button", name="Delete").last)
        question = amelie.page.get_by_role("alertdialog", name="Delete this job?")
        await amelie.press(question.get_by_role("button", name="Delete it"))

        await expect(amelie.messages.last).to_contain_text(re.compile("gone|deleted", re.IGNORECASE))
        with pytest.raises(LookupError):
            await stage.hand.ecotaxa.job(job_id)
        await amelie.picture("deleted")


async def test_the_file_comes_into_the_chat(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked("tomas")
    async with sit_down("tomas") as tomas:
        job_id = await stage.hand.ecotaxa.start("export", "tomas")
        ping = tomas.about(job_id).last
        await tomas.press(ping.get_by_role("button", name="Get the file"))
        file = tomas.page.locator(".file-shared")

        await expect(file).to_contain_text(re.compile(r"\.zip.*\d (bytes|kB|MB)", re.DOTALL))
        await tomas.picture("file")


async def test_shortcuts_open_the_list_and_the_job_of_a_message(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked("ada")
    [job_id] = await stage.hand.ecotaxa.jobs(1, "ada", state="F", type="GeneralExport")
    async with sit_down("ada") as ada:
        await ada.enter("general")
        await tool(ada, "Shortcuts", "My EcoTaxa jobs")
        await expect(ada.modal).to_contain_text(f"#{job_id}")
        await ada.picture("jobs-anywhere")
        await ada.close_modal()

        await ada.say(f"Is #{job_id} done?")
        asked = ada.message(f"Is #{job_id} done?")
        await (asked.tap() if ada.is_phone else asked.hover())
        await tool(ada, "More actions for Ada Okafor", "Show this job")

        await expect(ada.modal).to_contain_text("Finished")
        await expect(ada.modal).to_contain_text(f"#{job_id}")
        await ada.picture("job-of-a-message")


async def test_a_pasted_link_unfolds_into_a_card(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked("ada")
    [job_id] = await stage.hand.ecotaxa.jobs(1, "ada", state="F", type="SummaryExport")
    async with sit_down("ada") as ada:
        await ada.enter("plankton")
        await ada.say(f"Look: {stage.url}/ecotaxa/gui/job/show/{job_id}")

        card = ada.message("Look:").locator(".attachment")
        await expect(card).to_contain_text("Summary export")
        await ada.picture("card")


async def test_the_home_shows_what_needs_one_and_answers(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked()
    job_id = await stage.hand.ecotaxa.start("ask")
    async with sit_down() as elena:
        await elena.press(elena.page.get_by_role("tab", name="Home"))
        home = elena.page.get_by_role("tabpanel", name="Home")
        await expect(home).to_contain_text(f"#{job_id}")
        answer = home.get_by_role("button", name=f"Answer import {job_id}", exact=False).first
        await expect(answer).to_be_visible()
        await elena.picture("home")
        await elena.press(answer)

        await expect(elena.modal).to_contain_text("could not match")

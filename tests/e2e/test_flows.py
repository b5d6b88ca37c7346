"""What else a person does with the bot, in a browser, on a desktop and on a phone."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import ON_BOTH_WIDTHS, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), ON_BOTH_WIDTHS]


async def test_a_list_in_a_channel_refreshes_in_place(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked()
    await stage.hand.ecotaxa.jobs(12, state="F", type="GeneralExport")
    async with sit_down() as elena:
        await elena.enter("general")
        await elena.say("/ecotaxa jobs")
        shown = elena.message("Only visible to you", "jobs 1 to 8 of 12")
        await expect(shown).to_be_visible()
        job_id = await elena.start_job("Import of bad files")
        await expect(shown).not_to_contain_text(f"#{job_id}")

        await elena.press(shown.get_by_role("button", name="Refresh"))

        fresh = elena.message("Only visible to you", f"#{job_id}", "jobs 1 to 8 of 13")
        await expect(fresh).to_be_visible()
        await expect(elena.messages).to_have_count(1)
        await elena.picture("refreshed")
        await elena.press(fresh.get_by_role("button", name="Older"))
        await expect(elena.message("jobs 9 to 13 of 13")).to_be_visible()
        await expect(elena.messages).to_have_count(1)


async def test_pages_of_300_names_lose_nothing(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked("amelie")
    job_id = await stage.hand.ecotaxa.start("ask-300", "amelie")
    async with sit_down("amelie") as amelie:
        ping = amelie.about(job_id).first
        await expect(ping).to_contain_text("300 taxa")
        await amelie.press(ping.get_by_role("button", name="Answer"))
        await expect(amelie.modal).to_contain_text("page 1 of 15")
        first = await _nth_name(amelie, 0)
        await amelie.type_ahead(first, "oncae", "Oncaeidae")
        await amelie.picture("first-page")
        await amelie.press(amelie.modal.get_by_role("button", name="Next page").last)
        await expect(amelie.modal).to_contain_text("page 2 of 15 · 1 of 300 chosen")
        await expect(amelie.asked(first)).to_have_count(0)
        second = await _nth_name(amelie, 3)
        await amelie.type_ahead(second, "cyclop", "Cyclopoida")
        await amelie.press(amelie.modal.get_by_role("button", name="Previous page").first)
        await expect(amelie.modal).to_contain_text("page 1 of 15 · 2 of 300 chosen")
        await expect(amelie.asked(first)).to_have_value("Oncaeidae")
        await amelie.close_modal()

        await amelie.press(ping.get_by_role("button", name="Answer"))
        await expect(amelie.modal).to_contain_text("2 of 300 chosen")
        await expect(amelie.asked(first)).to_have_value("Oncaeidae")
        await amelie.press(amelie.modal.get_by_role("button", name="Next page").last)
        await expect(amelie.asked(second)).to_have_value("Cyclopoida")
        await amelie.picture("nothing-lost")
        await amelie.press(amelie.modal.get_by_role("button", name="Answer", exact=True))

        await expect(amelie.modal).to_contain_text(
            "You answered 2 names. EcoTaxa asks for the rest: 298 names"
        )
        await amelie.close_modal()
        await expect(ping).to_contain_text("298 names")
        await amelie.picture("the-rest-is-asked")


async def _nth_name(desk: Desk, index: int) -> str:
    """The name that the modal's field at this place asks for."""
    label = await desk.modal.get_by_role("combobox").nth(index).get_attribute("aria-label")
    quoted = re.search("“.*”", label or "")
    assert quoted is not None
    return quoted[0]


async def test_unlink_asks_first(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked("tomas")
    async with sit_down("tomas") as tomas:
        await tomas.say("/ecotaxa unlink")
        question = tomas.message("Unlink Tomás Silva")
        await tomas.picture("question")
        await tomas.press(question.get_by_role("button", name="Keep it"))
        await expect(tomas.message("everything stays as it is")).to_be_visible()
        await expect(tomas.page.get_by_role("button", name="Unlink")).to_have_count(0)

        await tomas.say("/ecotaxa unlink")
        await tomas.press(tomas.message("Unlink Tomás Silva").get_by_role("button", name="Unlink"))
        await expect(tomas.message("I have forgotten your account")).to_be_visible()
        await expect(tomas.page.get_by_role("button", name="Unlink")).to_have_count(0)
        await tomas.say("/ecotaxa whoami")
        await expect(tomas.message("don't know your EcoTaxa account")).to_be_visible()
        await tomas.picture("unlinked")

"""What people type, and what it leads to, in a browser, on a desktop and on a phone."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.conftest import DESKTOP, PHONE, SPEED, SitDown
from tests.e2e.stage import Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")

Device = dict[str, Any]


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def device(request: pytest.FixtureRequest) -> Device:
    """The options of a browser's context."""
    chosen: Device = request.param
    return chosen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, device: Device
) -> AsyncIterator[Stage]:
    """One for each device: no message of the desktop's tests stands on the phone."""
    async with staged(tmp_path_factory.mktemp("stage"), speed=SPEED) as stage:
        yield stage


async def test_the_list_is_filtered_and_cleaned_up(sit_down: SitDown, stage: Stage, device: Device) -> None:
    await stage.linked("tomas")
    ecotaxa = stage.hand.ecotaxa
    done = await ecotaxa.jobs(3, "tomas", state="F", type="GeneralExport")
    failed = await ecotaxa.jobs(2, "tomas", state="E", type="FileImport")

    async def left() -> list[int]:
        return [job["id"] for job in (await ecotaxa.state())["jobs"]]

    async with sit_down("tomas", **device) as tomas:
        confirmed = tomas.page.get_by_role("alertdialog").get_by_role("button", name="Delete them")
        await tomas.say("/ecotaxa jobs failed imports")
        shown = tomas.message("Your 2 failed imports", f"#{failed[-1]}", f"#{failed[0]}")
        await expect(shown).not_to_contain_text("General export")
        await tomas.picture("filtered")

        await tomas.say("/ecotaxa clean done")
        asked = tomas.message("Delete 3 jobs from EcoTaxa?", "3 finished")
        await tomas.press(asked.get_by_role("button", name="Delete 3 jobs"))
        await expect(confirmed).to_be_visible()
        await tomas.picture("question")
        assert set(done) < set(await left())
        await tomas.press(confirmed)
        await expect(tomas.message("Deleted 3 jobs")).to_be_visible()
        await tomas.picture("cleaned")
        assert sorted(await left()) == sorted(failed)

        await tomas.say("/ecotaxa clean failed")
        asked = tomas.message("Delete 2 jobs from EcoTaxa?", "2 failed")
        await tomas.press(asked.get_by_role("button", name="Delete 2 jobs"))
        await tomas.press(confirmed)
        await expect(tomas.message("Deleted 2 jobs")).to_be_visible()
        assert await left() == []


async def test_a_log_is_read_and_a_failed_job_restarted(
    sit_down: SitDown, stage: Stage, device: Device
) -> None:
    await stage.linked("amelie")
    job_id = await stage.hand.ecotaxa.start("bad-import", "amelie")
    async with sit_down("amelie", **device) as amelie:
        await expect(amelie.about(job_id).last).to_contain_text("Failed")
        await amelie.say(f"/ecotaxa log {job_id}")
        log = amelie.message(f"#{job_id}", "The end of its log", f"Creating job {job_id}")
        await expect(log.get_by_role("button", name="Whole log")).to_be_visible()
        await amelie.picture("log")

        await amelie.say(f"/ecotaxa restart {job_id}")
        await expect(amelie.message(f"#{job_id}", "You restarted it.")).to_be_visible()
        await amelie.picture("restarted")


async def test_an_export_is_started_from_chat(sit_down: SitDown, stage: Stage, device: Device) -> None:
    await stage.linked()
    ecotaxa = stage.hand.ecotaxa
    async with sit_down("elena", **device) as elena:
        before = {job["id"] for job in (await ecotaxa.state())["jobs"]}
        await elena.say("/ecotaxa export 1")
        await expect(elena.modal.get_by_label("General")).to_be_checked()
        await elena.picture("form")
        await elena.press(elena.modal.get_by_label("Summary"))
        await expect(elena.modal.get_by_role("combobox", name="What to compute")).to_be_visible()
        await elena.picture("another-kind")
        await elena.press(elena.modal.get_by_role("button", name="Start", exact=True))
        await expect(elena.modal).to_contain_text("started as #")
        await elena.picture("started")
        [job] = [job for job in (await ecotaxa.state())["jobs"] if job["id"] not in before]
        await expect(elena.modal).to_contain_text(f"started as #{job['id']}.")
        assert job["type"] == "SummaryExport"
        await elena.close_modal()
        await expect(elena.message("Finished", f"#{job['id']}")).to_be_visible()


async def test_a_colleague_is_asked_and_picks(sit_down: SitDown, stage: Stage, device: Device) -> None:
    await stage.linked()
    await stage.linked("tomas")
    job_id = await stage.hand.ecotaxa.start("ask-taxa", names=["odd thing"])
    async with sit_down("elena", **device) as elena, sit_down("tomas", **device) as tomas:
        await elena.press(elena.about(job_id).last.get_by_role("button", name="Answer"))
        await elena.press(elena.modal.get_by_role("button", name="Ask a colleague"))
        await expect(elena.asked("Whom?")).to_be_visible()
        await elena.picture("whom")
        await elena.asked("Whom?").fill("Tom")
        await elena.press(elena.option("Tom"))
        await elena.press(elena.modal.get_by_role("button", name="Ask", exact=True))
        await expect(elena.modal).to_contain_text("I have asked")
        await elena.picture("asking")
        await elena.close_modal()

        question = tomas.message("asks you", "odd thing", f"#{job_id}")
        await expect(question).to_be_visible()
        await tomas.picture("asked")
        await question.get_by_role("combobox").fill("cyclop")
        await tomas.press(tomas.option("Cyclopinidae"))
        await expect(tomas.message("You picked Cyclopinidae", "odd thing")).to_be_visible()
        await tomas.picture("picked")

        heard = elena.message("picked Cyclopinidae for", "odd thing")
        await elena.press(heard.get_by_role("button", name="Answer").last)
        await expect(elena.asked("odd thing")).to_have_value(re.compile("^Cyclopinidae"))
        await elena.picture("stands-in-the-form")


async def test_the_bot_is_invited_and_mentioned(sit_down: SitDown, stage: Stage, device: Device) -> None:
    await stage.linked("ada")
    [job_id] = await stage.hand.ecotaxa.jobs(1, "ada", state="F", type="BackupExport")
    async with sit_down("ada", **device) as ada:
        await ada.enter("plankton")
        await ada.say("@EcoTaxa jobs")
        await expect(ada.page.get_by_text("did not hear you: /invite @EcoTaxa")).to_be_visible()
        await ada.say("/invite @EcoTaxa")
        await ada.composer.press_sequentially("@eco")
        await ada.press(ada.option("@EcoTaxa"))
        await expect(ada.composer).to_have_value("@EcoTaxa ")
        await ada.say("jobs")

        await expect(ada.message("@EcoTaxa jobs").locator(".mention")).to_have_text("@EcoTaxa")
        await expect(ada.message("Backup export", f"#{job_id}")).to_be_visible()
        await ada.picture("mentioned")


async def test_the_administrator_sees_everybodys_jobs(
    sit_down: SitDown, stage: Stage, device: Device
) -> None:
    await stage.linked("ada")
    [job_id] = await stage.hand.ecotaxa.jobs(1, "tomas", state="F", type="SummaryExport")
    async with sit_down("ada", **device) as ada:
        await ada.say("/ecotaxa jobs all exports")
        everybodys = ada.message("Everybody's", f"#{job_id}", "by Tomás Silva")
        await expect(everybodys).to_be_visible()
        await ada.picture("everybody")


async def test_the_doctor_tells_what_works(sit_down: SitDown, stage: Stage, device: Device) -> None:
    await stage.linked("ada")
    async with sit_down("ada", **device) as ada:
        await ada.say("/ecotaxa doctor")
        diagnosis = ada.message("Your EcoTaxa sign-in", "Ada Okafor", "EcoTaxa: answered", "version")
        await expect(diagnosis).to_contain_text("A test message: sent")
        await ada.picture("doctor")

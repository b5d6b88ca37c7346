"""From the first command to the finished import, as a person does it, on a desktop and on a phone."""

import re
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

STANDSTILL = 0.001
"""A speed at which nothing happens while a test looks."""

DEVICES = [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone")]


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tmp_path: Path, browser: Browser) -> AsyncIterator[Stage]:
    """A new one for each device: the story begins where nobody knows anybody."""
    async with staged(tmp_path, speed=SPEED) as stage:
        yield stage


@pytest.mark.parametrize("device", DEVICES)
async def test_main_story(sit_down: SitDown, stage: Stage, device: dict[str, Any]) -> None:
    async with sit_down(**device) as elena:
        await elena.picture("first-visit")
        await links_and_goes_on_with_the_jobs(elena)
        await sees_an_export_move_and_is_told_its_file(elena, stage)
        await answers_an_import_and_is_told_its_end(elena, stage)


async def links_and_goes_on_with_the_jobs(elena: Desk) -> None:
    await elena.composer.press_sequentially("/eco")
    await expect(elena.option("/ecotaxa")).to_be_visible()
    await elena.picture("command-completed")
    await elena.composer.press("Enter")
    await elena.composer.press_sequentially("jobs")
    await elena.composer.press("Enter")
    unknown = elena.message("don't know your EcoTaxa account")
    await expect(unknown).to_be_visible()
    await elena.picture("not-linked")

    await elena.press(unknown.get_by_role("button", name="Link my account"))
    await expect(elena.modal).to_contain_text("passes through Slack")
    await elena.picture("link-modal")
    await elena.link(password="krill")
    password = elena.modal.get_by_label("Password")
    await expect(password).to_have_attribute("aria-invalid", "true")
    await expect(password).to_have_accessible_description(re.compile("did not accept"))
    await elena.picture("wrong-password")

    await elena.link()
    await expect(elena.modal).to_contain_text("Elena Rodriguez")
    await elena.picture("linked")
    await elena.close_modal()
    await expect(elena.message("You have no jobs")).to_be_visible()
    await expect(elena.page.get_by_role("button", name="Link my account")).to_have_count(0)
    await elena.picture("went-on-with-the-jobs")


async def sees_an_export_move_and_is_told_its_file(elena: Desk, stage: Stage) -> None:
    jobs = stage.hand.ecotaxa
    await jobs.speed(STANDSTILL)  # it neither ends nor moves before it is looked at
    job_id = await elena.start_job("Long export (half a minute)")
    await jobs.set(job_id, freeze=True, state="R", progress_pct=24, progress_msg="Extracting objects")
    await jobs.speed(SPEED)
    await elena.say("/ecotaxa jobs")
    shown = elena.about(job_id).first
    await expect(shown).to_contain_text(re.compile(r"Running.* 24 %.*moves by itself", re.DOTALL))
    await elena.picture("export-runs")
    await jobs.set(job_id, progress_pct=71, progress_msg="Writing tables")
    await expect(shown).to_contain_text(re.compile(r"[▓░] 71 %"))
    await elena.picture("export-moves")
    await jobs.set(job_id, freeze=False)

    ping = elena.message("Finished", f"#{job_id}", "48,213 rows in")
    await expect(ping).to_be_visible()
    job = await stage.hand.ecotaxa.job(job_id)
    await expect(ping).to_contain_text(job["result"]["out_file"])
    await expect(shown).to_contain_text("Finished")
    await elena.picture("export-ping")


async def answers_an_import_and_is_told_its_end(elena: Desk, stage: Stage) -> None:
    job_id = await elena.start_job("Import that asks for a person and taxa")
    ping = elena.about(job_id).first
    await expect(ping).to_contain_text("could not match 1 user and 2 taxa")
    await elena.picture("import-asks")

    await elena.press(ping.get_by_role("button", name="Answer"))
    await expect(elena.modal).to_contain_text("could not match")
    await expect(elena.asked("part (annelida)")).to_have_value("part<Annelida")
    await elena.picture("answer-modal")
    await elena.type_ahead("e. rodriguez", "amél", "Amélie Laurent")
    await elena.asked("oncaeid").press_sequentially("oncae")
    await expect(elena.option("Oncaeidae")).to_be_visible()
    await elena.picture("type-ahead")
    await elena.type_ahead("oncaeid", "oncae", "Oncaeidae")
    await elena.picture("all-chosen")

    await elena.press(elena.modal.get_by_role("button", name="Answer", exact=True))
    await expect(elena.modal).to_contain_text("You answered 3 names")
    await elena.picture("answered")
    await elena.close_modal()
    await expect(ping).to_contain_text("You answered 3 names")
    await expect(ping.get_by_role("button", name="Answer")).to_have_count(0)

    end = elena.message("Finished", f"#{job_id}", "312 rows")
    await expect(end).to_be_visible()
    assert (await stage.hand.ecotaxa.job(job_id))["state"] == "F"
    await elena.picture("import-ping")

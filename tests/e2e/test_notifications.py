"""The settings of notifications, cards, pings and watches, in English and French, on both widths."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import ON_BOTH_WIDTHS, SitDown
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), ON_BOTH_WIDTHS]

CARD_MS = 60_000
"""A card comes once its job has gone on for 20 seconds."""

IN_BOTH = pytest.mark.parametrize(("name", "locale"), [("elena", "en-US"), ("amelie", "fr-FR")])


@IN_BOTH
async def test_what_one_chooses_stands_there_the_next_time(
    sit_down: SitDown, stage: Stage, name: str, locale: str
) -> None:
    await stage.linked(name)
    await stage.hand.slack.locale(name, locale)
    words = {
        "en-US": ("fails", "Keep quiet", "Each morning", "Save", "Saved"),
        "fr-FR": ("échoue", "Garder le silence", "Chaque matin", "Enregistrer", "Enregistré"),
    }[locale]
    fails, quiet, morning, save, saved = words
    async with sit_down(name) as desk:
        await desk.say("/ecotaxa notify")
        await expect(desk.modal.get_by_label(fails)).to_be_checked()
        await desk.picture(f"settings-{locale}")
        await desk.press(desk.modal.get_by_label(fails))
        await desk.press(desk.modal.get_by_label(quiet))
        await desk.press(desk.modal.get_by_label(morning))
        await desk.press(desk.modal.get_by_role("button", name=save))
        await expect(desk.modal).to_contain_text(saved)
        await desk.close_modal()

        await desk.say("/ecotaxa notify")

        await expect(desk.modal.get_by_label(quiet)).to_be_checked()
        await expect(desk.modal.get_by_label(morning)).to_be_checked()
        await expect(desk.modal.get_by_label(fails)).not_to_be_checked()


async def test_a_card_lives_and_the_end_is_told_in_each_persons_language(
    sit_down: SitDown, stage: Stage
) -> None:
    ecotaxa, jobs = stage.hand.ecotaxa, {}
    for name, locale in (("tomas", "en-US"), ("ada", "fr-FR")):
        await stage.linked(name)
        await stage.hand.slack.locale(name, locale)
        jobs[name] = await ecotaxa.start("long-export", name)
        await ecotaxa.set(jobs[name], state="R", progress_pct=37, freeze=True)
    async with sit_down("tomas") as tomas, sit_down("ada") as ada:
        for desk, running, left in ((tomas, "Running", "37"), (ada, "En cours", "37")):
            card = desk.about(jobs["tomas" if desk is tomas else "ada"])
            await expect(card.last).to_contain_text(running, timeout=CARD_MS)
            await expect(card.last).to_contain_text(left)
            await desk.picture("card")
        for job_id in jobs.values():
            await ecotaxa.set(job_id, progress_pct=82)
        for name, desk in (("tomas", tomas), ("ada", ada)):
            await expect(desk.about(jobs[name]).last).to_contain_text("82", timeout=CARD_MS)
            await ecotaxa.set(jobs[name], state="F", result={"rowcount": 12, "out_file": "export.zip"})

        for desk, name, done, mute in (
            (tomas, "tomas", "Finished", "Mute this job"),
            (ada, "ada", "Terminé", re.compile("tâche")),
        ):
            about = desk.about(jobs[name])
            await expect(about).to_have_count(2)
            await expect(about.first).to_contain_text(done)
            await expect(about.last).to_contain_text("export.zip")
            await desk.picture("ended")
            await desk.press(about.last.get_by_role("button", name="More actions", exact=True))
            await desk.press(desk.page.get_by_role("menuitem", name=mute).first)
            await expect(desk.messages.last).to_contain_text("🔕")
            await desk.picture("muted")


async def test_a_watch_shows_a_cell_for_each_job_until_all_are_done(sit_down: SitDown, stage: Stage) -> None:
    await stage.linked()
    ecotaxa = stage.hand.ecotaxa
    jobs = await ecotaxa.jobs(5, state="R", type="GeneralExport", project=1)
    async with sit_down() as elena:
        await elena.say("/ecotaxa watch project 1")
        card = elena.messages.filter(has_text="▣▣▣▣▣")
        await expect(card).to_be_visible()
        await ecotaxa.set(jobs[0], state="F")
        await ecotaxa.set(jobs[1], state="E", errors=["it broke"], progress_msg="1 error(s) during run")
        await expect(elena.messages.filter(has_text="■✕▣▣▣")).to_be_visible(timeout=CARD_MS)
        await elena.picture("watch")

        for job_id in jobs[2:]:
            await ecotaxa.set(job_id, state="F")

        await expect(elena.messages.last).to_contain_text(re.compile("4 .*1 ", re.DOTALL))
        await elena.picture("watched")
        assert await elena.about(jobs[0]).count() == 0, "no job of it was told alone"

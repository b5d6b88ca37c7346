"""Seeing jobs: the list, the details, and how they move."""

import pytest

from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.server import Sandbox


async def test_the_list_shows_ones_own_jobs_active_ones_on_top(linked: Actor, driver: SandboxDriver) -> None:
    finished = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{finished}", linked.im)
    asking = await driver.ecotaxa.start("ask")
    await linked.wait_for_message(f"#{asking}", linked.im)
    later = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{later}", linked.im)
    await driver.ecotaxa.start("export", "tomas")
    await linked.say("/ecotaxa jobs")

    shown = await linked.wait_for_message("Your 3 jobs", "C0GENERAL")

    order = [shown.text.index(f"#{job_id}") for job_id in (asking, later, finished)]
    assert order == sorted(order)
    assert shown.ephemeral
    assert "Asks" in shown.text
    assert "General export" in shown.text


async def test_an_open_list_moves_by_itself(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.speed(8)
    await driver.ecotaxa.start("long-export")
    await linked.say("/ecotaxa jobs", linked.im)
    shown = await linked.wait_for_message("Your 1 job", linked.im)
    assert "Finished" not in shown.text

    await linked.wait_for_message(lambda m: m.id == shown.id and "%" in m.text, linked.im)
    await linked.wait_for_message(lambda m: m.id == shown.id and "Finished" in m.text, linked.im)


async def test_a_list_in_a_channel_moves_once_its_refresh_was_pressed(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.speed(8)
    job_id = await driver.ecotaxa.start("long-export")
    await linked.say("/ecotaxa jobs")
    shown = await linked.wait_for_message(f"#{job_id}", "C0GENERAL")
    assert "moves by itself" not in str(shown.blocks)

    await linked.press(shown, "Refresh")

    await linked.wait_for_message(
        lambda m: m.id == shown.id and "moves by itself" in str(m.blocks), "C0GENERAL"
    )
    await linked.wait_for_message(lambda m: m.id == shown.id and "Finished" in m.text, "C0GENERAL")
    assert len(await linked.messages("C0GENERAL")) == 1


async def test_refresh_changes_the_list_in_place(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa jobs")
    shown = await linked.wait_for_message("You have no jobs", "C0GENERAL")
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)

    await linked.press(shown, "Refresh")

    fresh = await linked.wait_for_message(f"#{job_id}", "C0GENERAL")
    assert fresh.id == shown.id


async def test_pages_of_a_long_list(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(20, state="F", type="GeneralExport")
    await linked.say("/ecotaxa jobs")
    first = await linked.wait_for_message("of 20", "C0GENERAL")

    await linked.press(first, "Older")

    await linked.wait_for_message("jobs 9 to 16 of 20", "C0GENERAL")


@pytest.mark.parametrize("words", ["job {0}", "{0}", "#{0}", "job #{0}", "<{1}/ecotaxa/gui/job/show/{0}>"])
async def test_a_job_is_asked_for_in_many_ways(
    linked: Actor, driver: SandboxDriver, sandbox: Sandbox, words: str
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{job_id}", linked.im)

    await linked.say(f"/ecotaxa {words.format(job_id, sandbox.url)}")

    shown = await linked.wait_for_message(f"#{job_id}", "C0GENERAL")
    assert "Created" in shown.text


async def test_details_open_below_the_list_and_refresh_in_place(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("bad-import")
    await linked.wait_for_message(f"#{job_id}", linked.im)
    await linked.say("/ecotaxa jobs")
    shown = await linked.wait_for_message("Your 1 job", "C0GENERAL")

    await linked.press(shown, "Details")

    details = await linked.wait_for_message("Created", "C0GENERAL")
    assert details.id != shown.id
    await linked.press(details, "Refresh")
    await linked.wait_for_message(lambda m: m.id == details.id, "C0GENERAL")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("job 424242", "no such job"),
        ("job -5", "start at 1"),
        ("job 0", "start at 1"),
        ("job 99999999999999999999", "too high"),
        ("job seven", "not a job's number"),
        ("job", "Which job?"),
        ("<https://example.org/other>", "leads to no job"),
    ],
)
async def test_job_numbers_that_are_none(linked: Actor, words: str, says: str) -> None:
    await linked.say(f"/ecotaxa {words}")

    await linked.wait_for_message(says, "C0GENERAL")


async def test_someone_elses_job_is_refused_in_a_sentence(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export", "tomas")

    await linked.say(f"/ecotaxa job {job_id}")

    shown = await linked.wait_for_message("EcoTaxa does not let you do that", "C0GENERAL")
    assert "#" not in shown.text


async def test_every_odd_job_is_shown(linked: Actor, driver: SandboxDriver) -> None:
    kinds = ("sql-error", "html-error", "nasty", "fail-1000")
    jobs = {kind: await driver.ecotaxa.start(kind) for kind in kinds}
    for job_id in jobs.values():
        await linked.wait_for_message(f"#{job_id}", linked.im, timeout=20)
    odd = await driver.ecotaxa.jobs(3, state="F")
    await driver.ecotaxa.set(odd[0], state="X")
    await driver.ecotaxa.set(odd[1], progress_msg=None, params=None, result=None, errors=None, inside=None)
    await driver.ecotaxa.set(
        odd[2], remove=["params", "result", "errors", "type", "creation_date", "progress_pct"]
    )

    await linked.say("/ecotaxa jobs")
    shown = await linked.wait_for_message("Your 7 jobs", "C0GENERAL")

    assert "Unknown" in shown.text
    assert "<!" not in str([m.blocks for m in await linked.messages()]).replace("<!date", "")
    assert "INSERT INTO" not in str([(m.text, m.blocks) for m in await linked.messages()])

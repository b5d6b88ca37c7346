"""Showing only some of one's jobs: by words, by the field below the list, page by page."""

import pytest

from bot import lister
from bot.sandbox.driver import Actor, Message, SandboxDriver
from tests.stories.conftest import comes_to, link, looked
from tests.stories.test_answers import FOUND, open_modal
from tests.stories.test_big_account import asked_for


@pytest.fixture
async def some(elena: Actor, driver: SandboxDriver) -> dict[str, int]:
    """A linked person's jobs of several kinds: by name, the id of each."""
    made = {
        "export": await driver.ecotaxa.jobs(1, type="GeneralExport"),
        "summary": await driver.ecotaxa.jobs(1, type="SummaryExport", state="E"),
        "import": await driver.ecotaxa.jobs(1, type="FileImport", state="E"),
        "killed": await driver.ecotaxa.jobs(1, type="FileImport", state="E"),
        "running": await driver.ecotaxa.jobs(1, type="GeneralExport", state="R"),
        "subset": await driver.ecotaxa.jobs(1, type="Subset"),
        "asking": await driver.ecotaxa.jobs(1, type="FileImport", state="A"),
    }
    jobs = {name: ids[0] for name, ids in made.items()}
    await driver.ecotaxa.set(jobs["killed"], progress_msg="Killed", errors=[])
    await driver.ecotaxa.set(jobs["summary"], params={"req": {"project_id": 2}})
    await link(elena)
    return jobs


def named(shown: Message, jobs: dict[str, int]) -> set[str]:
    """Which of the jobs a list shows."""
    return {name for name, job_id in jobs.items() if f"#{job_id} " in shown.text}


@pytest.mark.parametrize("older_server", [False, True])
@pytest.mark.parametrize(
    ("words", "heading", "names"),
    [
        ("failed", "Your 2 failed jobs:", {"summary", "import"}),
        ("stopped", "Your 1 stopped job:", {"killed"}),
        ("asking or failed imports", "Your 2 failed or asking imports:", {"import", "asking"}),
        ("exports", "Your 3 exports:", {"export", "summary", "running"}),
        ("subset", "Your 1 subset:", {"subset"}),
        ("running", "Your 1 running job:", {"running"}),
        ("project 2", "Your 1 job in project 2 (Tara Europa UVP6, leg 3):", {"summary"}),
    ],
)
async def test_words_after_jobs_say_which(
    elena: Actor,
    driver: SandboxDriver,
    some: dict[str, int],
    words: str,
    heading: str,
    names: set[str],
    older_server: bool,
) -> None:
    if older_server:
        await driver.ecotaxa.break_(ignore_filters=True)
    await elena.say(f"/ecotaxa jobs {words}")

    shown = await elena.wait_for_message(heading, "C0GENERAL")

    assert named(shown, some) == names


async def test_a_state_is_asked_for_and_nothing_else(elena: Actor, driver: SandboxDriver) -> None:
    await link(elena)
    await looked(driver)
    await driver.ecotaxa.jobs(lister.MANY + 1)
    since = (await driver.ecotaxa.traffic())["seq"]
    await elena.say("/ecotaxa jobs failed subsets")
    await elena.wait_for_message("You have no failed subsets", "C0GENERAL")

    assert "/jobs/?job_status=E&job_type=Subset" in await asked_for(driver, since)


async def test_a_word_nobody_knows_gets_a_suggestion(linked: Actor) -> None:
    await linked.say("/ecotaxa jobs fialed")

    await linked.wait_for_message("Did you mean `failed`?", "C0GENERAL")


async def test_the_field_below_the_list_shows_others_in_its_place(elena: Actor, some: dict[str, int]) -> None:
    await elena.say("/ecotaxa jobs")
    first = await elena.wait_for_message("Your 7 jobs:", "C0GENERAL")

    await elena.choose(first, "jobs.filter", "Needs me")

    shown = await elena.wait_for_message("Your 3 failed or asking jobs:", "C0GENERAL")
    assert shown.id == first.id
    assert named(shown, some) == {"summary", "import", "asking"}
    await elena.choose(shown, "jobs.filter", "All jobs")
    await elena.wait_for_message("Your 7 jobs:", "C0GENERAL")


@pytest.mark.parametrize("channel", ["C0GENERAL", "D0ELENA"])
async def test_another_list_in_the_place_of_one_that_moved_stays(
    elena: Actor, driver: SandboxDriver, some: dict[str, int], channel: str
) -> None:
    await elena.say("/ecotaxa jobs", channel)
    shown = await elena.wait_for_message("Your 7 jobs:", channel)
    if channel != elena.im:
        await elena.press(shown, "Refresh")
    moving = await elena.wait_for_message(lambda m: "moves by itself" in str(m.blocks), channel)
    await elena.choose(moving, "jobs.filter", "Needs me")
    await elena.wait_for_message("Your 3 failed or asking jobs:", channel)

    # A list that moves in another place has had its looks only after the earlier one has had its last.
    await elena.say("/ecotaxa jobs running", elena.im)
    await driver.ecotaxa.set(some["running"], progress_pct=73)
    await elena.wait_for_message(lambda m: "1 running job" in m.text and "73 %" in m.text, elena.im)

    left = await elena.now(moving)
    assert left is not None
    assert named(left, some) == {"summary", "import", "asking"}


async def test_refresh_and_the_pages_keep_the_filter(elena: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(12, state="E")
    await driver.ecotaxa.jobs(5)
    await link(elena)
    await elena.say("/ecotaxa jobs failed")
    first = await elena.wait_for_message("failed jobs 1 to 8 of 12", "C0GENERAL")
    await elena.press(first, "Older")
    second = await elena.wait_for_message("failed jobs 9 to 12 of 12", "C0GENERAL")
    await driver.ecotaxa.jobs(1, state="E")

    await elena.press(second, "Refresh")

    fresh = await elena.wait_for_message("failed jobs 9 to 13 of 13", "C0GENERAL")
    assert fresh.id == first.id


async def test_an_answer_from_a_filtered_list_leads_back_to_it(linked: Actor, driver: SandboxDriver) -> None:
    names = ["part (annelida)", "egg (actinopterygii)"]
    job_id = await driver.ecotaxa.start("ask", names=names, options=FOUND)
    await comes_to(driver, job_id, "A")
    await linked.say("/ecotaxa jobs asking")
    shown = await linked.wait_for_message("Your 1 asking job:", "C0GENERAL")
    await open_modal(linked, shown)

    await linked.submit()

    await linked.wait_for_view("You answered")
    await linked.wait_for_message(
        lambda m: m.id == shown.id and "You have no asking jobs" in m.text, "C0GENERAL"
    )


async def test_projects_have_their_titles_and_those_one_may_not_see_have_none(
    linked: Actor, driver: SandboxDriver
) -> None:
    mine, secret = await driver.ecotaxa.jobs(2)
    await driver.ecotaxa.set(mine, params={"req": {"project_id": 6}})
    await driver.ecotaxa.set(secret, params={"req": {"project_id": 8}})
    await linked.say("/ecotaxa jobs")

    shown = await linked.wait_for_message("Your 2 jobs:", "C0GENERAL")

    assert "project 6 (Svalbard net samples &lt;WP3&gt; &amp;" in shown.text
    assert "project 8 ·" in shown.text
    assert "Not published" not in str(shown.blocks)


async def test_a_ping_tells_the_projects_title(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("export", project=5)

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)

    assert "project 5 (IFCB Catalan coast 2025)" in ping.text


async def test_an_open_list_lets_go_of_what_no_longer_fits(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.speed(8)
    job_id = await driver.ecotaxa.start("long-export")
    await linked.say("/ecotaxa jobs running waiting", linked.im)
    shown = await linked.wait_for_message("Your 1 running or waiting job:", linked.im)
    assert f"#{job_id} " in shown.text

    await linked.wait_for_message(
        lambda m: m.id == shown.id and "You have no running or waiting jobs." in m.text, linked.im
    )


@pytest.fixture
async def keeper(elena: Actor, driver: SandboxDriver) -> Actor:
    """A linked person who keeps more jobs than EcoTaxa lists cheaply; the bot has seen them all."""
    await driver.ecotaxa.jobs(lister.MANY + 50)
    await link(elena)
    await looked(driver)
    return elena


async def test_a_page_of_thousands_asks_for_its_own_jobs_only(keeper: Actor, driver: SandboxDriver) -> None:
    running = await driver.ecotaxa.start("long-export", seconds=900)
    await comes_to(driver, running, "R")
    since = (await driver.ecotaxa.traffic())["seq"]
    await keeper.say("/ecotaxa jobs")

    shown = await keeper.wait_for_message("jobs 1 to 8 of 251", "C0GENERAL")

    assert shown.text.index(f"#{running} ") < shown.text.index("Finished")
    assert "as I last saw them" in str(shown.blocks)
    asked = await asked_for(driver, since)
    assert "/jobs/?" not in asked, "not the whole list"
    await keeper.press(shown, "Older")
    await keeper.wait_for_message("jobs 9 to 16 of 251", "C0GENERAL")
    assert "/jobs/?" not in await asked_for(driver, since)


async def test_refresh_shows_what_came_and_went_unseen(keeper: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(1)
    await keeper.say("/ecotaxa jobs")
    shown = await keeper.wait_for_message("jobs 1 to 8 of", "C0GENERAL")

    await keeper.press(shown, "Refresh")

    await keeper.wait_for_message("jobs 1 to 8 of 251", "C0GENERAL")


async def test_jobs_that_are_gone_make_a_long_list_new(keeper: Actor, driver: SandboxDriver) -> None:
    newest = max(job["id"] for job in (await driver.ecotaxa.state())["jobs"])
    await driver.ecotaxa.erase(newest)
    await keeper.say("/ecotaxa jobs")

    shown = await keeper.wait_for_message("jobs 1 to 8 of 249", "C0GENERAL")

    assert f"#{newest} " not in shown.text


async def test_pages_of_a_long_filtered_list_are_turned_without_asking_for_it_anew(
    keeper: Actor, driver: SandboxDriver
) -> None:
    await keeper.say("/ecotaxa jobs exports")
    shown = await keeper.wait_for_message("exports 1 to 8 of 250", "C0GENERAL")
    since = (await driver.ecotaxa.traffic())["seq"]

    await keeper.press(shown, "Older")

    await keeper.wait_for_message("exports 9 to 16 of 250", "C0GENERAL")
    assert "/jobs/?" not in await asked_for(driver, since)


async def test_thousands_on_an_older_server_that_ignores_filters_are_listed_too(
    keeper: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.break_(ignore_filters=True)
    running = await driver.ecotaxa.start("long-export", seconds=900)
    await comes_to(driver, running, "R")
    await keeper.say("/ecotaxa jobs")

    shown = await keeper.wait_for_message("jobs 1 to 8 of 251", "C0GENERAL")

    assert shown.text.index(f"#{running} ") < shown.text.index("Finished")

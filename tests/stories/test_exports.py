"""Exports from chat: put together in a modal, started, and told where it was asked."""

from collections.abc import Callable
from typing import Any

import pytest

from bot import app
from bot.links import Person
from bot.sandbox.driver import Actor, SandboxDriver, View, wait_for
from bot.sandbox.slack.people import TEAM_ID
from tests.stories.conftest import Start, comes_to, link, looked

PLANKTON = "C0PLANKTON"
GENERAL = "C0GENERAL"
TITLE = "Export from EcoTaxa"


async def exports(driver: SandboxDriver) -> list[dict[str, Any]]:
    """The export jobs that there are, newest first."""
    return [job for job in (await driver.ecotaxa.state())["jobs"] if job["type"].endswith("Export")]


async def form(person: Actor) -> View:
    return await person.wait_for_view(lambda view: view.title == TITLE and "Project" in view.words)


async def start(person: Actor, values: dict[str, Any] | None = None) -> int:
    """Send the modal: the job that was started."""
    assert await person.submit(values) == {}
    told = await person.wait_for_view("started as #")
    return int(told.words.partition("started as #")[2].partition(".")[0])


def option(view: View, what: str, value: str) -> dict[str, Any]:
    _, element = view.find(what)
    return {"selected_option": next(each for each in element["options"] if each["value"] == value)}


def ticked(view: View, what: str, *values: str) -> dict[str, Any]:
    _, element = view.find(what)
    return {"selected_options": [each for each in element["options"] if each["value"] in values]}


def asking_for(block: str) -> Callable[[View], bool]:
    """Whether a form asks for something."""
    return lambda view: block in view.values


async def test_a_general_export_with_every_option(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa export 1", linked.im)
    view = await form(linked)
    assert "Point B zooscan" in str(view.values["project"])

    job_id = await start(
        linked,
        {
            "Images": option(view, "Images", "first"),
            "Folders in the zip file": option(view, "Folders", "sample"),
            "Also": ticked(view, "Also", "with_internal_ids", "with_types_row", "only_annotations"),
            "Which objects": option(view, "Which objects", "V"),
        },
    )

    params = (await driver.ecotaxa.job(job_id))["params"]
    assert params["req"] == {
        "collection_id": None,
        "project_id": 1,
        "split_by": "sample",
        "with_images": "first",
        "with_internal_ids": True,
        "with_types_row": True,
        "only_annotations": True,
        "out_to_ftp": False,
    }
    assert params["filters"]["statusfilter"] == "V"
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    assert "Finished" in ping.text
    assert "<@" not in ping.text


async def test_what_is_left_alone_is_ecotaxas_default(linked: Actor, driver: SandboxDriver) -> None:
    for kind in ("general", "summary", "backup"):
        await linked.say("/ecotaxa export 1", linked.im)
        view = await form(linked)
        if kind != "general":
            await linked.choose(view, "Kind of export", kind)
        await linked.wait_for_view(asking_for(f"{kind}.switches"))
        job_id = await start(linked)
        await linked.close()

        plain = await driver.ecotaxa.start("export" if kind == "general" else kind, project=1)
        ours, theirs = [(await driver.ecotaxa.job(it))["params"]["req"] for it in (job_id, plain)]
        assert ours == theirs


async def test_the_project_is_chosen_by_typing_of_its_title_or_its_number(
    linked: Actor, driver: SandboxDriver
) -> None:
    await linked.say("/ecotaxa export")
    view = await form(linked)

    by_title = await linked.options(view, "Project", "santos")
    by_number = await linked.options(view, "Project", "5")
    offered = await linked.options(view, "Project")
    nothing = await linked.options(view, "Project", "no such thing")
    hidden = await linked.options(view, "Project", "Not published")

    assert [each["text"]["text"] for each in by_title] == ["FlowCam Santos Bay · project 3"]
    assert by_number[0]["value"] == "5"
    assert len(offered) == 7
    assert "Nothing found" in str(nothing)
    assert "Not published" not in str(hidden)
    await linked.choose(view, "Project", by_title[0])
    job_id = await start(linked)
    assert (await driver.ecotaxa.job(job_id))["params"]["req"]["project_id"] == 3


async def test_without_a_project_nothing_is_started(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa export")
    view = await form(linked)
    offered = await linked.options(view, "Project", "no such thing")

    assert "project" in await linked.submit()
    await linked.choose(await form(linked), "Project", offered[0])
    errors = await linked.submit()

    assert errors == {"project": "Choose a project from the list."}
    assert await exports(driver) == []


async def test_a_slow_ecotaxa_still_offers_something_in_time(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa export")
    view = await form(linked)
    await driver.ecotaxa.break_(slow=9, paths="/projects/search")

    offered = await linked.options(view, "Project", "bay")

    assert "slow" in str(offered)
    await driver.ecotaxa.heal()

    async def found() -> bool | None:
        return "Santos" in str(await linked.options(view, "Project", "bay")) or None

    await wait_for(found, "the projects that were searched meanwhile")


@pytest.mark.parametrize("how", ["rejected", "refused", "unlinked"])
async def test_who_is_no_longer_known_is_told_to_link_again(
    linked: Actor, driver: SandboxDriver, bot: app.Bot, how: str
) -> None:
    await linked.say("/ecotaxa export")
    view = await form(linked)
    if how == "rejected":
        await driver.ecotaxa.new_secret()
    elif how == "refused":
        await driver.ecotaxa.break_(status=401, body="json", paths="/projects/search")
    else:
        await bot.services.store.forget_link(Person(None, TEAM_ID, linked.id))

    offered = await linked.options(view, "Project", "bay")

    assert [each["text"]["text"] for each in offered] == ["Link your EcoTaxa account again"]
    await linked.choose(view, "Project", offered[0])
    assert await linked.submit() == {"project": "Choose a project from the list."}


async def test_switching_the_kind_keeps_what_was_chosen(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa export 1")
    view = await form(linked)
    await linked.choose(view, "Images", "all")
    await linked.choose(view, "Kind of export", "summary")
    view = await linked.wait_for_view("What to compute")
    assert "Images" not in view.words
    assert "Formula" not in view.words
    await linked.choose(view, "What to compute", "biovolume")
    view = await linked.wait_for_view("volume of an individual")
    await linked.choose(view, "Kind of export", "general")
    view = await linked.wait_for_view("Images")

    assert view.values["general.with_images"]["general.with_images"]["selected_option"]["value"] == "all"
    await linked.choose(view, "Kind of export", "summary")
    view = await linked.wait_for_view("volume of an individual")
    job_id = await start(linked, {"Formula: total water volume": "sam.tot_vol/1000"})
    req = (await driver.ecotaxa.job(job_id))["params"]["req"]
    assert req["quantity"] == "biovolume"
    assert req["formulae"] == {"total_water_volume": "sam.tot_vol/1000"}


async def test_asked_in_a_channel_its_end_is_told_there_to_everybody(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.speed(2)
    await linked.say("/ecotaxa export 1", PLANKTON)
    view = await form(linked)
    assert "Everybody in #plankton will see when it is done" in view.words

    job_id = await start(linked)
    assert "in #plankton" in (await linked.wait_for_view("started")).words
    await driver.ecotaxa.speed(25)

    told = await driver.person("tomas").wait_for_message(f"#{job_id}", PLANKTON)
    assert "Finished" in told.text
    assert f"<@{linked.id}>" in told.text
    assert not told.ephemeral
    await looked(driver, 3)
    assert [m for m in await linked.messages() if f"#{job_id}" in m.text] == [told]


async def test_asked_in_a_channel_it_may_be_told_by_direct_message(
    linked: Actor, driver: SandboxDriver
) -> None:
    await linked.say("/ecotaxa export 1", PLANKTON)
    view = await form(linked)

    job_id = await start(linked, {"When it is done": option(view, "When it is done", "direct")})

    await linked.wait_for_message(f"#{job_id}", linked.im)
    assert await linked.messages(PLANKTON) == []


async def test_why_it_failed_is_not_told_to_everybody(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.speed(1)
    await linked.say("/ecotaxa export 1", PLANKTON)
    await form(linked)
    job_id = await start(linked)

    await driver.ecotaxa.set(
        job_id, state="E", progress_msg="secret-path is full", errors=["secret-path/a.tsv: no", "secret: no"]
    )

    told = await linked.wait_for_message(f"#{job_id}", PLANKTON)
    assert "Failed" in told.text
    assert "secret" not in told.text + told.words
    tomas = driver.person("tomas")
    await link(tomas)
    await tomas.press(told, "Details")
    refused = await tomas.wait_for_message("EcoTaxa does not let you do that", PLANKTON)
    assert "secret" not in refused.text


async def test_a_channel_that_is_gone_is_replaced_by_a_direct_message(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.speed(2)
    await linked.say("/ecotaxa export 1", PLANKTON)
    await form(linked)
    await driver.slack.break_(api={"chat.postMessage": {"mode": "error", "error": "is_archived", "times": 1}})

    job_id = await start(linked)

    told = await linked.wait_for_message(f"#{job_id}", linked.im)
    assert "Finished" in told.text
    assert await linked.messages(PLANKTON) == []


async def test_a_report_whose_answer_was_lost_is_not_told_twice(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/invite <@U0ECOBOT>", PLANKTON)
    await driver.ecotaxa.speed(2)
    await linked.say("/ecotaxa export 1", PLANKTON)
    await form(linked)
    await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_500", "times": 1}})

    job_id = await start(linked)

    told = await linked.wait_for_message(f"#{job_id}", PLANKTON)

    async def looked_up() -> bool | None:
        traffic = await driver.slack.traffic()
        return any(entry["name"] == "conversations.history" for entry in traffic) or None

    await wait_for(looked_up, "the history to be asked", timeout=20)
    await looked(driver, 3)
    assert [m for m in await linked.messages() if f"#{job_id}" in m.text] == [told]


async def test_a_project_that_one_may_not_export_is_refused(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa export 8")
    await linked.wait_for_view("EcoTaxa shows you no project 8")
    await linked.close()
    amelie = driver.person("amelie")
    await link(amelie)
    await amelie.say("/ecotaxa export 3")
    await form(amelie)

    assert await amelie.submit() == {}

    await amelie.wait_for_view("EcoTaxa does not let you export this project")
    assert await exports(driver) == []


async def test_a_lost_answer_is_not_followed_by_a_second_export(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa export 1")
    await form(linked)
    since = (await driver.ecotaxa.traffic())["seq"]
    await driver.ecotaxa.break_(down=True, paths="/object_set")

    assert await linked.submit() == {}

    await linked.wait_for_view("cannot tell whether the export was started", timeout=30)
    entries = (await driver.ecotaxa.traffic(since))["entries"]
    assert sum(entry["path"].startswith("/object_set") for entry in entries) == 1


async def test_the_export_stands_in_the_audit(linked: Actor, driver: SandboxDriver, bot: app.Bot) -> None:
    await linked.say("/ecotaxa export 2", linked.im)
    await form(linked)

    job_id = await start(linked)

    (act,) = await bot.services.store.acts_on(job_id)
    assert act.person is not None
    assert (act.act, act.person.user_id, act.detail) == ("export", linked.id, "general project 2")
    assert act.outcome == "done"


async def test_who_is_not_linked_goes_on_after_linking(elena: Actor, driver: SandboxDriver) -> None:
    await elena.say("/ecotaxa export 2")
    told = await elena.wait_for_message("I don't know your EcoTaxa account", GENERAL)
    await elena.press(told, "Link my account")
    await elena.wait_for_view("Link EcoTaxa")
    await elena.submit({"E-mail": elena.email, "Password": "plankton"})
    await elena.wait_for_view("Linked")
    await elena.close()
    chosen = await elena.wait_for_message("Choose what to export of project 2", GENERAL)

    await elena.press(chosen, "Choose")

    view = await form(elena)
    assert "Tara Europa" in str(view.values["project"])


async def test_the_modal_may_be_closed_while_it_starts(linked: Actor, driver: SandboxDriver) -> None:
    await linked.say("/ecotaxa export 1", linked.im)
    await form(linked)
    await driver.ecotaxa.break_(slow=9, paths="/object_set", times=1)
    assert await linked.submit() == {}
    await linked.close()

    told = await linked.wait_for_message("started as #", linked.im)

    assert "Point B zooscan" in told.text


async def test_a_report_outlives_the_bot(start: Start, driver: SandboxDriver) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
        await driver.ecotaxa.speed(1)
        await elena.say("/ecotaxa export 1", PLANKTON)
        await form(elena)
        assert await elena.submit() == {}
        told = await elena.wait_for_view("started as #")
    job_id = int(told.words.partition("started as #")[2].partition(".")[0])
    await driver.ecotaxa.speed(25)
    await comes_to(driver, job_id, "F")
    async with start():
        await elena.wait_for_message(f"#{job_id}", PLANKTON)

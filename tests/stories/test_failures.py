"""What went wrong: by kind and with what to do, in the ping and when asked for, and every line as a file."""

from bot.sandbox.driver import Actor, SandboxDriver
from tests.stories.conftest import comes_to
from tests.stories.test_logs import a_file, text_of

TIMES = "\N{MULTIPLICATION SIGN}"


async def test_a_failed_import_pings_with_its_kinds_of_error_and_what_to_do(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("fail-1000")

    ping = await linked.wait_for_message(f"#{job_id}", linked.im)

    assert f"1,000 {TIMES} missing image*, e.g. line 3: Missing Image" in ping.text
    assert "What to do first: Put each image into the same folder" in ping.text
    assert ping.text.count("Missing Image") == 1


async def test_what_went_wrong_is_explained_by_kind_where_it_was_asked(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("bad-import")
    await comes_to(driver, job_id, "E")
    await linked.say(f"/ecotaxa job {job_id}")
    details = await linked.wait_for_message("Created", "C0GENERAL")

    await linked.press(details, "What went wrong")

    shown = await linked.wait_for_message("6 errors, the most frequent kind first", "C0GENERAL")
    assert shown.ephemeral
    assert f"*2 {TIMES} wrong column name*, e.g. ecotaxa" in shown.text
    assert shown.text.count("What to do:") == 5
    assert "All 6 lines" in shown.labels()


async def test_every_line_comes_as_a_file_to_the_person_alone(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("fail-1000")
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    await linked.press(ping, "What went wrong")
    shown = await linked.wait_for_message("1,000 errors", linked.im)

    await linked.press(shown, "All 1,000 lines")

    sent = await a_file(linked, f"job-{job_id}-errors.txt")
    lines = (await text_of(driver, sent)).splitlines()
    assert len(lines) == 1_000
    assert lines[0] == "line 3: Missing Image 'm106_mn01_n1_sml_3.jpg'."
    assert lines[-1] == "line 1002: Missing Image 'm106_mn01_n1_sml_1002.jpg'."
    assert "1,000 error lines" in sent.text
    told = await linked.wait_for_message(lambda m: m.id == shown.id and "I sent you" in m.text, linked.im)
    assert "All 1,000 lines" not in told.labels()


async def test_nasty_errors_are_shown_and_sent_without_what_is_not_to_be_told(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("nasty-error")
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    await linked.press(ping, "What went wrong")

    shown = await linked.wait_for_message("5 errors", linked.im)

    said = str([(m.text, m.blocks) for m in (ping, shown)])
    assert "<!channel>" not in said
    assert "someone@private" not in said
    assert "/home/ecotaxa" not in said


async def test_warnings_of_a_finished_import_are_explained_too(linked: Actor, driver: SandboxDriver) -> None:
    job_id = await driver.ecotaxa.start("import")
    await comes_to(driver, job_id, "F")
    columns = [f"New field object_{name} found in file a.tsv -> n03" for name in "xyz"]
    infos = ["1 object(s) don't have GPS information."]
    await driver.ecotaxa.set(job_id, result={"rowcount": 8, "wrns": columns, "infos": infos})
    await linked.say(f"/ecotaxa job {job_id}")
    details = await linked.wait_for_message("Created", "C0GENERAL")

    await linked.press(details, "Warnings")

    shown = await linked.wait_for_message("4 remarks", "C0GENERAL")
    assert f"1 {TIMES} missing position" in shown.text
    assert "What to do: Fill in `object_lat` and `object_lon`" in shown.text
    await linked.press(shown, "All 4 lines")
    sent = await a_file(linked, f"job-{job_id}-remarks.txt")
    assert await text_of(driver, sent) == "\n".join([*columns, *infos])


async def test_a_job_that_runs_again_meanwhile_has_no_errors_any_more(
    linked: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("bad-import")
    ping = await linked.wait_for_message(f"#{job_id}", linked.im)
    await driver.ecotaxa.set(job_id, state="R", freeze=True)

    await linked.press(ping, "What went wrong")

    shown = await linked.wait_for_message("Nothing has gone wrong in this job so far", linked.im)
    assert "wrong column name" not in shown.text

"""EcoTaxa ailing, tokens that are no good, and job numbers that nobody should have."""

import asyncio
import itertools
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.vault import Vault
from tests.stories.conftest import Start, link, looked
from tests.stories.forgery import press
from tests.stories.side_by_side import side_by_side

SILENT = "EcoTaxa does not answer right now"
STRANGE = "EcoTaxa answered something I did not expect"
INNARDS = (
    "Traceback",
    'File "',
    "nginx",
    "<html",
    "<<<",
    "Internal Server",
    "eyJ1c2VyX2lkIjo",
    "httpx",
    "Bearer",
)
"""What nobody wants to read in a chat: stack traces, pages of a proxy, tokens."""


async def told(person: Actor, job_id: int) -> int:
    return sum(f"#{job_id}" in message.text for message in await person.messages(person.im))


async def comes_to(driver: SandboxDriver, job_id: int, state: str) -> None:
    async def there() -> bool | None:
        return (await driver.ecotaxa.job(job_id))["state"] == state or None

    await wait_for(there, f"job {job_id} to come to {state}")


async def everything_said(person: Actor) -> str:
    return str([(message.text, message.blocks) for message in await person.messages()])


AILING: dict[str, tuple[dict[str, Any], str]] = {
    "down": ({"down": True}, SILENT),
    "500 with a stack trace": ({"status": 500, "body": "stacktrace"}, SILENT),
    "502 of a proxy": ({"status": 502, "body": "html"}, SILENT),
    "HTML": ({"status": 200, "body": "html"}, STRANGE),
    "truncated": ({"truncate": True}, STRANGE),
    "broken off": ({"truncate": True, "honest_length": False}, SILENT),
    "garbage": ({"garbage": True}, STRANGE),
    "404 of a proxy": ({"status": 404, "body": "html"}, "EcoTaxa"),
    "slow": ({"slow": 10.5}, SILENT),
}
"""What is wrong, and what a person is told of it."""


async def _ails_and_mends(driver: SandboxDriver, elena: Actor, case: tuple[dict[str, Any], str]) -> None:
    fault, says = case
    await driver.ecotaxa.break_(**fault, paths="^/(jobs|users)")
    job_id = await driver.ecotaxa.start("export")
    began = time.monotonic()
    await elena.say("/ecotaxa jobs")
    assert time.monotonic() - began < 2, "a command is acknowledged whatever EcoTaxa does"

    sorry = await elena.wait_for_message(says, "C0GENERAL", timeout=15)
    assert time.monotonic() - began < 13
    await comes_to(driver, job_id, "F")
    assert sorry.ephemeral
    assert await told(elena, job_id) == 0
    assert [text for text in INNARDS if text in await everything_said(elena)] == []

    await driver.ecotaxa.heal()
    await elena.wait_for_message(f"#{job_id}", elena.im, timeout=15)
    await looked(driver, 2)
    assert await told(elena, job_id) == 1


async def test_an_ailing_ecotaxa_is_told_in_a_sentence_and_what_happened_meanwhile_is_told_after(
    tmp_path: Path,
) -> None:
    await side_by_side(tmp_path, _ails_and_mends, AILING)


async def test_the_watcher_asks_less_and_less_often_while_ecotaxa_ails(
    linked: Actor, driver: SandboxDriver
) -> None:
    # A 404 on the list is told at once: each request of these is one look.
    await driver.ecotaxa.break_(status=404, body="html", paths="/jobs/$")
    since = (await driver.ecotaxa.traffic())["seq"]

    async def four() -> list[float] | None:
        entries = (await driver.ecotaxa.traffic(since))["entries"]
        ats = [datetime.fromisoformat(e["at"]).timestamp() for e in entries if e["path"].endswith("/jobs/")]
        return ats if len(ats) >= 4 else None

    ats = await wait_for(four, "four looks", 60)

    # 0.2 s, doubled with each failure, within a quarter of it; a busy machine only adds to that.
    pauses = [later - earlier for earlier, later in itertools.pairwise(ats)]
    for failures, pause in enumerate(pauses, 1):
        assert 0.2 * 2**failures * 0.7 < pause


async def test_a_job_list_of_5_mb_is_shown_and_watched(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(500, state="F", padding=10_000)
    await linked.say("/ecotaxa jobs")
    # It may arrive before the hundreds of pings that are owed, which is why it is asked for first.
    await linked.wait_for_message("of 500", "C0GENERAL")


@asynccontextmanager
async def elsewhere(target: str) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that sends everybody to `target`; its address, and the paths asked for."""
    asked: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": target + request.path_qs})

    server = web.Application()
    server.router.add_route("*", "/{anything:.*}", redirect)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def test_a_redirect_is_not_followed_with_the_token(
    start: Start, settings: dict[str, str], driver: SandboxDriver
) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
    since = (await driver.ecotaxa.traffic())["seq"]
    async with elsewhere(settings["ECOTAXA_API_URL"]) as (address, asked):
        settings["ECOTAXA_API_URL"] = address
        async with start():
            await elena.say("/ecotaxa jobs")
            await elena.wait_for_message(STRANGE, "C0GENERAL")
    assert "/jobs/" in asked
    assert (await driver.ecotaxa.traffic(since))["entries"] == []


async def test_a_tampered_token_is_refused_at_its_field(elena: Actor, driver: SandboxDriver) -> None:
    payload, stamp, signature = (await driver.ecotaxa.token("tomas")).split(".")
    mine = (await driver.ecotaxa.token("elena")).split(".")
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")

    for forged in (
        ".".join((payload, mine[1], mine[2])),
        ".".join((payload, stamp, signature[:-2] + "AA")),
        f"{payload}.{stamp}.",
        f"{payload}.{stamp}.{signature}\r\nX-Evil: 1",
    ):
        errors = await elena.submit({"Or a token": forged})
        assert list(errors) == ["token"]
        assert forged not in str(errors)

    await elena.close()
    await elena.say("/ecotaxa whoami")
    await elena.wait_for_message("I don't know your EcoTaxa account yet")


async def test_a_token_that_runs_out_is_told_once_and_renewing_it_loses_nothing(
    elena: Actor, driver: SandboxDriver
) -> None:
    seconds = 2.0
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")
    token = await driver.ecotaxa.token("elena", age_days=31 - seconds / 86400)
    assert await elena.submit({"Or a token": token}) == {}
    await elena.wait_for_view("Linked")
    await elena.close()
    await looked(driver)

    told = await elena.wait_for_message("no longer accepts your sign-in", elena.im)
    missed = await driver.ecotaxa.start("export")
    await comes_to(driver, missed, "F")
    await elena.say("/ecotaxa jobs")
    again = await elena.wait_for_message("no longer accepts your sign-in", "C0GENERAL")
    assert len(await elena.messages(elena.im)) == 1
    await elena.press(again, "Link my account")
    await elena.wait_for_view("Link EcoTaxa")
    assert await elena.submit({"Or a token": await driver.ecotaxa.token("elena")}) == {}

    await elena.wait_for_message(f"#{missed}", elena.im, after=told)
    await elena.wait_for_message("Your 1 job", "C0GENERAL")


async def test_a_sign_in_that_no_key_opens_is_asked_for_again(
    start: Start, settings: dict[str, str], driver: SandboxDriver
) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
    settings["TOKEN_KEYS"] = Vault.new_key()
    async with start():
        await elena.say("/ecotaxa jobs")
        shown = await elena.wait_for_message("can no longer read your saved", "C0GENERAL")
        await elena.press(shown, "Link my account")
        await elena.wait_for_view("Link EcoTaxa")
        assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}
        await elena.wait_for_message("You have no jobs", "C0GENERAL")


async def test_a_token_copied_into_another_persons_row_does_not_open(
    linked: Actor, driver: SandboxDriver, tmp_path: Path
) -> None:
    tomas = driver.person("tomas")
    await link(tomas)
    # In a thread: the bot, on this loop, may be in the middle of a write that must end first.
    assert await asyncio.to_thread(_copy_token, tmp_path / "demo.sqlite3") == 1

    await tomas.say("/ecotaxa jobs")

    await tomas.wait_for_message("can no longer read your saved", "C0GENERAL")


def _copy_token(path: Path) -> int:
    with closing(sqlite3.connect(path, timeout=60)) as database, database:
        return database.execute(
            "UPDATE links SET sealed = (SELECT sealed FROM links WHERE person_key LIKE '%U0ELENA'),"
            " ecotaxa_user_id = (SELECT ecotaxa_user_id FROM links WHERE person_key LIKE '%U0ELENA')"
            " WHERE person_key LIKE '%U0TOMAS'"
        ).rowcount


NUMBERS = [
    "-13",
    "0",
    "-0",
    "2147483648",
    "9" * 2000,
    "seven",
    "",
    "1.5",
    "1e3",
    "٣٤",
    "²",
    "7\n",
    "null",
    "-1 2",
    None,
]
"""What may stand in a button that was not ours."""


JOB_ACTIONS = ("job.show", "job.refresh", "answer.open")


async def test_forged_job_numbers_get_a_sentence_and_never_reach_ecotaxa(
    linked: Actor, driver: SandboxDriver
) -> None:
    since = (await driver.ecotaxa.traffic())["seq"]
    for action, value in itertools.product(JOB_ACTIONS, NUMBERS):
        before = len(await linked.messages())
        assert await driver.slack.deliver("block_actions", press(linked, f"{action}:1", value)) == {}

        async def answered(before: int = before) -> str | None:
            if (view := await linked.view()) is not None and view.says("no such job"):
                await linked.close()
                return view.words
            return "a message" if len(await linked.messages()) > before else None

        await wait_for(answered, f"an answer to {action} {value!r}")
    said = [message.text for message in await linked.messages()]
    assert len(said) >= len(JOB_ACTIONS) * (len(NUMBERS) - 1)
    assert all("no such job" in text or "was deleted" in text for text in said), set(said)
    asked = [entry["path"] for entry in (await driver.ecotaxa.traffic(since))["entries"]]
    assert [path for path in asked if re.search(r"/jobs/(?!34/$).", path)] == []


async def test_somebody_elses_job_stays_theirs_also_through_forged_buttons(
    linked: Actor, driver: SandboxDriver
) -> None:
    foreign = await driver.ecotaxa.start("ask", "tomas")
    await comes_to(driver, foreign, "A")
    since = (await driver.ecotaxa.traffic())["seq"]

    refused = None
    for action in ("job.show", "job.refresh"):
        await driver.slack.deliver("block_actions", press(linked, action, str(foreign)))
        refused = await linked.wait_for_message("does not let you do that", "C0GENERAL", after=refused)
    await driver.slack.deliver("block_actions", press(linked, "answer.open", str(foreign)))
    await linked.wait_for_view("does not let you")

    assert "rodriguez" not in (await everything_said(linked)).casefold()
    entries = (await driver.ecotaxa.traffic(since))["entries"]
    assert [entry for entry in entries if entry["method"] != "GET"] == []


async def test_forged_page_numbers_show_a_page_that_there_is(linked: Actor, driver: SandboxDriver) -> None:
    await driver.ecotaxa.jobs(20, state="F")

    shown = None
    for value in ("-1", "99999", "9" * 1999, "x", "", "1.5", None):
        await driver.slack.deliver("block_actions", press(linked, "jobs.page:x", value))
        shown = await linked.wait_for_message("of 20", "C0GENERAL", after=shown)

"""The bot as its own process: the main story over Slack's protocol alone, starting, stopping, dying."""

import contextlib
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.links import Person
from bot.messages import note
from bot.sandbox.demo import PASSWORD, environment, free_port
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.slack.people import TEAM_ID
from bot.store import NewNotice, Store
from bot.vault import Vault
from tests.conftest import empty
from tests.processes import missing, running, running_bot, sandbox
from tests.stories.conftest import link, looked

SPEED = 25
MISTYPED = "planktom-and-krill"
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "TOKEN_KEYS")
"""Settings whose values nobody may read in a log."""
ENDS = 20
"""Seconds within which a stopped bot has ended, also on a busy machine; alone it takes less than 5."""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a sandbox in a process of its own."""
    async with sandbox(tmp_path, SPEED) as url:
        yield url


@pytest.fixture
async def driver(url: str) -> AsyncIterator[SandboxDriver]:
    async with SandboxDriver(url) as driver:
        yield driver


@pytest.fixture
def elena(driver: SandboxDriver) -> Actor:
    return driver.person("elena")


@pytest.fixture
def settings(url: str, tmp_path: Path) -> dict[str, str]:
    quick = {"POLL_ACTIVE_SECONDS": "0.3", "POLL_IDLE_SECONDS": "0.4", "LOG_LEVEL": "INFO"}
    return environment(url, tmp_path) | quick


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "demo.sqlite3"


@contextlib.asynccontextmanager
async def owing(settings: Mapping[str, str]) -> AsyncIterator[Store]:
    """The store of a bot that does not run, to owe something in."""
    store = Store.open(settings["DATABASE_URL"], Vault([settings["TOKEN_KEYS"]]))
    try:
        yield store
    finally:
        await store.close()


async def told(person: Actor) -> dict[str, int]:
    """In how many messages of the direct conversation each job is told."""
    messages = [message for message in await person.messages(person.im) if not message.ephemeral]
    return Counter(job for message in messages for job in set(re.findall(r"#(\d+)", message.text)))


def leaked(output: str, settings: Mapping[str, str]) -> list[str]:
    """The passwords, tokens and keys that stand in what a bot printed."""
    secrets = [settings[name] for name in SECRETS if name in settings]
    return [secret for secret in (PASSWORD, MISTYPED, "eyJ1c2VyX2lkIjo", *secrets) if secret in output]


async def test_the_main_story_leaves_no_secret_in_the_fullest_log(
    driver: SandboxDriver, elena: Actor, settings: dict[str, str], tmp_path: Path
) -> None:
    # It says all that the other levels say, and what the libraries have to add.
    async with running_bot(settings | {"LOG_LEVEL": "DEBUG"}, tmp_path) as bot:
        await elena.say("/ecotaxa jobs", elena.im)
        unlinked = await elena.wait_for_message("Link it once", elena.im)
        export = await driver.ecotaxa.start("long-export")
        await driver.ecotaxa.set(export, state="R", progress_pct=10, freeze=True)
        await elena.press(unlinked, "Link my account")
        await elena.wait_for_view("Link EcoTaxa")
        assert await elena.submit({"E-mail": elena.email, "Password": MISTYPED}) != {}
        assert await elena.submit({"E-mail": elena.email, "Password": PASSWORD}) == {}
        await elena.wait_for_view("Elena Rodriguez")
        await elena.close()

        await elena.say("/ecotaxa jobs", elena.im)
        listed = await elena.wait_for_message(lambda m: "Your 1 job" in m.text and not m.ephemeral, elena.im)
        await driver.ecotaxa.set(export, progress_pct=42)
        await elena.wait_for_message(lambda m: m.id == listed.id and "42 %" in m.text, elena.im)
        await driver.ecotaxa.set(export, freeze=False)
        await elena.wait_for_message(lambda m: m.id == listed.id and "Finished" in m.text, elena.im)
        out_file = (await driver.ecotaxa.job(export))["result"]["out_file"]
        await elena.wait_for_message(lambda m: out_file in m.text and m.id != listed.id, elena.im)

        asking = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
        ping = await elena.wait_for_message(f"#{asking}", elena.im)
        await elena.press(ping, "Answer")
        view = await elena.wait_for_view("could not match")
        field = next(block for block in view.blocks if block["type"] == "input")
        offered = await elena.options(view, field["block_id"], "cyclo")
        await elena.choose(view, field["block_id"], offered[0])
        assert await elena.submit() == {}
        await elena.wait_for_view("You answered 1 name")
        await elena.wait_for_message(
            lambda m: f"#{asking}" in m.text and "Finished" in m.text and m.id != ping.id, elena.im
        )
        bot.process.send_signal(signal.SIGINT)
        assert await bot.ended(ENDS) == 0
    assert '"level": "debug"' in bot.output
    assert leaked(bot.output, settings) == []
    assert "Traceback" not in bot.output


async def test_sigterm_with_everything_under_way_ends_soon_and_nothing_is_half_sent(
    driver: SandboxDriver, elena: Actor, settings: Mapping[str, str], tmp_path: Path, database: Path
) -> None:
    tomas = driver.person("tomas")
    async with running_bot(settings, tmp_path) as bot:
        for person in (elena, tomas):
            await link(person)
        await looked(driver, 4)
        # A list that moves, a delivery that hangs though it arrived, and a look and a command that wait.
        moving = await driver.ecotaxa.start("long-export", seconds=600)
        await elena.say("/ecotaxa jobs", elena.im)
        await elena.wait_for_message("Your 1 job", elena.im)
        await driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_hang", "times": 1}})
        export = await driver.ecotaxa.start("export", "tomas")
        await tomas.wait_for_message(f"#{export}", tomas.im)
        await driver.ecotaxa.break_(slow=100)
        await elena.say("/ecotaxa jobs")
        bot.process.terminate()
        began = time.monotonic()

        assert await bot.ended(ENDS) == 0
        assert time.monotonic() - began < 5
    assert "Traceback" not in bot.output, bot.output
    await driver.ecotaxa.heal()
    await driver.ecotaxa.set(moving, state="F", progress_msg="Done")

    async with running_bot(settings, tmp_path):
        await elena.wait_for_message(lambda m: f"#{moving}" in m.text and "Your" not in m.text, elena.im)
        await looked(driver, 4)
        assert await told(tomas) == {str(export): 1}


async def test_what_slack_did_not_answer_before_the_end_is_given_up_without_a_fuss(
    driver: SandboxDriver, elena: Actor, settings: Mapping[str, str], tmp_path: Path
) -> None:
    async with running_bot(settings, tmp_path) as bot:
        await driver.slack.break_(api={"views.open": {"mode": "post_then_hang"}})
        await elena.say("/ecotaxa link")
        await elena.wait_for_view("Link EcoTaxa")
        bot.process.terminate()
        assert await bot.ended(ENDS) == 0
    # The bot would say so, and finds that it has hung up.
    assert "could not tell" in bot.output
    assert "Traceback" not in bot.output


async def test_a_backlog_does_not_hold_up_the_end(
    driver: SandboxDriver, elena: Actor, settings: Mapping[str, str], tmp_path: Path, database: Path
) -> None:
    async with running_bot(settings, tmp_path) as bot:
        await link(elena)
        await looked(driver)
    async with owing(settings) as store:
        person = Person(None, TEAM_ID, elena.id)
        for number in range(20):
            said = NewNotice.said(str(number), person, note(f"Said #{number}"))
            await store.owe(said, datetime.now(UTC))
    async with running_bot(settings, tmp_path) as bot:

        async def some() -> bool | None:
            return len(await elena.messages(elena.im)) >= 5 or None

        await wait_for(some, "the first of many")
        bot.process.terminate()
        began = time.monotonic()
        assert await bot.ended(ENDS) == 0
        assert time.monotonic() - began < 3
    assert len(await elena.messages(elena.im)) < 20, "it was stopped amid them"
    with sqlite3.connect(database) as kept:
        held = kept.execute("SELECT count(*) FROM notices WHERE state IN ('sending', 'uncertain')").fetchone()
    kept.close()
    assert held == (0,)

    async with running_bot(settings, tmp_path):

        async def all_told() -> bool | None:
            return len(await elena.messages(elena.im)) >= 20 or None

        await wait_for(all_told, "the rest", 90)
        await looked(driver, 3)
    assert await told(elena) == {str(number): 1 for number in range(20)}


@pytest.mark.parametrize(
    ("name", "value"), [("SLACK_BOT_TOKEN", "xoxb-of-yesterday"), ("SLACK_APP_TOKEN", "xapp-of-yesterday")]
)
async def test_a_token_that_slack_refuses_ends_the_start_with_one_clear_line(
    settings: dict[str, str], tmp_path: Path, name: str, value: str
) -> None:
    settings |= {name: value, "LOG_LEVEL": "WARNING"}
    async with running("bot", "run", folder=tmp_path, settings=settings) as bot:
        assert await bot.ended(60) == 2

    assert len(bot.lines) == 1, bot.output
    assert name in bot.output
    assert "invalid_auth" in bot.output
    assert value not in bot.output


async def test_a_slack_that_is_not_there_ends_the_start_with_one_clear_line(
    settings: dict[str, str], tmp_path: Path
) -> None:
    settings |= {"SLACK_API_URL": f"http://127.0.0.1:{free_port()}/api", "LOG_LEVEL": "WARNING"}
    async with running("bot", "run", folder=tmp_path, settings=settings) as bot:
        assert await bot.ended(60) == 1

    assert len(bot.lines) == 1, bot.output
    assert "Slack" in bot.output


async def test_missing_settings_are_named_one_a_line(tmp_path: Path) -> None:
    async with running("bot", "run", folder=tmp_path) as bot:
        assert await bot.ended(60) == 2

    assert missing(bot.lines, "SLACK_BOT_TOKEN is missing", "TOKEN_KEYS is missing") == []
    assert len(bot.lines) == 2


async def test_malformed_settings_are_named_without_their_values(
    settings: dict[str, str], tmp_path: Path
) -> None:
    wrong = {
        "SLACK_APP_TOKEN": "xoxb-the-wrong-one",
        "TOKEN_KEYS": "hunter2",
        "ECOTAXA_API_URL": "ecotaxa.example",
        "POLL_IDLE_SECONDS": "often",
        "DATABASE_URL": "mysql://root:hunter2@localhost/db",
        "ECOTAXA_TIMEZONE": "Mars/Base",
    }
    async with running("bot", "run", folder=tmp_path, settings=settings | wrong) as bot:
        assert await bot.ended(60) == 2

    assert missing(bot.lines, *wrong) == []
    assert len(bot.lines) == len(wrong)
    assert "hunter2" not in bot.output
    assert "xoxb-the" not in bot.output


async def test_settings_are_read_from_a_file_beside_it(settings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    async with running_bot({}, tmp_path) as bot:
        bot.process.terminate()
        assert await bot.ended(ENDS) == 0


async def test_over_signed_http_without_socket_mode(
    driver: SandboxDriver, elena: Actor, settings: dict[str, str], tmp_path: Path
) -> None:
    del settings["SLACK_APP_TOKEN"]
    port = free_port()
    request_url = f"http://127.0.0.1:{port}/slack/events"
    async with running_bot(settings | {"HTTP_PORT": str(port), "LOG_LEVEL": "DEBUG"}, tmp_path) as bot:
        await driver.slack.mode(request_url)
        await elena.say("/ecotaxa help")
        await elena.wait_for_message("/ecotaxa unlink", "C0GENERAL")
        await link(elena)
        await looked(driver)
        asking = await driver.ecotaxa.start("ask-taxa", names=["part (annelida)"])
        ping = await elena.wait_for_message(f"#{asking}", elena.im)
        await elena.say("/ecotaxa jobs")
        listed = await elena.wait_for_message("Your 1 job", "C0GENERAL")
        await elena.press(listed, "Refresh")
        await elena.press(ping, "Answer")
        view = await elena.wait_for_view("could not match")
        field = next(block for block in view.blocks if block["type"] == "input")
        assert len(await elena.options(view, field["block_id"], "cyclo")) > 1
        assert await elena.submit() == {}
        await elena.wait_for_view("You answered")
        bot.process.terminate()
        assert await bot.ended(ENDS) == 0
    assert leaked(bot.output, settings) == []


@pytest.mark.parametrize("name", ["HTTP_PORT", "HEALTH_PORT"])
async def test_a_used_port_ends_the_start_with_one_clear_line(
    url: str, settings: dict[str, str], tmp_path: Path, name: str
) -> None:
    del settings["SLACK_APP_TOKEN"]
    port = url.rpartition(":")[2]
    settings |= {name: port, "LOG_LEVEL": "WARNING"}
    async with running("bot", "run", folder=tmp_path, settings=settings) as bot:
        assert await bot.ended(60) == 1

    assert len(bot.lines) == 1, bot.output
    assert port in bot.output


async def test_two_processes_on_one_postgresql_tell_each_thing_once(
    driver: SandboxDriver, elena: Actor, settings: dict[str, str], tmp_path: Path, postgres: str
) -> None:
    await empty(postgres)
    settings["DATABASE_URL"] = postgres
    tomas = driver.person("tomas")
    async with running_bot(settings, tmp_path) as first, running_bot(settings, tmp_path) as second:
        for person in (elena, tomas):
            await link(person)
        await looked(driver, 4)
        jobs = [await driver.ecotaxa.start("export") for _ in range(8)]
        await driver.ecotaxa.start("ask-taxa", "tomas", names=["thing one"])
        more = await driver.ecotaxa.jobs(12, state="F")
        for word in ("help", "whoami", "jobs", "help"):
            await elena.say(f"/ecotaxa {word}")

        async def some() -> bool | None:
            return len(await told(elena)) >= 10 or None

        await wait_for(some, "ten pings", 20)
        first.process.terminate()
        assert await first.ended(ENDS) == 0

        async def all_told() -> bool | None:
            return len(await told(elena)) >= len(jobs + more) or None

        await wait_for(all_told, "all pings", 20)
        ping = await tomas.wait_for_message("thing one", tomas.im)
        await tomas.press(ping, "Answer")
        await tomas.wait_for_view("could not match")
        await looked(driver, 4)
        second.process.terminate()
        assert await second.ended(ENDS) == 0
    assert await told(elena) == {str(job_id): 1 for job_id in jobs + more}
    assert len(await tomas.messages(tomas.im)) == 1
    assert len(await elena.messages("C0GENERAL")) == 4
    assert (await driver.ecotaxa.traffic())["peak_concurrency_by_user"]

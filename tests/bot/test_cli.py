"""The command line, as one types it."""

import asyncio
import csv
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

import bot
from bot.acts import Did
from bot.cli import main
from bot.links import Person, Token
from bot.sandbox.demo import environment, free_port
from bot.sandbox.driver import SandboxDriver
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.team import CLIENT_ID, CLIENT_SECRET
from bot.store import Store
from bot.vault import Vault
from tests.processes import running

pytestmark = pytest.mark.usefixtures("nothing_set", "logging_as_before")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"ecotaxa-bot {bot.__version__}\n"


@pytest.mark.parametrize("words", [[], ["rnu"], ["demo", "--port", "many"]])
def test_words_that_are_none_are_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_new_key_is_another_one_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["new-key"]), main(["new-key"])) == (0, 0)

    first, second = capsys.readouterr().out.splitlines()
    assert first != second
    assert Fernet(first)


# check


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    return environment(sandbox.url, tmp_path)


async def check(
    settings: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[str], str]:
    """The exit code of `check`, and its lines on each stream."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    code = await asyncio.to_thread(main, ["check"])
    printed = capsys.readouterr()
    return code, printed.out.splitlines(), printed.err


async def test_all_is_well(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, _ = await check(settings, monkeypatch, capsys)

    assert code == 0
    assert [line.partition(":")[0] for line in lines] == [
        "ok   settings",
        "ok   Slack bot token",
        "ok   Slack app token",
        "ok   EcoTaxa",
        "ok   database",
    ]


async def test_without_socket_mode_no_app_token_is_asked_for(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del settings["SLACK_APP_TOKEN"]

    code, lines, _ = await check(settings, monkeypatch, capsys)

    assert code == 0
    assert "app token" not in str(lines)
    assert lines[0] == "ok   settings: complete and well formed, Slack sends over HTTP to port 3000"


async def test_in_http_mode_the_app_token_is_not_looked_at(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings |= {
        "SLACK_MODE": "http",
        "SLACK_APP_TOKEN": "xapp-of-yesterday",
        "PUBLIC_URL": "https://bot.example",
    }

    code, lines, _ = await check(settings, monkeypatch, capsys)

    assert code == 0
    assert lines[0].endswith("accounts are linked at https://bot.example")


async def test_for_many_workspaces_the_app_itself_is_asked_about(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings |= {"SLACK_BOT_TOKEN": "", "PUBLIC_URL": "https://bot.lab.example"}
    app = {"SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": CLIENT_SECRET}

    code, lines, _ = await check(settings | app, monkeypatch, capsys)
    assert code == 0
    assert "ok   Slack client id and secret" in lines[1]

    code, lines, _ = await check(settings | app | {"SLACK_CLIENT_SECRET": "guessed"}, monkeypatch, capsys)
    assert code == 1
    assert "FAIL Slack client id and secret" in lines[1]
    assert "bad_client_secret" in lines[1]


@pytest.mark.parametrize(
    ("wrong", "what", "says"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-of-yesterday"}, "Slack bot token", "invalid_auth"),
        ({"SLACK_APP_TOKEN": "xapp-of-yesterday"}, "Slack app token", "invalid_auth"),
        ({"ECOTAXA_API_URL": "http://127.0.0.1:{free}/api"}, "EcoTaxa", ""),
        ({"ECOTAXA_API_URL": "{url}/elsewhere"}, "EcoTaxa", ""),
        ({"DATABASE_URL": "sqlite:////dev/null/bot.sqlite3"}, "database", ""),
        ({"DATABASE_URL": "postgresql://ada:hunter2@127.0.0.1:{free}/bot"}, "database", ""),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_each_thing_that_is_wrong_has_its_line(
    sandbox: Sandbox,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: dict[str, str],
    what: str,
    says: str,
) -> None:
    filled = {name: value.format(free=free_port(), url=sandbox.url) for name, value in wrong.items()}

    code, lines, errors = await check(settings | filled, monkeypatch, capsys)

    failed = [line for line in lines if line.startswith("FAIL")]
    assert code == 1
    assert len(lines) == 5
    assert len(failed) == 1
    assert failed[0].startswith(f"FAIL {what}: ")
    assert len(failed[0]) > len(f"FAIL {what}: ")
    assert says in failed[0]
    assert "hunter2" not in "".join((*lines, errors))
    assert "of-yesterday" not in "".join((*lines, errors))


@pytest.mark.parametrize(
    ("who", "ignores_filters", "starts"),
    [
        ("ada", False, "ok   EcoTaxa administrator's token: sees everybody's jobs, until 20"),
        ("tomas", False, "FAIL EcoTaxa administrator's token: "),
        ("ada", True, "FAIL EcoTaxa administrator's token: this EcoTaxa does not list jobs by their state"),
    ],
)
async def test_an_administrators_token_has_a_line_of_its_own(
    sandbox: Sandbox,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    who: str,
    ignores_filters: bool,
    starts: str,
) -> None:
    async with SandboxDriver(sandbox.url) as driver:
        settings["ECOTAXA_ADMIN_TOKEN"] = await driver.ecotaxa.token(who)
        await driver.ecotaxa.jobs(1, "elena", state="F")
        await driver.ecotaxa.break_(ignore_filters=ignores_filters)

    code, lines, _ = await check(settings, monkeypatch, capsys)

    assert lines[-1].startswith(starts)
    assert code == (0 if starts.startswith("ok") else 1)


def test_an_administrators_token_that_is_none_is_told(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (settings | {"ECOTAXA_ADMIN_TOKEN": "hunter2"}).items():
        monkeypatch.setenv(name, value)

    assert main(["run"]) == 2

    told = capsys.readouterr().err
    assert told.startswith("ECOTAXA_ADMIN_TOKEN is not an EcoTaxa token: run `ecotaxa-bot token`")
    assert "hunter2" not in told


async def test_a_slack_that_is_not_there_fails_both_tokens(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings["SLACK_API_URL"] = f"http://127.0.0.1:{free_port()}/api"

    code, lines, _ = await check(settings, monkeypatch, capsys)

    assert code == 1
    assert [line for line in lines if line.startswith("FAIL")] == [
        line for line in lines if "Slack" in line.partition(":")[0]
    ]


async def test_settings_that_are_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, errors = await check({}, monkeypatch, capsys)

    assert code == 2
    assert lines == []
    assert "SLACK_BOT_TOKEN is missing" in errors
    assert "TOKEN_KEYS is missing" in errors


# token


def _type(words: Sequence[str], typed: Sequence[tuple[str, str]], seconds: float) -> tuple[int, str, str]:
    """Run `ecotaxa-bot token` on a terminal, typing each line once its question is there.

    Returns its exit code, its standard output, and what the terminal showed.
    """
    terminal, screen_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "token", *words],
        stdin=screen_end,
        stdout=subprocess.PIPE,
        stderr=screen_end,
        text=True,
        start_new_session=True,
    )
    os.close(screen_end)
    shown, left, until = "", list(typed), time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            if left and left[0][0] in shown:
                os.write(terminal, left.pop(0)[1].encode() + b"\n")
            if not select.select([terminal], [], [], 0.05)[0]:
                continue
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:  # its other end is closed: the process has ended
                break
        out, _ = process.communicate(timeout=seconds)
        return process.returncode, out, shown
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


async def token(
    words: Sequence[str], typed: Sequence[tuple[str, str]], seconds: float = 20
) -> tuple[int, str, str]:
    return await asyncio.to_thread(_type, words, typed, seconds)


EMAIL, PASSWORD = "Your EcoTaxa e-mail:", "Your EcoTaxa password:"


@pytest.mark.parametrize("by_option", [True, False])
async def test_a_token_is_printed_alone_and_the_password_never_shown(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, by_option: bool
) -> None:
    monkeypatch.setenv("ECOTAXA_API_URL", f"{sandbox.url}/ecotaxa/api")
    words = ["--email", "elena@lab.example"] if by_option else []
    asked = [] if by_option else [(EMAIL, "elena@lab.example")]

    code, out, shown = await token(words, [*asked, (PASSWORD, "plankton")])

    assert code == 0, shown
    assert Token.read(out.strip()).ecotaxa_user_id > 0
    assert out.count("\n") == 1
    assert "plankton" not in shown
    assert out.strip() not in shown
    assert (EMAIL in shown) is not by_option


async def test_a_wrong_password_is_one_line(sandbox: Sandbox) -> None:
    words = ["--email", "elena@lab.example", "--api-url", f"{sandbox.url}/ecotaxa/api"]

    code, out, shown = await token(words, [(PASSWORD, "hunter2")])

    assert code == 1
    assert out == ""
    assert shown.replace(PASSWORD, "").strip() == "EcoTaxa did not accept this e-mail and password."
    assert "hunter2" not in shown


async def test_an_ecotaxa_that_is_not_there_is_one_line() -> None:
    words = ["--email", "elena@lab.example", "--api-url", f"http://127.0.0.1:{free_port()}/api"]

    code, out, shown = await token(words, [(PASSWORD, "plankton")])

    assert code == 1
    assert out == ""
    assert len(shown.replace(PASSWORD, "").strip().splitlines()) == 1
    assert "EcoTaxa does not answer" in shown


@pytest.mark.parametrize("address", ["ecotaxa.example", "ftp://ecotaxa.example"])
def test_an_address_that_is_none_is_told_before_a_password_is_asked_for(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECOTAXA_API_URL", address)

    assert main(["token", "--email", "elena@lab.example"]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(r"ECOTAXA_API_URL .+\n", printed.err)


# demo


async def test_the_demo_on_a_used_port_says_which_to_take(sandbox: Sandbox, tmp_path: Path) -> None:
    port = sandbox.url.rpartition(":")[2]

    async with running("bot", "demo", "--port", port, folder=tmp_path) as demo:
        assert await demo.ended(60) == 1

    assert len(demo.lines) == 1
    assert f"Port {port} cannot be used" in demo.output
    assert f"PORT={int(port) + 1}" in demo.output


async def test_the_demo_serves_its_page_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    async with running("bot", "demo", "--port", str(port), folder=tmp_path) as demo:
        line = await demo.until_printed("http://127.0.0.1")
        async with httpx.AsyncClient(trust_env=False) as client:
            page = await client.get(line.split()[-1])
        demo.process.terminate()

        assert await demo.ended(60) == 0
    assert page.status_code == 200
    assert "/ecotaxa jobs" in demo.output
    assert "Traceback" not in demo.output


# audit


@pytest.fixture
async def acted(nothing_set: None, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in which somebody did something a while ago, and something else just now."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    store = Store.open(settings["DATABASE_URL"], Vault([settings["TOKEN_KEYS"]]))
    await store.migrate()
    person, now = Person("E1", "T1", "UADA"), datetime.now(UTC)
    async with store.acting(person, Did.UNLINK, now - timedelta(days=9)):
        pass
    other = Person("E1", "T1", "UBOB")
    async with store.acting(person, Did.PICK, now, job_id=5, detail="user", other=other):
        pass
    await store.forget_person(Person(None, "T1", "UEVE"), now)
    await store.close()


async def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert await asyncio.to_thread(main, ["audit", *words]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("acted")
async def test_the_audit_is_printed_for_a_spreadsheet(capsys: pytest.CaptureFixture[str]) -> None:
    names, *rows = csv.reader(await printed(capsys))

    assert names == ["at", "enterprise", "team", "user", "act", "job", "outcome", "detail", "other_user"]
    assert [row[1:] for row in rows] == [
        ["E1", "T1", "UADA", "unlink", "", "done", "", ""],
        ["E1", "T1", "UADA", "pick for colleague", "5", "done", "user", "UBOB"],
        ["", "", "", "forget me", "", "done", "", ""],
    ]


@pytest.mark.usefixtures("acted")
async def test_the_audit_of_the_last_days_is_printed_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pick, forgotten = map(json.loads, await printed(capsys, "--jsonl", "--since", "8"))

    assert (pick["user"], pick["job"], pick["other_user"]) == ("UADA", 5, "UBOB")
    assert datetime.fromisoformat(pick["at"]).utcoffset() == timedelta(0)
    assert (forgotten["act"], forgotten["user"]) == ("forget me", None)
    assert len(await printed(capsys, "--jsonl", "--since", "9999999999")) == 3


async def test_an_audit_without_a_database_is_told_in_one_line(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    assert await asyncio.to_thread(main, ["audit"]) == 1

    assert re.fullmatch(r"the database cannot be used: no such table: audit\n", capsys.readouterr().err)

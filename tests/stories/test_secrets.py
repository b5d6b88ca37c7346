"""Secrets go where they have to, and stand nowhere else: in no log, database, figure or message."""

import asyncio
import base64
import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode, urlsplit

import pytest

from bot.ids import Modal
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, Failed, SandboxDriver
from bot.sandbox.ecotaxa import accounts
from bot.sandbox.server import Sandbox
from tests.processes import running_bot
from tests.scraping import Scraper
from tests.stories.authorization import coming, view
from tests.stories.browser import OPENS, address_on, browser
from tests.stories.conftest import SPEED, comes_to, looked
from tests.stories.forgery import press

PASSWORD, MISTYPED = "Zoo/plank+ton é<&>\"'7", "Phyto/plank+ton é<&>\"'7"
SETTINGS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "TOKEN_KEYS")
ENDS = 30


def spellings(secret: str) -> Iterator[str]:
    """The ways in which a secret may be written: as it is, and in each usual coding."""
    raw = secret.encode()
    yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret), raw.hex())
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    yield repr(raw)[2:-1]
    yield secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for shift in range(3):
        # What stands before it shifts its letters; those at its ends depend on its neighbours.
        coded = base64.b64encode(b"x" * shift + raw + b"x" * (-(shift + len(raw)) % 3)).decode()
        inner = coded[4 if shift else 0 : -4]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def found(text: str, secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets that stand in a text, with how they are written there."""
    return {
        name: spelled for name, secret in secrets.items() for spelled in spellings(secret) if spelled in text
    }


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A sandbox where a password is nothing that may stand somewhere by chance."""
    monkeypatch.setattr(accounts, "PASSWORD", PASSWORD)
    sandbox = Sandbox(speed=SPEED, patience=2)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


def test_a_secret_is_found_however_it_is_written() -> None:
    wanted = {"it": PASSWORD}
    texts = (
        PASSWORD,
        json.dumps({"a": PASSWORD}),
        repr({"a": PASSWORD}),
        quote(PASSWORD),
        base64.b64encode(f"u:{PASSWORD}!".encode()).decode(),
        base64.urlsafe_b64encode(f"me@x:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"abc{PASSWORD}".encode()).decode(),
    )

    assert [text for text in texts if not found(f"before {text} after", wanted)] == []
    assert found("Zooplankton", wanted) == {}


async def test_no_secret_is_left_behind(
    driver: SandboxDriver, settings: dict[str, str], tmp_path: Path
) -> None:
    elena, tomas = driver.person("elena"), driver.person("tomas")
    pasted = await driver.ecotaxa.token("tomas")
    figures = Scraper(f"http://127.0.0.1:{(port := free_port())}/metrics")
    settings |= {"LOG_LEVEL": "DEBUG", "HEALTH_PORT": str(port)}
    async with running_bot(settings, tmp_path) as bot:
        assert "Max core file size        0                    0" in _limits(bot.process.pid)
        await _link_in_every_way(driver, elena, tomas, pasted)
        await _meet_faults(driver, elena)
        await _send_what_nobody_could(driver, elena)
        page = await figures.page()
        bot.process.terminate()
        assert await bot.ended(ENDS) == 0
    secrets = {name: settings[name] for name in SETTINGS} | {
        "password": PASSWORD,
        "mistyped": MISTYPED,
        "pasted": pasted,
        "any of EcoTaxa's tokens": "eyJ1c2VyX2lkIjo",
    }

    assert "Traceback" in bot.output, "handlers did fail"
    assert found(bot.output, secrets) == {}
    assert page.number("ecotaxa_bot_requests_total", outcome="failed") > 0
    assert (found(page.text, secrets), page.strange) == ({}, set())
    kept = _kept(tmp_path)
    assert "elena@lab.example" in kept
    assert found(kept, secrets) == {}
    said = [
        [entry["response"] if entry["side"] == "socket" else entry["request"]]
        for entry in await driver.slack.traffic()
    ]
    shown = json.dumps([said, *[await one.state() for one in (elena, tomas)]], ensure_ascii=False)
    assert "Elena Rodriguez" in shown
    assert found(shown, secrets) == {}


async def test_no_secret_of_the_page_is_left_behind(
    driver: SandboxDriver, settings: dict[str, str], tmp_path: Path
) -> None:
    elena, port = driver.person("elena"), free_port()
    origin = f"http://127.0.0.1:{port}"
    settings |= {"SLACK_MODE": "http", "HTTP_PORT": str(port), "PUBLIC_URL": origin}
    async with running_bot(settings | {"LOG_LEVEL": "DEBUG"}, tmp_path) as bot:
        await driver.slack.mode(f"{origin}/slack/events")
        await elena.say("/ecotaxa jobs")
        unlinked = await elena.wait_for_message("know your EcoTaxa account")
        await elena.press(unlinked, "Link my account")
        address = address_on(await elena.wait_for_message(lambda m: OPENS in str(m.blocks)))
        proof = await _use_the_page(driver, elena, address, tmp_path / "demo.sqlite3")
        await elena.wait_for_message("just linked on my page", elena.im)
        bot.process.terminate()
        assert await bot.ended(ENDS) == 0
    secrets = {name: settings[name] for name in SETTINGS} | {
        "password": PASSWORD,
        "mistyped": MISTYPED,
        "ticket": address.rpartition("/")[2],
        "proof": proof,
        "any of EcoTaxa's tokens": "eyJ1c2VyX2lkIjo",
    }

    assert "the page failed" in bot.output
    assert "the page broke" not in bot.output, "nobody who hangs up fills the log"
    assert found(bot.output, secrets) == {}
    kept = _kept(tmp_path)
    assert "elena@lab.example" in kept
    assert found(kept, secrets) == {}
    del secrets["ticket"]  # which is Elena's to have
    shown = json.dumps([await driver.slack.traffic(), await elena.state()], ensure_ascii=False)
    assert "Elena Rodriguez" in shown
    assert found(shown, secrets) == {}


@contextlib.contextmanager
def _lost(database: Path, table: str) -> Iterator[None]:
    """Take a table away from the bot."""
    for before, after in ((table, "gone"), ("gone", table)):
        with sqlite3.connect(database, timeout=20) as kept:
            kept.execute(f"ALTER TABLE {before} RENAME TO {after}")
        kept.close()
        if after == "gone":
            yield


async def _use_the_page(driver: SandboxDriver, elena: Actor, address: str, database: Path) -> str:
    """Send the form in every way in which it may come, well at last, and once more: its proof."""
    async with browser() as visitor:
        await visitor.get(address)
        proof = visitor.proof
        typed = {"email": elena.email, "password": PASSWORD}
        for fault in ({"garbage": True}, {"status": 503, "body": "html"}):
            await driver.ecotaxa.break_(paths="login", **fault)
            assert (await visitor.send(**typed)).status_code == 503
            await driver.ecotaxa.heal()
        assert (await visitor.send(elena.email, MISTYPED)).status_code == 422
        assert (await visitor.send(**typed, proof=PASSWORD)).status_code == 403
        assert (await visitor.ask("POST", address, json=typed)).status_code == 415
        body = urlencode(typed).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await visitor.ask("POST", address, content=body + b"\xff", headers=form)).status_code == 422
        await _cut_off(address, body)
        with _lost(database, "acts"):
            assert (await visitor.send(**typed)).status_code == 503
        await visitor.get(address)
        with _lost(database, "links"):
            assert (await visitor.send(**typed)).status_code == 503
        for bad in (f"{address}?{PASSWORD}", f"{address}/{PASSWORD}", address[:-4]):
            await visitor.ask("POST", bad, content=body, headers=form)
        await visitor.get(address)
        assert (await visitor.send(**typed)).status_code == 200
        assert (await visitor.send_to(address, **typed)).status_code == 410
    return proof


async def _cut_off(address: str, body: bytes) -> None:
    """Begin to send a form, and hang up."""
    parts = urlsplit(address)
    _reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body) + 9}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()


def _kept(folder: Path) -> str:
    """All of the database's files, also those beside it that hold what was written last."""
    return b"".join(path.read_bytes() for path in folder.glob("*.sqlite3*")).decode("latin-1")


def _limits(pid: int) -> str:
    return Path(f"/proc/{pid}/limits").read_text()


async def _link_in_every_way(driver: SandboxDriver, elena: Actor, tomas: Actor, pasted: str) -> None:
    """With a password that is wrong, then while EcoTaxa ails, then well; and with a token."""
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")
    assert await elena.submit({"E-mail": elena.email, "Password": MISTYPED}) != {}
    for fault in ({"garbage": True}, {"status": 503, "body": "html"}):
        await driver.ecotaxa.break_(paths="login", **fault)
        await elena.submit({"E-mail": elena.email, "Password": PASSWORD})
        await elena.wait_for_view(lambda shown: not shown.says("Checking"))
        await driver.ecotaxa.heal()
    await elena.submit({"E-mail": elena.email, "Password": PASSWORD})
    await elena.wait_for_view("Linked")
    await elena.close(everything=True)
    await tomas.say("/ecotaxa link")
    await tomas.wait_for_view("Link EcoTaxa")
    assert await tomas.submit({"Or a token": f"x{pasted}"}) != {}
    assert await tomas.submit({"Or a token": pasted}) == {}
    await tomas.wait_for_view("Linked")
    await tomas.close(everything=True)
    await looked(driver)


async def _meet_faults(driver: SandboxDriver, elena: Actor) -> None:
    """Ask for things while EcoTaxa and Slack fail in each way."""
    job_id = await driver.ecotaxa.start("export")
    await comes_to(driver, job_id, "F")
    for fault in ({"status": 500}, {"garbage": True}, {"down": True}):
        await driver.ecotaxa.break_(paths="jobs", **fault, times=3)
        await elena.say(f"/ecotaxa job {job_id}")
        await elena.say("/ecotaxa jobs", elena.im)
        await driver.ecotaxa.heal()
    for mode in ("error", "http", "cut", "post_then_500"):
        await driver.slack.break_(api={"*": {"mode": mode, "times": 3}})
        await elena.say("/ecotaxa jobs", elena.im)
        await driver.slack.heal()
    await driver.ecotaxa.new_secret()
    await elena.say("/ecotaxa jobs")
    await elena.wait_for_message("no longer accepts your sign-in")


async def _send_what_nobody_could(driver: SandboxDriver, elena: Actor) -> None:
    """Payloads that handlers stumble over, with a password in each."""
    typed = {"email": {"value": elena.email}, "password": {"value": PASSWORD}, "token": {"value": ""}}
    wrong_shape = view(Modal.LINK, "[]", **typed)
    wrong_shape["state"]["values"]["password"] = [PASSWORD]
    no_state = view(Modal.LINK, PASSWORD) | {"state": PASSWORD}
    unknown = view(Modal.LINK, "[]", **typed) | {"callback_id": PASSWORD}
    for made in (view(Modal.LINK, PASSWORD, **typed), wrong_shape, no_state, unknown):
        await _deliver(driver, coming(elena, "T0PLANKTON", made, "view_submission"))
    nobody = coming(elena, "T0PLANKTON", view(Modal.LINK, "", **typed), "view_submission") | {
        "user": PASSWORD
    }
    for payload in (nobody, press(elena, f"job.show:{PASSWORD}", PASSWORD), {"type": PASSWORD}):
        await _deliver(driver, payload)
    with_state = press(elena, "job.show", "1") | {"state": {"values": {"x": PASSWORD}}, "actions": PASSWORD}
    await _deliver(driver, with_state)
    await elena.say("/ecotaxa help")
    await elena.wait_for_message("/ecotaxa unlink")


async def _deliver(driver: SandboxDriver, payload: dict[str, Any]) -> None:
    """Hand it on, whether or not it is acknowledged."""
    with contextlib.suppress(Failed):
        await driver.slack.deliver("interactive", payload)

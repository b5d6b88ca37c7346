"""The whole bot on sockets that go deaf, and what it tells of its health."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

import bot
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from tests.stories.conftest import Clock, Start, looked

REFUSED = {"apps.connections.open": {"mode": "error", "error": "invalid_auth"}}


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    return settings | {"HEALTH_PORT": str(free_port())}


@pytest.fixture
def health(settings: dict[str, str]) -> str:
    """Where the bot tells its health."""
    return f"http://127.0.0.1:{settings['HEALTH_PORT']}"


async def readiness(health: str) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{health}/readyz")
    return answer.status_code, answer.json()


async def becomes(health: str, status: int, said: str = "") -> dict[str, Any]:
    """Wait until the bot is ready (200) or not (503), and says so among the rest: all that it says then."""

    async def so() -> dict[str, Any] | None:
        now, told = await readiness(health)
        return told if now == status and said in str(told) else None

    return await wait_for(so, f"a readiness of {status} {said}")


async def test_what_people_did_while_the_bot_was_deaf_is_done_once_after_an_hour_of_silence(
    linked: Actor, driver: SandboxDriver, clock: Clock, health: str
) -> None:
    await linked.say("/ecotaxa unlink")
    question = await linked.wait_for_message("Unlink *Elena Rodriguez*", "C0GENERAL")
    await driver.slack.break_(deaf_sockets=True)
    done = [
        asyncio.create_task(each)
        for each in (
            linked.press(question, "Keep it"),
            linked.say("/ecotaxa whoami"),
            linked.say("whoami", linked.im),
        )
    ]
    await asyncio.sleep(0.1)
    assert len(await linked.messages("C0GENERAL")) == 1, "nothing is heard"

    clock.forward(hours=1)
    await asyncio.gather(*done)
    await linked.wait_for_message("everything stays", "C0GENERAL")
    await linked.wait_for_message("You are *Elena Rodriguez*", "C0GENERAL")
    await linked.wait_for_message("You are *Elena Rodriguez*", linked.im)
    assert (await readiness(health))[0] == 200
    await asyncio.sleep(0.2)
    assert len(await linked.messages("C0GENERAL")) == 2
    answers = [message for message in await linked.messages(linked.im) if "You are" in message.text]
    assert len(answers) == 1


async def test_a_bot_that_lives_and_can_work_says_so_and_nothing_of_people(
    linked: Actor, health: str, settings: dict[str, str]
) -> None:
    async with httpx.AsyncClient(base_url=health, trust_env=False) as client:
        alive, ready = await client.get("/livez"), await client.get("/readyz")
        elsewhere = await client.get("/")

    assert (alive.status_code, ready.status_code, elsewhere.status_code) == (200, 200, 404)
    told = ready.json()
    assert told.pop("ecotaxa")["last_good_look"].startswith("20")
    assert told == {
        "ready": True,
        "version": bot.__version__,
        "database": {"ok": True},
        "slack": {"ok": True},
    }
    for word in ("lena", linked.id, settings["SLACK_APP_TOKEN"], settings["TOKEN_KEYS"]):
        assert word not in ready.text


async def test_a_slack_that_is_not_heard_is_told_until_it_is_heard_again(
    linked: Actor, driver: SandboxDriver, clock: Clock, health: str
) -> None:
    await driver.slack.break_(deaf_sockets=True, api=REFUSED)
    clock.forward(minutes=2)
    told = await becomes(health, 503, "nothing was heard for 60 s, and Slack answered 200 invalid_auth")
    assert not told["slack"]["ok"]
    assert (told["ready"], told["database"]["ok"]) == (False, True)

    await driver.slack.break_(drop_sockets="link_disabled")
    await becomes(health, 503, "'Slack answered 200 invalid_auth'")
    async with httpx.AsyncClient(base_url=health, trust_env=False) as client:
        assert (await client.get("/livez")).status_code == 200
    await driver.slack.heal()
    clock.forward(minutes=1)
    await becomes(health, 200)
    await linked.say("/ecotaxa whoami")
    await linked.wait_for_message("You are *Elena Rodriguez*", "C0GENERAL")


async def test_an_ecotaxa_that_does_not_answer_leaves_the_bot_ready_to_say_so(
    linked: Actor, driver: SandboxDriver, health: str
) -> None:
    _, before = await readiness(health)

    async def has_looked() -> bool | None:
        return (await readiness(health))[1]["ecotaxa"] != before["ecotaxa"] or None

    await wait_for(has_looked, "another good look")
    await driver.ecotaxa.break_(down=True)
    await looked(driver)
    _, first = await readiness(health)
    await looked(driver)
    status, second = await readiness(health)

    assert status == 200
    assert first["ecotaxa"] == second["ecotaxa"]


async def test_a_database_that_does_not_answer_is_told(linked: Actor, health: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "demo.sqlite3", timeout=20) as database:
        # A statement that reads before it writes is refused at once where the bot wrote meanwhile.
        database.execute("BEGIN IMMEDIATE")
        database.execute("ALTER TABLE audit RENAME TO gone")
    database.close()

    told = await becomes(health, 503)
    assert told["database"] == {"ok": False, "why": "it does not answer"}
    assert told["slack"]["ok"]


async def test_over_http_an_open_door_is_ready(
    start: Start, settings: dict[str, str], health: str, driver: SandboxDriver
) -> None:
    del settings["SLACK_APP_TOKEN"]
    settings["HTTP_PORT"] = str(free_port())
    async with start():
        assert (await readiness(health))[1]["slack"] == {"ok": True}

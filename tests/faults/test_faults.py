"""What people see while a peer ails, and that the bot is well again by itself: see docs/faults.md."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.sandbox.driver import Failed, wait_for
from bot.sandbox.screen import Message
from bot.store.database import database_url
from tests.faults import cases, proxy
from tests.faults.cases import Case
from tests.faults.proxy import Connection, Fault, Proxy
from tests.faults.stage import Stage, play, staged
from tests.stories.conftest import comes_to, link, looked, set_timers
from tests.stories.test_bad_ecotaxa import INNARDS

LISTS = "C0GENERAL"


async def told(stage: Stage, job_id: int) -> int:
    """In how many messages of their own accord the person hears of a job's end."""
    messages = await stage.elena.messages(stage.elena.im)
    return sum(f"#{job_id}" in it.text and "Finished" in it.text for it in messages)


async def newest(stage: Stage) -> Message | None:
    return next(iter((await stage.elena.messages(LISTS))[::-1]), None)


async def settled(stage: Stage) -> None:
    """Let all that is owed be told, and what is not certain be looked up, in its time."""
    await _none_is(stage, "sending")
    stage.clock.forward(minutes=3)
    await _none_is(stage, "pending", "sending", "uncertain")


async def _none_is(stage: Stage, *states: str) -> None:
    async def none() -> bool | None:
        async with stage.bot.services.store._database.read() as connection:
            some = await connection.execute(text(f"SELECT 1 FROM notices WHERE state IN {(*states, '')}"))
            return some.first() is None or None

    await wait_for(none, f"nothing to be {states}", 60)


async def well_again(stage: Stage, case: Case, job_id: int) -> None:
    """Once the fault is over, its job is told, once, and commands are answered."""
    elena = stage.elena
    await elena.wait_for_message(f"#{job_id}", elena.im, timeout=case.again)
    before = await newest(stage)

    async def asked() -> bool | None:
        try:
            await elena.say("/ecotaxa jobs")
        except Failed:
            return None
        return True

    await wait_for(asked, "a command to be heard", case.again)
    await elena.wait_for_message(f"#{job_id}", LISTS, after=before, timeout=case.again)
    await settled(stage)
    await looked(stage.driver, 2)
    assert await told(stage, job_id) == 1
    said = str([(it.text, it.blocks) for it in await elena.messages()])
    assert [text for text in (*INNARDS, "Something went wrong") if text in said] == []
    assert stage.elsewhere.got == 0
    await stage.driver.ecotaxa.erase(job_id)


async def ails(stage: Stage, case: Case) -> None:
    """Somebody asks while a peer ails that is needed for the answer, and a job ends meanwhile."""
    elena, ailing = stage.elena, stage.proxies[case.host]
    before, fault = await newest(stage), case.how(stage)
    ailing.ail(fault)
    job_id = await stage.driver.ecotaxa.start("export")
    await elena.say("/ecotaxa jobs")
    if case.sees:
        shown = await elena.wait_for_message(case.sees, LISTS, after=before, timeout=case.within)
        assert shown.ephemeral
    await comes_to(stage.driver, job_id, "F")
    await looked_around(stage, case)
    if not case.sees:
        assert await newest(stage) == before
    await met(ailing)
    assert ailing.most < proxy.ENDLESS_BYTES / 2
    ailing.mend()
    await well_again(stage, case, job_id)


async def met(ailing: Proxy) -> None:
    """Wait until the bot has met the fault: for another socket it looks every second, not at once."""

    async def hit() -> bool | None:
        # A certificate is refused before anything is sent through.
        return ailing.hits > 0 or bool(ailing.fault.certificate) or None

    await wait_for(hit, "the bot to meet the fault")


async def looked_around(stage: Stage, case: Case) -> None:
    """Let the bot see what is new, and try to tell it, if it can."""
    if case.host == "Slack":
        await looked(stage.driver, 4)


async def is_deaf(stage: Stage, case: Case) -> None:
    """The socket ails: what people do does not reach the bot, but news reach them."""
    elena, ailing = stage.elena, stage.proxies[case.host]
    before, fault = await newest(stage), case.how(stage)
    ailing.ail(fault)
    job_id = await stage.driver.ecotaxa.start("export")
    if not fault.certificate:
        await elena.wait_for_message(f"#{job_id}", elena.im, timeout=15)
    if case.sees:
        await elena.say("/ecotaxa jobs")
        await elena.wait_for_message(case.sees, LISTS, after=before, timeout=case.within)
    else:
        with pytest.raises(Failed):
            await elena.say("/ecotaxa jobs")
    await met(ailing)
    ailing.mend()
    await well_again(stage, case, job_id)


async def test_ecotaxa_ails(tmp_path: Path) -> None:
    await play(lambda number: staged(tmp_path, number), ails, cases.ECOTAXA)


async def test_slack_ails(tmp_path: Path) -> None:
    await play(lambda number: staged(tmp_path, number), ails, cases.SLACK)


async def test_the_socket_ails(tmp_path: Path) -> None:
    await play(lambda number: staged(tmp_path, number), is_deaf, cases.SOCKET)


async def test_postgresql_ails(tmp_path: Path, postgres: str) -> None:
    @asynccontextmanager
    async def enter(number: int) -> AsyncIterator[Stage]:
        async with (
            another_database(postgres, f"faults_{number}") as address,
            staged(tmp_path, number, address) as stage,
        ):
            yield stage

    await play(enter, ails, cases.POSTGRESQL)


async def jumps(stage: Stage, case: Case) -> None:
    """The clock is another from one moment to the next; the story goes on."""
    elena = stage.elena
    earlier = await stage.driver.ecotaxa.start("export")
    await elena.wait_for_message(f"#{earlier}", elena.im, timeout=case.again)
    await stage.driver.ecotaxa.erase(earlier)
    stage.clock.forward(hours=2 if "forwards" in case.fault else -2)
    # What is not certain is looked for in Slack, whose clock is another.
    await stage.driver.slack.break_(api={"chat.postMessage": {"mode": "post_then_500", "times": 1}})
    job_id = await stage.driver.ecotaxa.start("export")
    await comes_to(stage.driver, job_id, "F")
    await well_again(stage, case, job_id)


async def test_the_clock_jumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One after the other on the same stage: first ahead, then back.
    async with staged(tmp_path, 0) as stage:
        set_timers(stage.clock, monkeypatch)
        await link(stage.elena)
        await looked(stage.driver)
        for case in cases.CLOCK:
            await jumps(stage, case)


async def _post_late(_connection: Connection, data: bytes) -> bytes:
    await asyncio.sleep(4 if b"chat.postMessage" in data else 0)
    return data


async def test_what_is_being_sent_when_the_clock_jumps_forwards_is_told_once(tmp_path: Path) -> None:
    async with staged(tmp_path, 0) as stage:
        await link(stage.elena)
        await looked(stage.driver)
        stage.proxies["Slack"].ail(Fault(out=_post_late, cuts=True, only=False))
        job_id = await stage.driver.ecotaxa.start("export")
        await comes_to(stage.driver, job_id, "F")
        await looked(stage.driver, 2)
        assert await told(stage, job_id) == 0
        stage.clock.forward(minutes=3)
        await stage.elena.wait_for_message(f"#{job_id}", stage.elena.im)
        await looked(stage.driver, 8)  # as long as a second one would be on its way
        await settled(stage)
        assert await told(stage, job_id) == 1


@asynccontextmanager
async def another_database(address: str, name: str) -> AsyncIterator[str]:
    """A database of its own on a server, until the end of the block."""
    engine = create_async_engine(database_url(address), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield make_url(address).set(database=name).render_as_string(hide_password=False)
        finally:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()

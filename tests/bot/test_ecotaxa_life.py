"""The client against the sandbox's EcoTaxa: what people do, from sign-in to the last erasure."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.ecotaxa import EcoTaxa
from bot.errors import (
    LoginRefused,
    NoFile,
    NotAllowed,
    NotFound,
    TokenRejected,
    Unavailable,
    UnexpectedAnswer,
)
from bot.jobs import Answer, Job, JobState
from bot.links import Token
from bot.names import TaxonMemory
from bot.sandbox.ecotaxa import EcoTaxa as Sandbox

ELENA, AMELIE, ADA = "elena@lab.example", "amelie@lab.example", "ada@lab.example"


@dataclass(frozen=True)
class Lab:
    """An EcoTaxa that runs fifty times as fast, and a client of it."""

    ecotaxa: EcoTaxa
    control: httpx.AsyncClient

    async def do(self, what: str, **body: object) -> Any:
        answer = await self.control.post(what, json=body)
        return answer.raise_for_status().json()

    async def token(self, email: str) -> Token:
        return await self.ecotaxa.login(email, "plankton")

    async def until(self, token: Token, job_id: int, state: JobState) -> Job:
        while True:
            job = await self.ecotaxa.get_job(token, job_id)
            if job.state is state:
                return job
            await asyncio.sleep(0.02)


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    app = web.Application()
    Sandbox(speed=50).add_to(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    ecotaxa = EcoTaxa(url + "/ecotaxa/api", retry_pause=0.0)
    async with httpx.AsyncClient(base_url=url + "/_control/ecotaxa/") as control:
        yield Lab(ecotaxa, control)
    await ecotaxa.aclose()
    await runner.cleanup()


async def test_an_export_is_followed_fetched_and_erased(lab: Lab) -> None:
    token = await lab.token(ELENA)
    job_id = (await lab.do("start", **{"as": ELENA, "kind": "export"}))["job_id"]
    job = await lab.until(token, job_id, JobState.FINISHED)

    async with lab.ecotaxa.get_job_file(token, job_id) as file:
        content = b"".join([chunk async for chunk in file.chunks])
    async with lab.ecotaxa.get_job_file(token, job_id, 100) as file:
        rest = b"".join([chunk async for chunk in file.chunks])
    async with lab.ecotaxa.get_job_log(token, job_id) as chunks:
        log = b"".join([chunk async for chunk in chunks])
    assert (file.filename, file.length) == (job.out_file, len(content))
    assert content.startswith(b"PK")
    assert rest == content[100:]
    assert b"Creating job" in log

    assert [job.id for job in await lab.ecotaxa.list_jobs(token)] == [job_id]
    assert await lab.ecotaxa.list_jobs(token, JobState.ASKING) == []
    await lab.ecotaxa.erase_job(token, job_id)
    with pytest.raises(NotFound):
        await lab.ecotaxa.get_job(token, job_id)


async def test_a_question_is_answered_and_its_taxa_remembered(lab: Lab) -> None:
    token = await lab.token(ELENA)
    job_id = (await lab.do("start", **{"as": ELENA, "kind": "ask", "project": 1}))["job_id"]
    question = (await lab.until(token, job_id, JobState.ASKING)).question
    assert question is not None
    (user, *_) = await lab.ecotaxa.search_users(token, "Rodriguez")
    (taxon, *_) = await lab.ecotaxa.search_taxa(token, "oncae", 1)
    memory = await lab.ecotaxa.get_taxon_memory(token, 1)

    answer = Answer(dict.fromkeys(question.users, user.id), dict.fromkeys(question.taxa, taxon.id))
    await lab.ecotaxa.answer_job(token, job_id, answer)
    grown = TaxonMemory({**memory.from_to, **answer.taxa}, memory.doc)
    await lab.ecotaxa.put_taxon_memory(token, 1, grown)

    await lab.until(token, job_id, JobState.FINISHED)
    assert await lab.ecotaxa.get_taxon_memory(token, 1) == grown
    with pytest.raises(NotFound):
        await lab.ecotaxa.get_taxon_memory(token, 99999)


async def test_a_killed_job_is_restarted(lab: Lab) -> None:
    token = await lab.token(ELENA)
    job_id = (await lab.do("start", **{"as": ELENA, "kind": "prediction"}))["job_id"]
    await lab.ecotaxa.erase_job(token, job_id)
    job = await lab.until(token, job_id, JobState.ERROR)
    assert job.was_killed
    with pytest.raises(NoFile):
        async with lab.ecotaxa.get_job_file(token, job_id):
            pass

    await lab.ecotaxa.restart_job(token, job_id)
    job = await lab.ecotaxa.get_job(token, job_id)

    assert not job.was_killed


async def test_another_persons_job_is_not_to_be_touched(lab: Lab) -> None:
    job_id = (await lab.do("start", **{"as": ELENA, "kind": "prediction"}))["job_id"]
    token = await lab.token(AMELIE)

    for call in (lab.ecotaxa.get_job, lab.ecotaxa.restart_job, lab.ecotaxa.erase_job):
        with pytest.raises(NotAllowed):
            await call(token, job_id)
    assert await lab.ecotaxa.list_jobs(token) == []


async def test_accounts_tell_who_may_do_what(lab: Lab) -> None:
    elena, ada = await lab.token(ELENA), await lab.token(ADA)

    assert (await lab.ecotaxa.me(elena)).email == ELENA
    assert not (await lab.ecotaxa.me(elena)).is_admin
    assert (await lab.ecotaxa.me(ada)).is_admin


@pytest.mark.parametrize(
    ("email", "password"),
    [(ELENA, "wrong"), ("nobody@lab.example", "plankton"), ("gone@lab.example", "plankton"), ("", "")],
)
async def test_a_bad_sign_in_is_refused(email: str, password: str, lab: Lab) -> None:
    with pytest.raises(LoginRefused):
        await lab.ecotaxa.login(email, password)


async def test_a_token_that_is_no_longer_good_is_rejected(lab: Lab) -> None:
    good = await lab.token(ELENA)
    old = Token.read((await lab.do("token", **{"as": ELENA, "age_days": 32}))["token"])
    tampered = Token.read(good.secret[:-1] + ("A" if good.secret[-1] != "A" else "E"))
    for token in (old, tampered):
        with pytest.raises(TokenRejected):
            await lab.ecotaxa.get_job(token, 1)

    await lab.do("deactivate", **{"as": ELENA, "active": False})
    with pytest.raises(TokenRejected):
        await lab.ecotaxa.list_jobs(good)
    await lab.do("deactivate", **{"as": ELENA, "active": True})
    assert await lab.ecotaxa.list_jobs(good) == []

    await lab.do("new_secret")
    with pytest.raises(TokenRejected):
        await lab.ecotaxa.list_jobs(good)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"down": True}, Unavailable),
        ({"status": 500, "body": "stacktrace"}, Unavailable),
        ({"status": 200, "body": "html"}, UnexpectedAnswer),
        ({"garbage": True}, UnexpectedAnswer),
    ],
)
async def test_an_ailing_server_is_told_and_then_heals(
    fault: dict[str, object], error: type[Exception], lab: Lab
) -> None:
    token = await lab.token(ELENA)
    await lab.do("break", **fault)
    with pytest.raises(error):
        await lab.ecotaxa.list_jobs(token)

    await lab.do("break", heal=True)
    assert await lab.ecotaxa.list_jobs(token) == []


async def test_a_short_outage_goes_unnoticed(lab: Lab) -> None:
    token = await lab.token(ELENA)
    await lab.do("break", down=True, times=2)

    assert await lab.ecotaxa.list_jobs(token) == []


async def test_five_thousand_old_jobs_are_listed(lab: Lab) -> None:
    token = await lab.token(ELENA)
    await lab.do("jobs", **{"as": ELENA, "count": 5000, "state": "F", "padding": 900})

    assert len(await lab.ecotaxa.list_jobs(token)) == 5000

"""The client against servers that behave and misbehave, over real sockets."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from bot.ecotaxa import EcoTaxa
from bot.ecotaxa.client import MOST_PROJECTS
from bot.ecotaxa.meaning import anything
from bot.ecotaxa.wire import Call, Wire
from bot.errors import (
    EcoTaxaError,
    NotFound,
    TokenRejected,
    Unavailable,
    UnexpectedAnswer,
)
from bot.jobs import Answer, Job, JobState
from bot.links import Token
from bot.metrics import Metrics
from bot.names import Account, Project, Taxon, TaxonMemory, User
from bot.tls import trusting
from tests.bot.scripted_server import Act, ScriptedServer, after, be_silent, hang_up, say, send, serving

SECRET = "eyJ1c2VyX2lkIjoyfQ.awQhvw.Mn5PDG7-lcAzvAvni8BsXTGZUOs"
TOKEN = Token.read(SECRET)
JOB = {"id": 7, "state": "R"}
MARTIN = {"id": 3, "name": "Ana Martin", "email": "ana@lab.example", "organisation": "LOV"}
ONCAEA = {"id": 9, "status": "A", "text": "Oncaeidae", "pr": 1, "aphia_id": 1, "renm_id": None}
CYCLOPOIDA = {
    "id": 45072,
    "display_name": "Cyclopoida",
    "status": "D",
    "renm_id": 4,
    "lineage": ["Cyclopoida", "Biota"],
}
MEMORY = {"from_to": {"part": 45072, "dust": None}, "doc": {"part": "seen in Slack"}}
STACK_TRACE = b'\n--- BACK-END ---\n  File "/app/py/main.py", line 236, in dispatch\n'

Make = Callable[..., EcoTaxa]


@dataclass(frozen=True)
class Operation:
    call: Callable[[EcoTaxa], Awaitable[object]]
    method: str
    target: str
    reply: Any
    result: object
    sends: Any = None


READS = {
    "me": Operation(
        lambda e: e.me(TOKEN),
        "GET",
        "/users/me",
        {"id": 2, "email": "e", "name": "Elena", "organisation": "ICM", "can_do": [1, 2], "password": "?"},
        Account(2, "e", "Elena", "ICM", frozenset({1, 2})),
    ),
    "list_jobs": Operation(lambda e: e.list_jobs(TOKEN), "GET", "/jobs/", [JOB], [Job.parse(JOB)]),
    "list_jobs in a state": Operation(
        lambda e: e.list_jobs(TOKEN, JobState.RUNNING),
        "GET",
        "/jobs/?job_status=R",
        [JOB, {"id": 8, "state": "F"}],
        [Job.parse(JOB), Job.parse({"id": 8, "state": "F"})],
    ),
    "list_jobs of a type, everybody's": Operation(
        lambda e: e.list_jobs(TOKEN, JobState.ERROR, job_type="Subset", everyone=True),
        "GET",
        "/jobs/?job_status=E&job_type=Subset&for_admin=true",
        [JOB],
        [Job.parse(JOB)],
    ),
    "get_job": Operation(lambda e: e.get_job(TOKEN, 7), "GET", "/jobs/7/", JOB, Job.parse(JOB)),
    "search_users": Operation(
        lambda e: e.search_users(TOKEN, " martin "),
        "GET",
        "/users/search?by_name=%25martin%25",
        [MARTIN],
        [User(3, "Ana Martin", "ana@lab.example", "LOV")],
    ),
    "get_user": Operation(
        lambda e: e.get_user(TOKEN, 3),
        "GET",
        "/users/3",
        MARTIN,
        User(3, "Ana Martin", "ana@lab.example", "LOV"),
    ),
    "search_projects": Operation(
        lambda e: e.search_projects(TOKEN, " tara "),
        "GET",
        "/projects/search?title_filter=tara&window_start=0&window_size=100",
        [{"projid": 5, "title": "Tara Pacific", "status": "Annotate"}, {"id": 6, "title": "no number"}],
        [Project(5, "Tara Pacific")],
    ),
    "get_project": Operation(
        lambda e: e.get_project(TOKEN, 5),
        "GET",
        "/projects/5",
        {"projid": 5, "title": "Tara Pacific", "managers": []},
        Project(5, "Tara Pacific"),
    ),
    "search_taxa": Operation(
        lambda e: e.search_taxa(TOKEN, "oncae", 1),
        "GET",
        "/taxon_set/search?query=oncae&project_id=1",
        [ONCAEA],
        [Taxon(9, "Oncaeidae", "A", is_preset=True)],
    ),
    "search_taxa without a project": Operation(
        lambda e: e.search_taxa(TOKEN, ""), "GET", "/taxon_set/search?query=", [], []
    ),
    "get_taxon": Operation(
        lambda e: e.get_taxon(TOKEN, 45072),
        "GET",
        "/taxon/45072",
        CYCLOPOIDA,
        Taxon(45072, "Cyclopoida", "D", False, 4, ("Cyclopoida", "Biota")),
    ),
    "get_taxon_memory": Operation(
        lambda e: e.get_taxon_memory(TOKEN, 5),
        "GET",
        "/taxo_recast?target_id=5&operation=project_import&is_collection=false",
        MEMORY,
        TaxonMemory({"part": 45072, "dust": None}, {"part": "seen in Slack"}),
    ),
}
EFFECTS = {
    "login": Operation(
        lambda e: e.login("elena@lab.example", "plankton"),
        "POST",
        "/login",
        SECRET,
        TOKEN,
        {"username": "elena@lab.example", "password": "plankton"},
    ),
    "answer_job": Operation(
        lambda e: e.answer_job(TOKEN, 7, Answer({"e. rodriguez": 3})),
        "POST",
        "/jobs/7/answer",
        None,
        None,
        {"users": {"e. rodriguez": 3}, "taxa": {}},
    ),
    "restart_job": Operation(lambda e: e.restart_job(TOKEN, 7), "GET", "/jobs/7/restart", None, None),
    "erase_job": Operation(lambda e: e.erase_job(TOKEN, 7), "DELETE", "/jobs/7", None, None),
    "put_taxon_memory": Operation(
        lambda e: e.put_taxon_memory(TOKEN, 5, TaxonMemory({"part": 1, "dust": None}, {"part": "why"})),
        "PUT",
        "/taxo_recast",
        None,
        None,
        {
            "target_id": 5,
            "operation": "project_import",
            "is_collection": False,
            "recast": {"from_to": {"part": 1, "dust": None}, "doc": {"part": "why"}},
        },
    ),
}
ALL = READS | EFFECTS


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Makes clients that pause for nothing, and closes them."""
    made: list[EcoTaxa] = []

    def client(server: ScriptedServer, patience: float = 5.0) -> EcoTaxa:
        made.append(EcoTaxa(server.url + "/", patience=patience, retry_pause=0.0))
        return made[-1]

    yield client
    for ecotaxa in made:
        await ecotaxa.aclose(grace=0.0)


@pytest.mark.parametrize("operation", ALL.values(), ids=ALL)
async def test_every_operation_asks_as_the_server_wants_and_reads_what_it_says(
    operation: Operation, make: Make
) -> None:
    async with serving(say(operation.reply)) as server:
        result = await operation.call(make(server))

    (asked,) = server.asked
    assert result == operation.result
    assert (asked.method, asked.target) == (operation.method, "/api" + operation.target)
    assert (json.loads(asked.body) if asked.body else None) == operation.sends
    assert asked.headers["user-agent"].startswith("ecotaxa-bot/")
    assert asked.headers.get("authorization") == (
        None if operation is EFFECTS["login"] else f"Bearer {SECRET}"
    )


@pytest.mark.parametrize("failure", [hang_up, send(500, STACK_TRACE), send(503, b"<html>later</html>")])
@pytest.mark.parametrize("operation", READS.values(), ids=READS)
async def test_a_read_that_fails_twice_is_made_a_third_time(
    operation: Operation, failure: Act, make: Make
) -> None:
    async with serving(failure, failure, say(operation.reply)) as server:
        assert await operation.call(make(server)) == operation.result

        assert len(server.asked) == 3


@pytest.mark.parametrize(
    "failure", [hang_up, send(500, STACK_TRACE), send(503, b""), send(200, b"{", announced=9)]
)
async def test_a_read_is_given_up_after_the_third_time(failure: Act, make: Make) -> None:
    async with serving(failure) as server:
        with pytest.raises(Unavailable):
            await make(server).get_job(TOKEN, 7)

        assert len(server.asked) == 3


@pytest.mark.parametrize(
    "failure", [hang_up, send(500, STACK_TRACE), send(503, b""), send(200, b"n", announced=4)]
)
@pytest.mark.parametrize("operation", EFFECTS.values(), ids=EFFECTS)
async def test_an_effect_is_never_sent_twice(operation: Operation, failure: Act, make: Make) -> None:
    async with serving(failure, say(operation.reply)) as server:
        with pytest.raises(Unavailable) as caught:
            await operation.call(make(server))

        assert len(server.asked) == 1
        assert ("cannot tell" in caught.value.hint) == (operation is not EFFECTS["login"])


@pytest.mark.parametrize("operation", EFFECTS.values(), ids=EFFECTS)
async def test_an_effect_that_was_never_sent_leaves_no_doubt(operation: Operation, make: Make) -> None:
    async with serving(say(None)) as server:
        ecotaxa = make(server)
    with pytest.raises(Unavailable) as caught:
        await operation.call(ecotaxa)

    assert caught.value.hint == Unavailable.hint


async def test_an_effect_is_tried_again_where_no_connection_could_be_made(make: Make) -> None:
    async with serving(say(None)) as gone:
        address = gone.url
    port = int(address.split(":")[2].split("/")[0])
    wire = EcoTaxa(address, retry_pause=0.5)
    erasing = asyncio.create_task(wire.erase_job(TOKEN, 7))
    await asyncio.sleep(0)

    async with serving(say(None), port=port) as server:
        await erasing

        assert server.targets == ["/api/jobs/7"]
    await wire.aclose()


async def test_a_reset_of_a_kept_alive_connection_goes_unnoticed(make: Make) -> None:
    async with serving(say(JOB), hang_up, say(JOB)) as server:
        ecotaxa = make(server)
        await ecotaxa.get_job(TOKEN, 7)
        await ecotaxa.get_job(TOKEN, 7)

        assert (len(server.asked), server.connections) == (3, 2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (send(200, b"<html>Please log in</html>", content_type="text/html"), UnexpectedAnswer),
        (send(200, b'[{"id": 7, "sta', content_type="application/json"), UnexpectedAnswer),
        (send(200, b"[" * 100_000), UnexpectedAnswer),
        (send(200, b"\xff\xfe"), UnexpectedAnswer),
        (send(200, b"zz", content_encoding="gzip"), UnexpectedAnswer),
        (send(204, b""), UnexpectedAnswer),
        (say("a text"), UnexpectedAnswer),
        (say({"id": 7}), UnexpectedAnswer),
        (say({"detail": "Method Not Allowed"}, 405), UnexpectedAnswer),
        (say({"detail": "Could not validate credentials"}, 401), TokenRejected),
        (say({"detail": "Not authenticated"}, 403), TokenRejected),
        (say({"detail": "You can't do this."}, 403), TokenRejected),
        (say({"detail": "Not found."}, 404), NotFound),
        (say({"detail": "busy"}, 429), Unavailable),
    ],
)
async def test_a_bad_answer_to_the_list_is_told_by_its_class(
    answer: Act, error: type[EcoTaxaError], make: Make
) -> None:
    async with serving(answer) as server:
        with pytest.raises(error):
            await make(server).list_jobs(TOKEN)


async def test_a_silent_server_is_given_up_after_our_patience(make: Make) -> None:
    async with serving(be_silent) as server:
        with pytest.raises(Unavailable, match="ReadTimeout at GET /jobs/7/"):
            await make(server, patience=0.1).get_job(TOKEN, 7)

        assert len(server.asked) == 1


async def test_an_answer_that_trickles_is_given_up_as_well(make: Make) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with serving(trickle) as server:
        with pytest.raises(Unavailable):
            await make(server, patience=0.1).get_job(TOKEN, 7)


async def test_no_redirect_is_followed_and_the_token_stays_here(make: Make) -> None:
    async with (
        serving(say([])) as elsewhere,
        serving(say(None, 307, location=elsewhere.url + "/jobs/")) as server,
    ):
        with pytest.raises(UnexpectedAnswer):
            await make(server).list_jobs(TOKEN)

        assert (len(server.asked), len(elsewhere.asked)) == (1, 0)


async def test_one_persons_cookie_is_never_sent_for_another(make: Make) -> None:
    async with serving(say(SECRET, set_cookie="session=elena; Path=/"), say([])) as server:
        ecotaxa = make(server)
        await ecotaxa.login("elena@lab.example", "plankton")
        await ecotaxa.list_jobs(TOKEN)

        assert "cookie" not in server.asked[1].headers


async def test_a_list_of_five_megabytes_does_not_hold_up_the_others(make: Make) -> None:
    jobs = [{"id": number, "state": "F", "inside": {"padding": "x" * 900}} for number in range(1, 5001)]
    async with serving(say(jobs)) as server:
        listing = asyncio.create_task(make(server).list_jobs(TOKEN))
        loop, longest, last = asyncio.get_running_loop(), 0.0, asyncio.get_running_loop().time()
        while not listing.done():
            await asyncio.sleep(0)
            longest, last = max(longest, loop.time() - last), loop.time()

        assert len(await listing) == 5000
        assert longest < 0.5


async def test_an_entry_without_a_usable_id_is_passed_over(make: Make) -> None:
    odd: list[object] = [
        None,
        3,
        "job",
        [],
        {},
        {"id": None},
        {"id": "7"},
        {"id": True},
        {"id": -13},
        {"id": 2**31},
    ]
    async with serving(say([*odd, {"id": 7}])) as server:
        assert [job.id for job in await make(server).list_jobs(TOKEN)] == [7]


async def test_the_servers_dates_are_read_in_its_own_zone() -> None:
    paris = timezone(timedelta(hours=1))
    async with serving(say({"id": 7, "creation_date": "2026-11-23T12:00:00"})) as server:
        ecotaxa = EcoTaxa(server.url, zone=paris)
        job = await ecotaxa.get_job(TOKEN, 7)
        await ecotaxa.aclose()

    assert job.created_at == datetime(2026, 11, 23, 11, tzinfo=UTC)


@pytest.mark.parametrize("job_id", [0, -1, -13, 2**31, 10**30])
async def test_an_id_that_no_job_has_is_never_sent(job_id: int, make: Make) -> None:
    async with serving(say(None)) as server:
        ecotaxa = make(server)
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: ecotaxa.get_job(TOKEN, job_id),
            lambda: ecotaxa.answer_job(TOKEN, job_id, Answer()),
            lambda: ecotaxa.restart_job(TOKEN, job_id),
            lambda: ecotaxa.erase_job(TOKEN, job_id),
            lambda: ecotaxa.get_job_log(TOKEN, job_id).__aenter__(),
            lambda: ecotaxa.get_job_file(TOKEN, job_id).__aenter__(),
        ]
        for call in calls:
            with pytest.raises(NotFound):
                await call()
        assert await ecotaxa.get_user(TOKEN, job_id) is None
        assert await ecotaxa.get_taxon(TOKEN, job_id) is None

        assert server.asked == []


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("martin", "%martin%", ["Ana Martin", "50% Martin", "Jo_Martin", "C:\\Martin"]),
        ("%", "%%%", ["50% Martin"]),
        ("_mar", "%_mar%", ["Jo_Martin"]),
        ("\\MAR", "%_MAR%", ["C:\\Martin"]),
        ("mar\0tin\ud800", "%martin%", ["Ana Martin", "50% Martin", "Jo_Martin", "C:\\Martin"]),
    ],
)
async def test_a_search_text_matches_literally(text: str, pattern: str, found: list[str], make: Make) -> None:
    names = ["Ana Martin", "50% Martin", "Jo_Martin", "C:\\Martin"]
    async with serving(say([{"id": n, "name": name} for n, name in enumerate(names, 1)])) as server:
        users = await make(server).search_users(TOKEN, text)

    assert [user.name for user in users] == found
    assert httpx.URL(server.targets[0]).params["by_name"] == pattern


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("tara", "tara", ["Tara 50%", "Tara_1", "42"]),
        ("50%", "50%", ["Tara 50%"]),
        ("a_1", "a_1", ["Tara_1"]),
        ("\\", "_", []),
        ("42", "42", ["Tara 50%", "Tara_1", "42"]),
    ],
)
async def test_a_title_matches_literally(text: str, pattern: str, found: list[str], make: Make) -> None:
    titles = ["Tara 50%", "Tara_1", "42"]
    async with serving(say([{"projid": n, "title": title} for n, title in enumerate(titles, 1)])) as server:
        projects = await make(server).search_projects(TOKEN, text)

    assert [project.title for project in projects] == found
    assert httpx.URL(server.targets[0]).params["title_filter"] == pattern


async def test_no_more_projects_are_found_than_slack_can_offer(make: Make) -> None:
    async with serving(say([{"projid": n, "title": "Tara"} for n in range(1, 200)])) as server:
        assert len(await make(server).search_projects(TOKEN, "")) == MOST_PROJECTS


@pytest.mark.parametrize("project_id", [0, -3, 2**31])
async def test_a_project_that_cannot_be_is_not_asked_for(project_id: int, make: Make) -> None:
    async with serving(say({"projid": 1, "title": "Tara"})) as server:
        with pytest.raises(NotFound, match="an id that no project has"):
            await make(server).get_project(TOKEN, project_id)

        assert server.asked == []


@pytest.mark.parametrize("text", ["", "  ", "\t\n", "\0"])
async def test_an_empty_search_finds_nobody_and_asks_nobody(text: str, make: Make) -> None:
    async with serving(say([MARTIN])) as server:
        assert await make(server).search_users(TOKEN, text) == []

        assert server.asked == []


@pytest.mark.parametrize("signature", ["", "a b", "a\r\nX-Evil: 1", "é", "a\x00"])
async def test_a_token_that_no_server_made_is_rejected_here(signature: str, make: Make) -> None:
    token = Token(f"eyJ1c2VyX2lkIjoyfQ.awQhvw.{signature}" if signature else "", 2, datetime.now(UTC))
    async with serving(say([])) as server:
        with pytest.raises(TokenRejected):
            await make(server).list_jobs(token)

        assert server.asked == []


async def test_no_secret_is_in_any_error_or_log(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refusals = [hang_up, say({"detail": SECRET}, 500), say(SECRET, 403), send(302, SECRET.encode())]
    errors: list[BaseException] = []
    for refusal in refusals:
        async with serving(refusal) as server:
            for operation in ALL.values():
                with pytest.raises(EcoTaxaError) as caught:
                    await operation.call(make(server))
                errors.append(caught.value)

    told = "".join(f"{error!r} {error} {error.__dict__}" for error in errors) + caplog.text
    assert SECRET not in told
    assert "plankton" not in told


async def test_no_more_than_two_dozen_requests_are_under_way_at_once(make: Make) -> None:
    gate = asyncio.Event()
    async with serving(after(gate, say(JOB))) as server:
        ecotaxa = make(server)
        asking = [asyncio.create_task(ecotaxa.get_job(TOKEN, 7)) for _ in range(60)]
        await server.was_asked(24)
        gate.set()
        await asyncio.gather(*asking)

        assert len(server.asked) == 60
        assert server.connections <= 24


async def test_who_waits_too_long_for_a_place_is_told_so(make: Make) -> None:
    async with serving(be_silent) as server:
        ecotaxa = make(server, patience=0.3)
        asking = [asyncio.create_task(ecotaxa.erase_job(TOKEN, 7)) for _ in range(80)]
        ended = await asyncio.gather(*asking, return_exceptions=True)

        assert all(isinstance(error, Unavailable) for error in ended)
        assert len(server.asked) < 80


async def test_three_hundred_cancelled_requests_cost_no_place() -> None:
    chance = random.Random(7)

    async def answer_soon(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(chance.random() * 0.02)
        await say(JOB)(writer)
        if chance.random() < 0.2:
            writer.close()

    async with serving(answer_soon) as server:
        ecotaxa = EcoTaxa(server.url, connections=3)
        for _ in range(6):
            asking = [asyncio.create_task(ecotaxa.get_job(TOKEN, 7)) for _ in range(50)]
            for task in chance.sample(asking, len(asking)):
                task.cancel()
                # Mostly the next turn of the loop: there the place of one is just being given to another.
                await asyncio.sleep(chance.choice([0, 0, 0, 0.005]))
            ended = await asyncio.gather(*asking, return_exceptions=True)
            assert any(isinstance(end, asyncio.CancelledError) for end in ended)
        jobs = await asyncio.gather(*(ecotaxa.get_job(TOKEN, 7) for _ in range(100)))

        assert len(jobs) == 100
        await ecotaxa.aclose()


async def test_a_cancelled_caller_goes_at_once_and_the_effect_goes_on(make: Make) -> None:
    gate = asyncio.Event()
    async with serving(after(gate, say(None))) as server:
        ecotaxa = make(server)
        erasing = asyncio.create_task(ecotaxa.erase_job(TOKEN, 7))
        await server.was_asked()
        erasing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await erasing
        closing = asyncio.create_task(ecotaxa.aclose(grace=5.0))
        await asyncio.sleep(0.01)

        assert not closing.done()
        gate.set()
        await closing


async def test_closing_does_not_wait_for_ever() -> None:
    async with serving(be_silent) as server:
        ecotaxa = EcoTaxa(server.url)
        asking = asyncio.create_task(ecotaxa.get_job(TOKEN, 7))
        await server.was_asked()
        await ecotaxa.aclose(grace=0.05)

        with pytest.raises(Unavailable):
            await asking
        with pytest.raises(Unavailable):
            await ecotaxa.get_job(TOKEN, 7)


async def test_a_starved_pool_is_replaced() -> None:
    gate = asyncio.Event()
    async with serving(after(gate, say(JOB)), say(JOB)) as server:
        wire = Wire(
            server.url, tls=trusting(), patience=5.0, retry_pause=0.0, connections=24, metrics=Metrics()
        )
        # Requests past our own places take the whole pool, as those do that httpcore loses.
        taking = [asyncio.create_task(wire.client.get(server.url)) for _ in range(32)]
        server.script = [after(gate, say(JOB))]
        await server.was_asked(32)
        starved, server.script = wire.client, [say(JOB)]

        assert await wire.ask(Call("DELETE", "/jobs/7", TOKEN, has_effect=True), anything) == JOB
        assert wire.client is not starved
        gate.set()
        await asyncio.gather(*taking)
        await wire.aclose(1.0)


@pytest.mark.parametrize("address", ["", "ecotaxa.example", "ftp://ecotaxa.example", "https://"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="must begin with http"):
        EcoTaxa(address)

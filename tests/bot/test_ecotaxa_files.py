"""Logs and files as streams, over real sockets, with connections that break."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.ecotaxa import EcoTaxa
from bot.errors import (
    EcoTaxaError,
    Invalid,
    NoFile,
    NotAllowed,
    NotFound,
    TokenRejected,
    Unavailable,
    UnexpectedAnswer,
)
from bot.links import Token
from tests.bot.scripted_server import Act, ScriptedServer, be_silent, hang_up, say, send, serving

TOKEN = Token.read("eyJ1c2VyX2lkIjoyfQ.awQhvw.Mn5PDG7-lcAzvAvni8BsXTGZUOs")
WHOLE = bytes(range(256)) * 2000
NAME = "export__TSV_1_20261123_1125.zip"
Make = Callable[[ScriptedServer], EcoTaxa]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[EcoTaxa] = []

    def client(server: ScriptedServer) -> EcoTaxa:
        made.append(EcoTaxa(server.url, patience=5.0, retry_pause=0.0, connections=3))
        return made[-1]

    yield client
    for ecotaxa in made:
        await ecotaxa.aclose(grace=0.0)


def whole(upto: int | None = None) -> Act:
    """The file from its beginning, broken off at `upto`."""
    announced = None if upto is None else len(WHOLE)
    return send(200, WHOLE[:upto], announced=announced, content_disposition=f'attachment; filename="{NAME}"')


def rest(start: int, upto: int | None = None, *, length: int = len(WHOLE), told: int | None = None) -> Act:
    """The file from `start` on, broken off at `upto`."""
    told = start if told is None else told
    return send(
        206,
        WHOLE[start:upto],
        announced=None if upto is None else len(WHOLE) - start,
        content_disposition=f'attachment; filename="{NAME}"',
        content_range=f"bytes {told}-{length - 1}/{length}",
    )


async def read_file(ecotaxa: EcoTaxa, offset: int = 0) -> tuple[str, int, bytes]:
    async with ecotaxa.get_job_file(TOKEN, 7, offset) as file:
        return file.filename, file.length, b"".join([chunk async for chunk in file.chunks])


async def read_log(ecotaxa: EcoTaxa) -> bytes:
    async with ecotaxa.get_job_log(TOKEN, 7) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_a_file_comes_with_its_name_and_length(make: Make) -> None:
    async with serving(whole()) as server:
        assert await read_file(make(server)) == (NAME, len(WHOLE), WHOLE)

    (asked,) = server.asked
    assert (asked.method, asked.target) == ("GET", "/api/jobs/7/file")
    assert asked.headers["accept-encoding"] == "identity"
    assert "range" not in asked.headers


async def test_a_file_is_read_from_an_offset_on(make: Make) -> None:
    async with serving(rest(1000)) as server:
        assert await read_file(make(server), 1000) == (NAME, len(WHOLE), WHOLE[1000:])

    assert server.asked[0].headers["range"] == "bytes=1000-"


async def test_a_file_whose_connection_breaks_is_resumed_where_it_broke(make: Make) -> None:
    async with serving(whole(1000), hang_up, rest(1000, 300_000), rest(300_000)) as server:
        assert await read_file(make(server)) == (NAME, len(WHOLE), WHOLE)

    ranges = [asked.headers.get("range") for asked in server.asked]
    assert ranges == [None, "bytes=1000-", "bytes=1000-", "bytes=300000-"]


async def test_a_server_that_knows_no_ranges_has_the_beginning_skipped(make: Make) -> None:
    async with serving(whole(1000), whole(200_000), whole()) as server:
        assert await read_file(make(server)) == (NAME, len(WHOLE), WHOLE)


async def test_a_part_that_is_shorter_than_the_whole_is_no_end(make: Make) -> None:
    short = send(
        206,
        WHOLE[1000:2000],
        content_disposition="attachment",
        content_range=f"bytes 1000-1999/{len(WHOLE)}",
    )
    async with serving(whole(1000), short, rest(2000)) as server:
        assert (await read_file(make(server)))[2] == WHOLE


@pytest.mark.parametrize(
    "changed",
    [
        rest(1000, length=len(WHOLE) + 1),
        rest(1000, told=1001),
        send(206, WHOLE[1000:], content_disposition="attachment"),
        send(206, WHOLE[1000:], content_disposition="attachment", content_range="bytes */5"),
    ],
)
async def test_another_file_is_never_joined_to_the_first(changed: Act, make: Make) -> None:
    async with serving(whole(1000), changed) as server:
        with pytest.raises(UnexpectedAnswer):
            await read_file(make(server))


async def test_a_file_that_breaks_for_ever_is_given_up(make: Make) -> None:
    async with serving(*(whole(1000) for _ in range(20))) as server:
        with pytest.raises(Unavailable):
            await read_file(make(server))

        assert len(server.asked) == 6


async def test_a_file_that_is_purged_while_it_is_read_is_told_so(make: Make) -> None:
    async with serving(whole(1000), say({"detail": "Not found."}, 404)) as server:
        with pytest.raises(NotFound):
            await read_file(make(server))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (send(500, b"\n--- BACK-END ---", content_type="text/plain; charset=utf-8"), NoFile),
        (say(None), NoFile),
        (send(200, b"<html></html>", content_type="text/html"), NoFile),
        (send(200, b"x", content_disposition="inline"), NoFile),
        (say({"detail": "Invalid/unsupported request range"}, 416), Invalid),
        (say({"detail": "Could not validate credentials"}, 401), TokenRejected),
        (say({"detail": "You can't do this."}, 403), NotAllowed),
        (say({"detail": "Not found."}, 404), NotFound),
        (send(307, b"", location="https://elsewhere.example/"), UnexpectedAnswer),
        (send(502, b"<html></html>"), Unavailable),
        (hang_up, Unavailable),
    ],
)
async def test_an_answer_without_a_file_is_told_by_its_class(
    answer: Act, error: type[EcoTaxaError], make: Make
) -> None:
    async with serving(answer) as server:
        with pytest.raises(error):
            await read_file(make(server))


async def test_a_log_comes_whole(make: Make) -> None:
    async with serving(send(200, WHOLE, content_type="text/plain; charset=utf-8")) as server:
        assert await read_log(make(server)) == WHOLE

        assert server.targets == ["/api/jobs/7/log"]


async def test_a_log_that_breaks_off_is_read_again_from_the_start(make: Make) -> None:
    grown = WHOLE + b"one more line\n"
    async with serving(send(200, WHOLE[:70_000], announced=len(WHOLE)), send(200, grown)) as server:
        assert await read_log(make(server)) == grown

        assert all("range" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (send(500, b"stack trace", content_type="text/plain"), Unavailable),
        (send(200, b"<html></html>", content_type="text/html; charset=utf-8"), UnexpectedAnswer),
        (say({"detail": "You can't do this."}, 403), NotAllowed),
        (say({"detail": "Not found."}, 404), NotFound),
    ],
)
async def test_an_answer_without_a_log_is_told_by_its_class(
    answer: Act, error: type[EcoTaxaError], make: Make
) -> None:
    async with serving(answer) as server:
        with pytest.raises(error):
            await read_log(make(server))


async def test_a_file_that_nobody_reads_to_its_end_lets_its_place_go(make: Make) -> None:
    async with serving(whole()) as server:
        ecotaxa = make(server)
        for _ in range(20):
            async with ecotaxa.get_job_file(TOKEN, 7) as file:
                assert await anext(file.chunks)


async def test_readers_that_are_cancelled_let_their_places_go(make: Make) -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\ncontent-type: text/plain\r\n\r\nfirst")
        await writer.drain()
        await cancelled.wait()
        writer.write(b"last")

    async with serving(stall) as server:
        ecotaxa = make(server)
        for turn in range(20):
            cancelled = asyncio.Event()
            reading = asyncio.create_task(read_log(ecotaxa))
            await server.was_asked(turn + 1)
            await asyncio.sleep(0.01 * (turn % 3))
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            cancelled.set()
        server.script = [send(200, WHOLE)]

        assert await read_log(ecotaxa) == WHOLE


async def test_who_reads_while_the_client_closes_is_told_so(make: Make) -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst")
        await be_silent(writer)

    async with serving(stall) as server:
        ecotaxa = make(server)
        async with ecotaxa.get_job_log(TOKEN, 7) as chunks:
            assert await anext(chunks) == b"first"
            reading = asyncio.ensure_future(anext(chunks))
            await asyncio.sleep(0)
            await ecotaxa.aclose(grace=0.0)

            with pytest.raises(Unavailable):
                await reading
        with pytest.raises(Unavailable):
            await read_log(ecotaxa)

"""What stands before several bots: brings each request to the next of them, and knows nothing else."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "date"}


class Balancer:
    """`brought` counts the requests that each of `doors` was brought."""

    def __init__(self, doors: Sequence[str]) -> None:
        self.brought = dict.fromkeys(doors, 0)
        self._turns = itertools.cycle(doors)
        self.origin = ""

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        """Listen on a port until the block ends."""
        self.origin = f"http://127.0.0.1:{port}"
        served = web.Application(client_max_size=2_000_000)
        served.router.add_route("*", "/{rest:.*}", self._bring)
        runner = web.AppRunner(served, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as self._session:
            yield
        await runner.cleanup()

    async def _bring(self, request: web.Request) -> web.Response:
        door = next(self._turns)
        self.brought[door] += 1
        body = await request.read()
        sent = self._session.request(
            request.method,
            f"{door}{request.raw_path}",
            data=body,
            headers=request.headers,
            allow_redirects=False,
        )
        async with sent as answer:
            headers = [it for it in answer.headers.items() if it[0].lower() not in _OF_A_CONNECTION]
            return web.Response(status=answer.status, body=await answer.read(), headers=CIMultiDict(headers))

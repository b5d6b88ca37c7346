"""Whether the bot lives and is ready, and its figures: plain HTTP on a port of its own, for its operator."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot import __version__
from bot.metrics import CONTENT_TYPE

_log = structlog.get_logger(__name__)

Entry = Mapping[str, object]
"""What is told of one thing that the bot stands on; with `ok: false` the bot is not ready."""
Look = Callable[[], Awaitable[Entry]]
Page = Callable[[], Awaitable[bytes]]


@asynccontextmanager
async def telling(looks: Mapping[str, Look], figures: Page, host: str, port: int) -> AsyncIterator[None]:
    """Serve `/livez`, `/readyz` and `/metrics` until the block ends; raises OSError without the port.

    `/livez` is answered whenever the event loop turns.  `/readyz` is JSON with the version and an entry for
    each of `looks`, with 200 when the bot can work and 503 when it cannot.  `/metrics` are the `figures`, as
    Prometheus reads them.  None of them tells secrets, nor anything of people.
    """

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_request: web.Request) -> web.Response:
        told = {name: await look() for name, look in looks.items()}
        good = all(entry.get("ok", True) for entry in told.values())
        return web.json_response({"ready": good, "version": __version__} | told, status=200 if good else 503)

    async def measured(_request: web.Request) -> web.Response:
        return web.Response(body=await figures(), headers={"Content-Type": CONTENT_TYPE})

    application = web.Application()
    application.router.add_get("/livez", live)
    application.router.add_get("/readyz", ready)
    application.router.add_get("/metrics", measured)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        _log.info("telling its health", host=host, port=port)
        yield
    finally:
        await runner.cleanup()

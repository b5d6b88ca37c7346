"""Whether the bot lives and is ready, for whoever keeps it running: plain HTTP on a port of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot import __version__

_log = structlog.get_logger(__name__)

Entry = Mapping[str, object]
"""What is told of one thing that the bot stands on; with `ok: false` the bot is not ready."""
Look = Callable[[], Awaitable[Entry]]


@asynccontextmanager
async def telling(looks: Mapping[str, Look], host: str, port: int) -> AsyncIterator[None]:
    """Serve `/livez` and `/readyz` until the block ends; raises OSError when the port cannot be had.

    `/livez` is answered whenever the event loop turns.  `/readyz` is JSON with the version and an
    entry for each of `looks`, with 200 when the bot can work and 503 when it cannot.  Neither tells secrets,
    nor anything of people.
    """

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_request: web.Request) -> web.Response:
        told = {name: await look() for name, look in looks.items()}
        good = all(entry.get("ok", True) for entry in told.values())
        return web.json_response({"ready": good, "version": __version__} | told, status=200 if good else 503)

    application = web.Application()
    application.router.add_get("/livez", live)
    application.router.add_get("/readyz", ready)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        _log.info("telling its health", host=host, port=port)
        yield
    finally:
        await runner.cleanup()

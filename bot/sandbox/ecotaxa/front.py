"""What every request to the API passes through: the record, the faults, the refusals."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware
from yarl import URL

from bot.sandbox.ecotaxa.faults import Fault
from bot.sandbox.ecotaxa.refusals import STACK_TRACE, Broken, Refused, answer
from bot.sandbox.ecotaxa.world import World

API_ROOT = "/ecotaxa/api"
"""Where the API stands in the composed application."""

PUBLIC_ADDRESS = "https://ecotaxa.example:443/api"
"""Where a redirect points: the instance's public address, which nobody can reach from here."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STRUCK: web.RequestKey[list[Fault]] = web.RequestKey("struck", list)
"""The faults that a request has met, for handlers that must know."""

DROPPED: web.RequestKey[bool] = web.RequestKey("dropped", bool)
"""Set where the connection was dropped instead of an answer."""


class Front:
    """The three middlewares."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def middlewares(self) -> list[Middleware]:
        """All three, outermost first."""
        return [self.record, self.spoil, self.refuse]

    @web.middleware
    async def record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note the request and how it was answered."""
        user_id = self._world.caller_id(request.headers.get("Authorization"))
        traffic = self._world.traffic
        asked = request.method, _path(request), request.query_string, user_id
        with traffic.watch(*asked, request.headers.get("X-Request-ID")) as entry:
            response = await handler(request)
            entry["status"] = None if request.get(DROPPED) else response.status
            return response

    @web.middleware
    async def spoil(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the faults in force strike."""
        request[STRUCK] = struck = self._world.faults.strike(request.method, _path(request))
        await asyncio.sleep(sum(fault.slow for fault in struck))
        if any(fault.down for fault in struck):
            return drop(request)
        for fault in struck:
            if (instead := fault.instead()) is not None:
                return instead
        response = await handler(request)
        for fault in struck:
            if fault.truncate and isinstance(response, web.Response):
                return await _send_cut(request, fault, response)
        return response

    @web.middleware
    async def refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Say no as EcoTaxa says it."""
        try:
            return await handler(request)
        except Refused as refused:
            return answer({"detail": refused.detail}, refused.status, refused.headers)
        except Broken:
            return await _stumble(request)
        except web.HTTPMethodNotAllowed:
            return answer({"detail": "Method Not Allowed"}, 405)
        except web.HTTPNotFound:
            return await _redirect(request) or answer({"detail": "Not Found"}, 404)


def drop(request: web.Request) -> web.Response:
    """Hang up without (another) word."""
    request[DROPPED] = True
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _path(request: web.Request) -> str:
    return request.path.removeprefix(API_ROOT)


async def _stumble(request: web.Request) -> web.Response:
    """A 500, after which the server hangs up unannounced: the next request there meets a reset."""
    return await _send_and_hang_up(request, web.Response(text=STACK_TRACE, status=500))


async def _send_cut(request: web.Request, fault: Fault, whole: web.Response) -> web.Response:
    cut = fault.cut(whole)
    return cut if fault.honest_length else await _send_and_hang_up(request, cut)


async def _send_and_hang_up(request: web.Request, response: web.Response) -> web.Response:
    await response.prepare(request)
    await response.write_eof()
    if request.transport is not None:
        request.transport.close()
    return response


async def _redirect(request: web.Request) -> web.Response | None:
    """The way to the same path with (or without) a slash at its end, if something answers there."""
    path = request.path.removesuffix("/") if request.path.endswith("/") else request.path + "/"
    twin = request.clone(rel_url=URL.build(path=path))
    match = await request.match_info.apps[-1].router.resolve(twin)
    if isinstance(match.http_exception, web.HTTPNotFound):
        return None
    query = f"?{request.query_string}" if request.query_string else ""
    return web.Response(
        status=307, headers={"location": PUBLIC_ADDRESS + path.removeprefix(API_ROOT) + query}
    )

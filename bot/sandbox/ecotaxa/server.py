"""The stand-in as a whole: what it adds to a web application."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, tzinfo

from aiohttp import web

from bot.sandbox.ecotaxa.api import Api
from bot.sandbox.ecotaxa.control import Control
from bot.sandbox.ecotaxa.front import API_ROOT, Front
from bot.sandbox.ecotaxa.jobs_api import JobsApi
from bot.sandbox.ecotaxa.pages import Pages
from bot.sandbox.ecotaxa.world import World

KEEPALIVE_SECONDS = 5.0
"""After so long the real server closes an idle connection: whoever serves this gives it to aiohttp as
`keepalive_timeout`."""

CONTROL_ROOT = "/_control/ecotaxa"


class EcoTaxa:
    """A faithful EcoTaxa without a database: its jobs API, made-up people and projects, real taxa.

    `speed` divides every duration, `seed` decides the order of lists, `zone` is that of the naive dates, and
    `slots` is how many jobs may run at once.  `crowd` people have an account besides the usual ones.  `clock`
    tells the Unix seconds of all dates; jobs take the time that they take whatever it tells.
    """

    def __init__(
        self,
        speed: float = 1.0,
        seed: int = 0,
        *,
        zone: tzinfo = UTC,
        slots: int = 8,
        crowd: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._world = World(speed=speed, seed=seed, zone=zone, slots=slots, crowd=crowd, clock=clock)

    def add_to(self, app: web.Application) -> None:
        """Add the routes, and the background that starts and stops with the application."""
        world = self._world
        api = web.Application(middlewares=Front(world).middlewares)
        Api(world).add_to(api.router)
        JobsApi(world).add_to(api.router)
        control = web.Application()
        Control(world).add_to(control.router)
        Pages(world).add_to(app.router)
        app.add_subapp(API_ROOT, api)
        app.add_subapp(CONTROL_ROOT, control)

        async def hang_up(_app: web.Application) -> None:
            world.changes.close()

        async def background(_app: web.Application) -> AsyncIterator[None]:
            await world.start()
            yield
            await world.close()

        app.cleanup_ctx.append(background)
        app.on_shutdown.append(hang_up)

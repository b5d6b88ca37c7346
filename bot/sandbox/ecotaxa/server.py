"""The stand-in as a whole: what it adds to a web application."""

from collections.abc import AsyncIterator
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
    `slots` is how many jobs may run at once.
    """

    def __init__(self, speed: float = 1.0, seed: int = 0, *, zone: tzinfo = UTC, slots: int = 8) -> None:
        self._speed, self._seed, self._zone, self._slots = speed, seed, zone, slots

    def add_to(self, app: web.Application) -> None:
        """Add the routes, and the background that starts and stops with the application."""
        world = World(speed=self._speed, seed=self._seed, zone=self._zone, slots=self._slots)
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

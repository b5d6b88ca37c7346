"""The whole sandbox on one server: Slack, EcoTaxa and the page."""

from pathlib import Path

from aiohttp import web

from bot.sandbox.ecotaxa import KEEPALIVE_SECONDS, EcoTaxa
from bot.sandbox.slack import Slack, add_slack

PAGE = Path(__file__).parent / "page"

REQUEST_BYTES = 16 * 1024 * 1024
"""The largest request that is read as a whole; uploads are streamed."""


class Sandbox:
    """A Slack and an EcoTaxa to play with, on one port; port 0 takes any that is free.

    `speed` divides the durations of EcoTaxa's jobs.
    """

    def __init__(self, port: int = 0, *, host: str = "127.0.0.1", speed: float = 1.0) -> None:
        self.slack = Slack()
        self._host, self._port = host, port
        app = web.Application(client_max_size=REQUEST_BYTES)
        add_slack(app, self.slack)
        EcoTaxa(speed).add_to(app)
        app.router.add_get("/", _index)
        app.router.add_static("/page", PAGE)
        app.on_response_prepare.append(_always_fresh)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,
            keepalive_timeout=KEEPALIVE_SECONDS,
            shutdown_timeout=1,
        )

    async def start(self) -> None:
        """Serve from now on."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        self.slack.origin = self.url

    async def stop(self) -> None:
        """Stop serving."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it is served, without a slash at the end."""
        return f"http://{self._host}:{self._port}"


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html")


async def _always_fresh(request: web.Request, response: web.StreamResponse) -> None:
    # Modules that an older version left in the browser's cache would not fit the new page.
    if request.path == "/" or request.path.startswith("/page/"):
        response.headers["Cache-Control"] = "no-cache"

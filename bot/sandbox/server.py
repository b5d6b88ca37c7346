"""The whole sandbox on one server: Slack, EcoTaxa and the page."""

import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from bot.sandbox.ecotaxa import KEEPALIVE_SECONDS, EcoTaxa
from bot.sandbox.slack import BOT_TOKEN, Slack, add_slack
from bot.sandbox.slack.team import BENTHOS, NEKTON, NEUSTON, OCEAN, Keys, Organisation

PAGE = Path(__file__).parent / "page"

_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}

REQUEST_BYTES = 16 * 1024 * 1024
"""The largest request that is read as a whole; uploads are streamed."""


class Sandbox:
    """A Slack and an EcoTaxa to play with, on one port; port 0 takes any that is free.

    `speed` divides the durations of EcoTaxa's jobs; `cast` tells the page who is what, by a person's id.
    `patience` is how many seconds an acknowledgement and a trigger may take, instead of Slack's 3: for
    tests on a busy machine.  `crowd` people more than the usual ones are in both: see `bot.sandbox.crowd`.
    A second workspace is at `/second`, with no app in it; two more, of one organisation, are at `/nekton`
    and `/neuston`.
    `clock` tells the Unix seconds with which both stamp and measure everything but the running of jobs.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        speed: float = 1.0,
        patience: float | None = None,
        crowd: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.slack = Slack(crowd, clock, keys=Keys({BOT_TOKEN: None}))
        self.second = Slack(0, clock, team=BENTHOS, app=self.slack.app, prefix="/second")
        ocean = Organisation(*OCEAN)
        self.nekton, self.neuston = (
            Slack(0, clock, team=team, app=self.slack.app, organisation=ocean, prefix=prefix)
            for team, prefix in ((NEKTON, "/nekton"), (NEUSTON, "/neuston"))
        )
        # What a token of all may be used for in either: a call names it, and not the workspace.
        self.neuston.tickets = self.nekton.tickets
        for slack in self._workspaces:
            # Through an app's socket comes what any workspace has for it.
            slack.delivery.sockets = self.slack.delivery.sockets
            if patience is not None:
                slack.delivery.patience = slack.tickets.trigger_seconds = patience
        self.cast: dict[str, str] = {}
        self._host, self._port = host, port
        app = web.Application(client_max_size=REQUEST_BYTES)
        for slack in self._workspaces:
            add_slack(app, slack)
        EcoTaxa(speed, crowd=crowd, clock=clock).add_to(app)
        app.router.add_get("/", _index)
        app.router.add_get("/cast", self._tell_cast)
        app.router.add_get("/page/{name}", _part)
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
        for slack in self._workspaces:
            slack.origin = self.url + slack.prefix

    @property
    def _workspaces(self) -> list[Slack]:
        return [self.slack, self.second, self.nekton, self.neuston]

    async def stop(self) -> None:
        """Stop serving."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it is served, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    async def _tell_cast(self, _request: web.Request) -> web.Response:
        return web.json_response(self.cast)


async def _index(_request: web.Request) -> web.Response:
    # Named here, all modules come at once: otherwise a browser hears of each only from the one before.
    modules = sorted(path.name for path in PAGE.glob("*.js"))
    ahead = "".join(f'<link rel="modulepreload" href="/page/{name}" />' for name in modules)
    html = (PAGE / "index.html").read_text(encoding="utf-8").replace("</head>", f"{ahead}</head>")
    return _compressed(web.Response(text=html, content_type="text/html"))


async def _part(request: web.Request) -> web.Response:
    path = PAGE / request.match_info["name"]
    if path not in PAGE.iterdir():
        raise web.HTTPNotFound
    text = path.read_text(encoding="utf-8")
    return _compressed(web.Response(text=text, content_type=_TYPES[path.suffix]))


def _compressed(response: web.Response) -> web.Response:
    response.enable_compression()
    return response


async def _always_fresh(request: web.Request, response: web.StreamResponse) -> None:
    # Modules that an older version left in the browser's cache would not fit the new page.
    if request.path == "/" or request.path.startswith("/page/"):
        response.headers["Cache-Control"] = "no-cache"

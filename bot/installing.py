"""The pages on which people install the bot into their workspace: to Slack, and back with its answer."""

import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from math import ceil
from urllib.parse import quote, urlencode

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation

from bot import limits, messages, page, webapi
from bot.doctor import SCOPES
from bot.errors import DatabaseUnusable
from bot.gate import LIMITS, client_of, nameless
from bot.language import mark, say, speaking
from bot.links import Workspace
from bot.manifest import INSTALL_PATH, REDIRECT_PATH
from bot.metrics import Metrics
from bot.rates import Rates
from bot.settings import Settings
from bot.slack import Slack
from bot.store import Store
from bot.workspaces import Workspaces

_log = structlog.get_logger(__name__)

COOKIE = "__Host-ecotaxa-bot-install"
"""Binds the way back to the browser that went; by its name no other host can have set it."""
_TITLE = mark("Installing EcoTaxa")
_REFUSED = mark("Slack refused. Nothing was installed. Please begin anew.")
_WHY: Mapping[str, str] = {
    "access_denied": mark("You did not allow it at Slack, so nothing was installed."),
    "invalid_browser": mark(
        "This is not the browser that went to Slack, it keeps no cookies, or the way back was used already."
        " If EcoTaxa is not installed yet, begin anew."
    ),
    "invalid_state": mark(
        "This way back was used already, or took longer than ten minutes. If EcoTaxa is not installed yet,"
        " begin anew."
    ),
    "storage_error": mark("I cannot get at my own records right now. Please begin anew in a few minutes."),
    "unavailable": mark("Slack does not answer right now. Please begin anew in a few minutes."),
}

Way = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


def connected(
    settings: Settings, store: Store, tls: ssl.SSLContext, clock: Callable[[], datetime], metrics: Metrics
) -> "tuple[Slack, Installing | None]":
    """Slack with the one token there is, or with one for each workspace that installs the bot by these pages.

    Must be called where an event loop runs.
    """
    one, api_url = settings.slack_bot_token, settings.slack_api_url
    if one is not None:
        secret = one.get_secret_value()
        return Slack.connect(token=secret, api_url=api_url, tls=tls, metrics=metrics), None
    client = webapi.connect(token=None, api_url=api_url, tls=tls, metrics=metrics)
    client_id, proof = settings.slack_client_id or "", settings.slack_client_secret
    app = client_id, proof.get_secret_value() if proof else ""
    public_url = settings.public_url or ""
    # Rates go by a clock of their own, which nobody puts back.
    installing = Installing(Slack(client, Rates(), metrics), store, app, public_url, clock)
    return Slack(client, Rates(), metrics, token_of=installing.workspaces.token), installing


class Installing:
    """Leads to Slack's page, and keeps what Slack gives for who comes back from it.

    Each way is good for one return within ten minutes, in the browser that went, at whatever process.
    """

    def __init__(
        self,
        door: Slack,
        store: Store,
        app: tuple[str, str],
        public_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        """`app` are its client id and its secret; through `door`, without a token, it speaks for itself."""
        self._runner: web.AppRunner | None = None
        client_id, client_secret = app
        self._install_url = install_url = public_url + INSTALL_PATH
        self.workspaces = Workspaces(store, door, app, install_url=install_url, clock=clock)
        self._limit = limits.of_installing(lambda: clock().timestamp())
        # Beside the Web API, wherever that is.
        self._slack_url = door.client.base_url.rstrip("/").removesuffix("/api")
        settings = AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=[*SCOPES],
            redirect_uri=public_url + REDIRECT_PATH,
            authorization_url=self._slack_url + "/oauth/v2/authorize",
            install_page_rendering_enabled=False,
            callback_options=AsyncCallbackOptions(success=self._installed, failure=self._failed),
            installation_store=self.workspaces.installations,
            state_store=store.states(clock),
            state_cookie_name=COOKIE,
        )
        # The library would log the code that it could not use.
        silent = logging.Logger("oauth", logging.CRITICAL)
        self._flow = AsyncOAuthFlow(client=door.client, logger=silent, settings=settings)

    async def serve(self, port: int) -> None:
        """Serve the two pages alone, where Slack's requests come through a socket."""
        served = web.Application()
        served.on_response_prepare.append(nameless)
        self.add_to(served)
        self._runner = web.AppRunner(served, **LIMITS)
        await self._runner.setup()
        await web.TCPSite(self._runner, port=port).start()

    async def close(self) -> None:
        """Serve them no longer."""
        if self._runner is not None:
            await self._runner.cleanup()

    def add_to(self, served: web.Application) -> None:
        """Serve the two pages."""
        served.router.add_get(INSTALL_PATH, self._go, allow_head=False)
        served.router.add_get(REDIRECT_PATH, self._come_back, allow_head=False)

    async def _go(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._flow.handle_installation)

    async def _come_back(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._flow.handle_callback)

    async def _answered(self, request: web.Request, way: Way) -> web.Response:
        """Answer in the browser's language, and nobody too often."""
        with speaking(page.asked_language(request.headers.get("Accept-Language", ""))):
            if seconds := self._limit.take(client_of(request)):
                return _put_off(seconds)
            try:
                answer = await way(_asked(request))
            except DatabaseUnusable:
                answer = self._refused(503, _WHY["storage_error"])
            except (aiohttp.ClientError, TimeoutError) as error:
                _log.warning("not installed", why=type(error).__name__)
                answer = self._refused(502, _WHY["unavailable"])
        response = await to_aiohttp_response(answer)
        response.headers.update(page.HEADERS)
        return response

    async def _installed(self, args: AsyncSuccessArgs) -> BoltResponse:
        done = args.installation
        self.workspaces.forget(Workspace(done.enterprise_id, done.team_id or ""))
        _log.info("installed", enterprise=done.enterprise_id, team=done.team_id)
        if done.is_enterprise_install:
            text = say(
                "EcoTaxa is installed for {name}. Now choose in Slack which of its workspaces may use it.",
                name=done.enterprise_name or done.enterprise_id,
            )
            way = _choosing(done), say("Choose workspaces")
        else:
            text = say(
                "EcoTaxa is installed in {name}. Go back to Slack and type `/ecotaxa help`.",
                name=done.team_name or done.team_id,
            )
            app = {"app": done.app_id or "", "team": done.team_id or ""}
            way = f"{self._slack_url}/app_redirect?{urlencode(app)}", say("Open Slack")
        return self._page(200, say("Installed"), text, way)

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        # Whoever opens the address says what the reason is: only known ones are logged.
        why = args.reason if args.reason in _WHY else "refused by Slack"
        _log.info("not installed", why=why)
        return self._refused(args.suggested_status_code, _WHY.get(args.reason, _REFUSED))

    def _refused(self, status: int, text: str) -> BoltResponse:
        return self._page(status, say(_TITLE), say(text), (self._install_url, say("Begin anew")))

    def _page(self, status: int, title: str, text: str, way: tuple[str, str]) -> BoltResponse:
        state = self._flow.settings.state_utils.build_set_cookie_for_deletion()
        headers: dict[str, str | Sequence[str]] = {
            "Content-Type": "text/html; charset=utf-8",
            "Set-Cookie": state,
        }
        return BoltResponse(status=status, body=page.notice(title, text, way), headers=headers)


def _choosing(done: Installation) -> str:
    """Where an organisation's administrators let the app into workspaces: into none by itself.

    https://docs.slack.dev/enterprise/organization-ready-apps
    """
    organisation, app = quote(done.enterprise_id or "", safe=""), quote(done.app_id or "", safe="")
    return f"https://app.slack.com/manage/{organisation}/integrations/profile/{app}/workspaces/add"


def _put_off(seconds: float) -> web.Response:
    """Say when to try again; what was begun stays as it is, and the same address is good then."""
    html = page.notice(say(_TITLE), messages.too_much(seconds))
    response = web.Response(status=429, text=html, content_type="text/html", headers=page.HEADERS)
    response.headers["Retry-After"] = str(ceil(seconds))
    return response


def _asked(request: web.Request) -> AsyncBoltRequest:
    """What is asked, by its address and its cookies; nothing else is read, however much may come."""
    return AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers))

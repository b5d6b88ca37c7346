"""Is everything at hand? One finding a line, for `ecotaxa-bot check`."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ecotaxa import EcoTaxa
from bot.errors import BotError, Invalid, LoginRefused, UnknownRefusal
from bot.jobs import JobState
from bot.links import Token
from bot.settings import Settings
from bot.slack import Slack
from bot.tls import trusting
from bot.upkeep import opened, tokens_kept


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in one line."""

    what: str
    good: bool
    text: str


async def check(settings: Settings) -> list[Finding]:
    """Ask Slack, EcoTaxa and the database; the settings themselves are good if this can be called."""
    tls, api_url = trusting(settings.ca_file), settings.slack_api_url
    bot_token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
    slack = Slack.connect(token=bot_token, api_url=api_url, tls=tls)
    ecotaxa = EcoTaxa(settings.ecotaxa_api_url, tls=tls)
    try:
        asked = [
            _found(*_slack(settings, slack)),
            _found("EcoTaxa", lambda: _ecotaxa(ecotaxa, settings)),
            _found("database", lambda: _database(settings)),
        ]
        app_token = settings.slack_app_token
        if settings.slack_mode == "socket" and app_token is not None:
            secret = app_token.get_secret_value()
            asked.insert(1, _found("Slack app token", lambda: _app_token(secret, api_url, tls)))
        if (admin_token := settings.ecotaxa_admin_token) is not None:
            token = Token.read(admin_token.get_secret_value())
            asked.append(_found("EcoTaxa administrator's token", lambda: _admin_token(ecotaxa, token)))
        findings = await asyncio.gather(*asked)
    finally:
        await ecotaxa.aclose()
        await slack.close()
    return [Finding("settings", True, f"complete and well formed, {_way_in(settings)}"), *findings]


def _way_in(settings: Settings) -> str:
    if settings.slack_mode == "socket":
        return "Slack is heard through a socket"
    where = f"; accounts are linked at {settings.public_url}" if settings.public_url else ""
    return f"Slack sends over HTTP to port {settings.http_port}{where}"


async def _found(what: str, ask: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what, True, await ask())
    except BotError as error:
        return Finding(what, False, error.detail or error.hint)
    except Exception as error:  # noqa: BLE001  # whatever a driver raises is what this command is to tell
        return Finding(what, False, str(error).splitlines()[0] if str(error) else type(error).__name__)


def _slack(settings: Settings, slack: Slack) -> tuple[str, Callable[[], Awaitable[str]]]:
    """What to ask Slack: who the bot is, or for many workspaces whether the app is."""
    if settings.slack_client_id is None or settings.slack_client_secret is None:
        return "Slack bot token", lambda: _bot_token(slack)
    client_id, secret = settings.slack_client_id, settings.slack_client_secret.get_secret_value()
    return "Slack client id and secret", lambda: _app(slack, client_id, secret)


async def _app(slack: Slack, client_id: str, secret: str) -> str:
    try:
        await slack.grant(client_id, secret, code="of nobody")
    except UnknownRefusal as refusal:
        # Slack looks at who asks before it looks at what for.
        if "invalid_code" not in refusal.detail:
            raise
    return "accepted, people can install the bot"


async def _bot_token(slack: Slack) -> str:
    me = await slack.call("auth.test")
    return f"accepted, as {me.get('user')} in {me.get('team')}"


async def _app_token(token: str, api_url: str, tls: ssl.SSLContext) -> str:
    slack = Slack.connect(token=token, api_url=api_url, tls=tls)
    try:
        await slack.call("apps.connections.open")
    finally:
        await slack.close()
    return "accepted, Socket Mode can connect"


async def _ecotaxa(ecotaxa: EcoTaxa, settings: Settings) -> str:
    # It says no to nobody: so it is there.
    with contextlib.suppress(LoginRefused, Invalid):
        await ecotaxa.login("", "")
    return f"answers at {settings.ecotaxa_api_url}"


async def _admin_token(ecotaxa: EcoTaxa, token: Token) -> str:
    running = await ecotaxa.list_jobs(token, JobState.RUNNING, everyone=True)
    if any(job.state is not JobState.RUNNING for job in running):
        raise ValueError("this EcoTaxa does not list jobs by their state: leave it out")
    return f"sees everybody's jobs, until {token.expires_at:%Y-%m-%d}"


async def _database(settings: Settings) -> str:
    async with opened(settings) as store:
        await store.check()
        return f"can be written; {await tokens_kept(store)}"

"""An app that people install themselves: Slack's page, the codes it sends back with, and the tokens for them.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.sandbox.slack import payloads
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.installed import SCOPES
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.people import APP_ID, BOT_USER
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.team import App, Code

CODE_SECONDS = 600
TOKEN_SECONDS = 43_200
"""How long a token of an app lives whose tokens end: twelve hours."""


def answer_page(slack: Slack, user: str, address: str, *, allows: bool) -> str:
    """What a person's browser opens after they allow or cancel at Slack's page: the app's redirect address.

    Raises Refused where Slack would show an error instead of its page.
    """
    asked = dict(parse_qsl(urlsplit(address).query))
    scopes = frozenset(filter(None, asked.get("scope", "").split(",")))
    if asked.get("client_id") != slack.app.client_id:
        raise Refused("invalid_client_id")
    if asked.get("redirect_uri") not in slack.app.redirect_urls:
        raise Refused("bad_redirect_uri")
    if not scopes or scopes - SCOPES:
        raise Refused("invalid_scope")
    told = {"state": asked.get("state", "")}
    if not allows:
        return f"{asked['redirect_uri']}?{urlencode(told | {'error': 'access_denied'})}"
    code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
    slack.app.codes[code] = Code(slack, user, asked["redirect_uri"], scopes, slack.clock() + CODE_SECONDS)
    return f"{asked['redirect_uri']}?{urlencode(told | {'code': code})}"


def access(slack: Slack, arguments: Arguments) -> Json:
    """Give tokens for a code, or new ones for those that end; to the app alone."""
    app = slack.app
    if arguments.get("client_id") != app.client_id:
        raise Refused("invalid_client_id")
    if arguments.get("client_secret") != app.client_secret:
        raise Refused("bad_client_secret")
    if arguments.get("grant_type") == "refresh_token":
        return _refreshed(app, str(arguments.need("refresh_token")))
    code = app.codes.pop(str(arguments.get("code")), None)
    if code is None or code.good_until < slack.clock():
        raise Refused("invalid_code")
    if arguments.get("redirect_uri") != code.redirect_uri:
        raise Refused("bad_redirect_uri")
    code.slack.scopes = code.scopes
    return _tokens(code.slack) | {"authed_user": {"id": code.user}}


@dataclass(frozen=True, slots=True)
class _Fresh:
    access_token: str
    more: Json


def _tokens(slack: Slack) -> Json:
    fresh = _issued(slack)
    return {
        "access_token": fresh.access_token,
        "token_type": "bot",
        "scope": ",".join(sorted(slack.scopes)),
        "bot_user_id": BOT_USER,
        "app_id": APP_ID,
        "team": {"id": slack.team.id, "name": slack.team.name},
        "enterprise": None,
        "is_enterprise_install": False,
        **fresh.more,
    }


def _issued(slack: Slack) -> _Fresh:
    token = f"xoxb-{slack.team.id}-{secrets.token_hex(12)}"
    if not slack.app.rotates:
        slack.tokens[token] = None
        return _Fresh(token, {})
    token, refresh = f"xoxe.{token}", f"xoxe-1-{secrets.token_hex(24)}"
    slack.tokens[token] = slack.clock() + TOKEN_SECONDS
    slack.app.refresh_tokens[refresh] = slack
    return _Fresh(token, {"expires_in": TOKEN_SECONDS, "refresh_token": refresh})


def _refreshed(app: App, refresh_token: str) -> Json:
    slack = app.refresh_tokens.pop(refresh_token, None)
    if slack is None:
        raise Refused("invalid_refresh_token")
    return _tokens(slack)


def revoke(slack: Slack, _arguments: Arguments) -> Json:
    """Give back the token."""
    uninstall(slack)
    return {"revoked": True}


def uninstall_method(slack: Slack, arguments: Arguments) -> Json:
    """Take the app out of the workspace, as the app itself."""
    given: tuple[Any, Any] = arguments.get("client_id"), arguments.get("client_secret")
    if given[0] != slack.app.client_id:
        raise Refused("invalid_client_id")
    if given[1] != slack.app.client_secret:
        raise Refused("bad_client_secret")
    uninstall(slack)
    return {}


def uninstall(slack: Slack) -> None:
    """Take the app out of the workspace: its tokens are good no more, and it is told so."""
    slack.revoked.update(slack.tokens)
    slack.tokens.clear()
    for refresh in [key for key, whose in slack.app.refresh_tokens.items() if whose is slack]:
        del slack.app.refresh_tokens[refresh]
    slack.announce("tokens_revoked", payloads.tokens_revoked(slack))
    slack.announce("app_uninstalled", payloads.event(slack, {"type": "app_uninstalled"}))

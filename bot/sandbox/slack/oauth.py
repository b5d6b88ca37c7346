"""An app that people install themselves: the tokens for the codes of Slack's page, and their end.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.people import APP_ID, BOT_USER
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.team import App, Installed

TOKEN_SECONDS = 43_200
"""How long a token of an app lives whose tokens end: twelve hours."""


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
    for workspace in code.place.workspaces:
        workspace.scopes = code.scopes
    return _tokens(code.place) | {"authed_user": {"id": code.user}}


@dataclass(frozen=True, slots=True)
class _Fresh:
    access_token: str
    more: Json


def _tokens(place: Installed) -> Json:
    slack, organisation = place.slack, place.slack.organisation
    fresh = _issued(place)
    return {
        "access_token": fresh.access_token,
        "token_type": "bot",
        "scope": ",".join(sorted(slack.scopes)),
        "bot_user_id": BOT_USER,
        "app_id": APP_ID,
        "team": None if place.everywhere else {"id": slack.team.id, "name": slack.team.name},
        "enterprise": organisation and {"id": organisation.id, "name": organisation.name},
        "is_enterprise_install": place.everywhere,
        **fresh.more,
    }


def _issued(place: Installed) -> _Fresh:
    slack = place.slack
    owner = slack.organisation if place.everywhere and slack.organisation else slack.team
    token = f"xoxb-{owner.id}-{secrets.token_hex(12)}"
    if not slack.app.rotates:
        place.keys.good[token] = None
        return _Fresh(token, {})
    token, refresh = f"xoxe.{token}", f"xoxe-1-{secrets.token_hex(24)}"
    place.keys.good[token] = slack.clock() + TOKEN_SECONDS
    slack.app.refresh_tokens[refresh] = place
    return _Fresh(token, {"expires_in": TOKEN_SECONDS, "refresh_token": refresh})


def _refreshed(app: App, refresh_token: str) -> Json:
    place = app.refresh_tokens.pop(refresh_token, None)
    if place is None:
        raise Refused("invalid_refresh_token")
    return _tokens(place)


def revoke(slack: Slack, arguments: Arguments) -> Json:
    """Give back the token."""
    uninstall(Installed(slack, arguments.is_org_wide))
    return {"revoked": True}


def uninstall_method(slack: Slack, arguments: Arguments) -> Json:
    """Take the app out of the workspace, or the organisation, as the app itself."""
    given: tuple[Any, Any] = arguments.get("client_id"), arguments.get("client_secret")
    if given[0] != slack.app.client_id:
        raise Refused("invalid_client_id")
    if given[1] != slack.app.client_secret:
        raise Refused("bad_client_secret")
    uninstall(Installed(slack, arguments.is_org_wide))
    return {}


def uninstall(place: Installed) -> None:
    """Take the app out of a workspace or an organisation: its tokens are good no more, and it is told so."""
    slack = place.slack
    place.keys.revoke()
    for refresh in [key for key, whose in slack.app.refresh_tokens.items() if whose.keys is place.keys]:
        del slack.app.refresh_tokens[refresh]
    event = payloads.event
    if place.everywhere:
        event = payloads.organisation_event
        for workspace in place.workspaces:
            workspace.is_let_in = False
    slack.announce("tokens_revoked", event(slack, payloads.TOKENS_REVOKED))
    slack.announce("app_uninstalled", event(slack, {"type": "app_uninstalled"}))


def let_in(slack: Slack, *, is_let_in: bool) -> None:
    """Let the app, installed for the whole organisation, into one of its workspaces, or out of it.

    Raises Refused where the workspace is of none.
    """
    if slack.organisation is None:
        raise Refused("not_an_enterprise")
    slack.is_let_in = is_let_in
    name = "team_access_granted" if is_let_in else "team_access_revoked"
    slack.announce(name, payloads.access_event(slack, name))


def teams(slack: Slack, arguments: Arguments) -> Json:
    """Tell the workspaces in which the token may act, a page at a time."""
    organisation = slack.organisation if arguments.is_org_wide else None
    mine = [it for it in organisation.workspaces if it.is_let_in] if organisation else [slack]
    limit = arguments.number("limit", 100, "invalid_limit")
    start = arguments.number("cursor", 0, "invalid_cursor")
    page = [{"id": it.team.id, "name": it.team.name} for it in mine[start : start + limit]]
    following = start + limit
    return {
        "teams": page,
        "response_metadata": {"next_cursor": str(following) if following < len(mine) else ""},
    }

"""Slack's page on which people install the app: what it asks for, where to install it, *Allow* and *Cancel*.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web
from markupsafe import Markup

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.installed import SCOPES
from bot.sandbox.slack.people import ADMINISTRATOR, BOT_NAME
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.team import App, Code, Installed

PATH = "/slack/oauth/v2/authorize"

_PAGE = Markup((Path(__file__).parents[1] / "page" / "consent.html").read_text("utf-8"))  # noqa: S704  # ours
_STYLE_END = "</style>"

CODE_SECONDS = 600


async def show(slack: Slack, request: web.Request) -> web.Response:
    """Ask; an error of Slack's stands in the place of the page."""
    app = slack.app
    try:
        _check_page(app, str(request.url))
    except Refused as refused:
        return web.Response(status=400, text=f"Something went wrong: {refused.error}")
    scopes = sorted(_scopes(request.query))
    place = Markup('<label><input type="radio" name="place" value="{}" required{}> {}</label>')
    checked = Markup(" checked")
    places = (
        place.format(id, "" if number else checked, name) for number, (id, name) in enumerate(_names(app))
    )
    head, end, body = _PAGE.partition(_STYLE_END)
    filled = body.format(
        app=BOT_NAME,
        scopes=Markup("").join(Markup("<li><code>{}</code></li>").format(scope) for scope in scopes),
        places=Markup("").join(places),
    )
    return web.Response(text=head.replace("{app}", BOT_NAME) + end + filled, content_type="text/html")


async def answer(slack: Slack, request: web.Request) -> web.Response:
    """Send the browser back to the app with what an administrator, or else the first person, chose."""
    given = await request.post()
    place = _places(slack.app).get(str(given.get("place")))
    if place is None:
        raise web.HTTPBadRequest
    people = place.slack.workspace.directory.people
    user = ADMINISTRATOR if ADMINISTRATOR in people else next(iter(people))
    try:
        back = answer_page(place, user, str(request.url), allows=given.get("allows") == "yes")
    except Refused as refused:
        return web.Response(status=400, text=f"Something went wrong: {refused.error}")
    raise web.HTTPSeeOther(back)


def answer_page(place: Installed, user: str, address: str, *, allows: bool) -> str:
    """What a person's browser opens after they allow or cancel at Slack's page: the app's redirect address.

    Raises Refused where Slack would show an error instead of its page.
    """
    slack = place.slack
    _check_page(slack.app, address)
    if place.everywhere and not (slack.organisation and slack.app.is_org_ready):
        raise Refused("org_install_not_allowed")
    asked = dict(parse_qsl(urlsplit(address).query))
    told = {"state": asked.get("state", "")}
    if not allows:
        return f"{asked['redirect_uri']}?{urlencode(told | {'error': 'access_denied'})}"
    code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
    good_until = slack.clock() + CODE_SECONDS
    slack.app.codes[code] = Code(place, user, asked["redirect_uri"], _scopes(asked), good_until)
    return f"{asked['redirect_uri']}?{urlencode(told | {'code': code})}"


def _check_page(app: App, address: str) -> None:
    """Raise Refused where Slack would show an error at the address of its page."""
    asked = dict(parse_qsl(urlsplit(address).query))
    scopes = _scopes(asked)
    if asked.get("client_id") != app.client_id:
        raise Refused("invalid_client_id")
    if asked.get("redirect_uri") not in app.redirect_urls:
        raise Refused("bad_redirect_uri")
    if not scopes or scopes - SCOPES:
        raise Refused("invalid_scope")


def _scopes(asked: Mapping[str, str]) -> frozenset[str]:
    return frozenset(filter(None, asked.get("scope", "").split(",")))


def _places(app: App) -> dict[str, Installed]:
    """Where the app can be installed, by id: each workspace, and each organisation once the app is ready."""
    places = {it.team.id: Installed(it) for it in app.workspaces}
    if app.is_org_ready:
        places |= {it.organisation.id: Installed(it, True) for it in app.workspaces if it.organisation}
    return places


def _names(app: App) -> list[tuple[str, str]]:
    named = []
    for id, place in _places(app).items():
        organisation = place.slack.organisation
        whole = f"{organisation.name}, for all its workspaces" if organisation else ""
        named.append((id, whole if place.everywhere else place.slack.team.name))
    return named

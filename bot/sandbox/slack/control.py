"""The control interface under `/_control/slack/`: act as a person, look, break things."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from bot.sandbox.slack import acts, consent, events, oauth, payloads
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.installed import COMMANDS as SLASH_COMMANDS
from bot.sandbox.slack.installed import EVENTS, SCOPE_OF_EVENT, SCOPES, SHORTCUTS
from bot.sandbox.slack.people import BOT_NAME, BOT_USER
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.team import Installed
from bot.sandbox.slack.workspace import OVER

PING_SECONDS = 15.0

Command = Callable[[Slack, Json], Awaitable[Json]]


def command(slack: Slack, do: Command) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of a POST whose JSON body `do` turns into what is answered."""

    async def handle(request: web.Request) -> web.Response:
        try:
            given = await request.json() if request.can_read_body else {}
            return web.json_response({"ok": True} | await do(slack, given))
        except acts.Gone:
            return web.json_response({"ok": False, "error": "gone"}, status=409)
        except Refused as refused:
            return web.json_response(refused.answer())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            body = {"ok": False, "error": "bad_request", "detail": f"{type(error).__name__}: {error}"}
            return web.json_response(body, status=400)

    return handle


def _who(slack: Slack, given: Json) -> str:
    if given["as"] not in slack.workspace.directory.people:
        raise ValueError(f"nobody is {given['as']}")
    return str(given["as"])


async def say(slack: Slack, given: Json) -> Json:
    """Type a command or a message."""
    await acts.say(slack, _who(slack, given), given["channel"], given["text"], given.get("thread_ts"))
    return {}


async def act(slack: Slack, given: Json) -> Json:
    """Press a button, pick an option."""
    user = _who(slack, given)
    on = acts.on_screen(slack, user, message_id=given.get("message_id"), view_id=given.get("view_id"))
    known = {"as", "message_id", "view_id", "block_id", "action_id"}
    picked = {name: value for name, value in given.items() if name not in known}
    await acts.act(slack, user, on, given["block_id"], given["action_id"], picked or None)
    return {}


async def options(slack: Slack, given: Json) -> Json:
    """Type into an external select."""
    user = _who(slack, given)
    on = acts.on_screen(slack, user, message_id=given.get("message_id"), view_id=given.get("view_id"))
    return await acts.options(slack, user, on, given["block_id"], given["action_id"], given.get("query", ""))


async def submit(slack: Slack, given: Json) -> Json:
    """Send a modal's form."""
    outcome = await acts.submit(slack, _modal(slack, given), given.get("values", {}))
    return {"ok": "errors" not in outcome} | outcome


async def close(slack: Slack, given: Json) -> Json:
    """Close a modal."""
    await acts.close(slack, _modal(slack, given), everything=bool(given.get("all")))
    return {}


def _modal(slack: Slack, given: Json) -> Any:
    view = slack.workspace.view_on_screen(_who(slack, given), given["view_id"])
    if view is None or view.spec["type"] != "modal":
        raise acts.Gone
    return view


async def open_home(slack: Slack, given: Json) -> Json:
    """Look at the home tab, or at another `tab` of the app."""
    acts.open_home(slack, _who(slack, given), given.get("tab", "home"))
    return {}


async def shortcut(slack: Slack, given: Json) -> Json:
    """Run one of the app's shortcuts, from anywhere or on a message."""
    await acts.shortcut(slack, _who(slack, given), given["callback_id"], given.get("message_id"))
    return {}


async def read(slack: Slack, given: Json) -> Json:
    """Look at a channel."""
    slack.workspace.mark_read(_who(slack, given), given["channel"])
    return {}


async def break_(slack: Slack, given: Json) -> Json:
    """Switch faults on or off; the answer tells those in force.

    `drop_sockets` (true, or why the app is asked to connect anew), `deaf_sockets` and `half_open_sockets`
    happen once, to the connections that are open; an `outage` ends them and lasts so many seconds.
    `rate_limits` may be calls a minute, by method, instead of true.
    """
    faults = slack.faults
    faults.change(given)
    if limits := given.get("rate_limits"):
        slack.limits.reset()
        slack.limits.per_minute |= limits if isinstance(limits, dict) else {}
    if seconds := given.get("outage"):
        faults.outage = slack.clock() + float(seconds)
        slack.delivery.sockets.drop()
    if given.get("deaf_sockets"):
        slack.delivery.sockets.deafen()
    if given.get("half_open_sockets"):
        slack.delivery.sockets.part()
    match given.get("drop_sockets"):
        case "refresh" | "warning" | "link_disabled" as reason:
            await slack.delivery.sockets.want_back(reason)
        case dropped if dropped:
            slack.delivery.sockets.drop()
    return asdict(faults)


async def mode(slack: Slack, given: Json) -> Json:
    """Deliver over signed HTTP or through sockets; grant other scopes, tell other events.

    A request URL is taken only when the app there answers Slack's challenge.
    """
    if "request_url" in given:
        if given["request_url"] is not None:
            await slack.delivery.verify(given["request_url"], payloads.url_verification())
        slack.delivery.request_url = given["request_url"]
    if "scopes" in given:
        slack.scopes = SCOPES if given["scopes"] is None else frozenset(given["scopes"])
    if "events" in given:
        wanted = EVENTS if given["events"] is None else frozenset(given["events"])
        if unknown := wanted - set(SCOPE_OF_EVENT):
            raise ValueError(f"no such events: {sorted(unknown)}")
        slack.events = wanted
    told = {"scopes": sorted(slack.scopes), "events": sorted(slack.events)}
    return {"request_url": slack.delivery.request_url, **told}


async def circumstances(slack: Slack, given: Json) -> Json:
    """Archive channels, close accounts, revoke the token, …: the fields of Circumstances.

    The app is told by events, of channels and accounts only when they change.
    """
    before = replace(slack.circumstances)
    slack.circumstances.change(given, slack.workspace.directory)
    events.tell_changes(slack, before)
    if given.get("token") == "token_revoked":
        slack.announce("tokens_revoked", payloads.event(slack, payloads.TOKENS_REVOKED))
        slack.announce("app_uninstalled", payloads.event(slack, {"type": "app_uninstalled"}))
    return {}


async def settle(slack: Slack, given: Json) -> Json:
    """Choose another language (`locale`) or time zone (`tz`) for Slack."""
    user = _who(slack, given)
    person = slack.workspace.directory.settle(user, locale=given.get("locale"), tz=given.get("tz"))
    slack.workspace.changed(slack.workspace.directory.people)
    slack.announce("user_change", payloads.user_change(slack, person))
    return {"locale": person.locale, "tz": person.tz}


async def reload(slack: Slack, given: Json) -> Json:
    """Start Slack anew as a person: what only they could see is gone."""
    slack.workspace.forget_ephemeral(_who(slack, given))
    return {}


async def deliver(slack: Slack, given: Json) -> Json:
    """Deliver a hand-made payload: what the app acknowledged it with.

    A `trigger_id` and a `response_url` that are missing are put in, for the payload's own user.
    """
    payload: Json = dict(given["payload"])
    kind = {"slash_commands": "slash_commands", "events_api": "events_api"}.get(given["type"], "interactive")
    if payload.get("type") == "event_callback":
        kind = "events_api"
    if kind == "interactive":
        payload.setdefault("type", given["type"])
    user = payload.get("user_id") or payload.get("user", {}).get("id")
    channel = payload.get("channel_id") or payload.get("channel", {}).get("id")
    if kind != "events_api" and user:
        payload.setdefault("trigger_id", slack.tickets.trigger(user))
        if channel and payload.get("type") not in ("view_submission", "view_closed", "block_suggestion"):
            payload.setdefault("response_url", payloads.response_url(slack, user, channel))
    return {"acknowledgement": await slack.delivery.deliver(kind, payload)}


async def age(slack: Slack, given: Json) -> Json:
    """Make triggers and response_urls older."""
    slack.tickets.age(float(given["seconds"]))
    return {}


async def reset(slack: Slack, _given: Json) -> Json:
    """Empty everything but people and channels."""
    slack.reset()
    return {}


async def state(slack: Slack, request: web.Request) -> web.Response:
    """`GET …/state?as=`: everything that a person sees."""
    user = _who(slack, {"as": request.query.get("as", "")})
    people = [
        {"id": p.id, "name": p.name, "real_name": p.real_name, "tz": p.tz, "locale": p.locale}
        for p in slack.workspace.directory.people.values()
    ]
    frame = {
        "team": {"id": slack.team.id, "name": slack.team.name},
        "me": user,
        "people": people,
        "bot": {"id": BOT_USER, "name": BOT_NAME},
        "commands": SLASH_COMMANDS,
        "shortcuts": SHORTCUTS,
    }
    return web.json_response(frame | acts.state(slack, user))


async def file(slack: Slack, request: web.Request) -> web.Response:
    """`GET …/file?id=`: a shared file's name, size and SHA-256, and its text where it is a short one."""
    shared = slack.files.get(request.query.get("id", ""))
    if shared is None:
        return web.json_response({"ok": False, "error": "file_not_found"}, status=404)
    text = shared.text.decode(errors="replace")
    told = {"name": shared.name, "size": shared.received, "sha256": shared.sha256, "text": text}
    return web.json_response(told)


async def traffic(slack: Slack, request: web.Request) -> web.Response:
    """`GET …/traffic?since=`: what went over the wire."""
    since = int(request.query.get("since", "0"))
    return web.json_response({"seq": slack.traffic.seq, "entries": slack.traffic.since(since)})


async def calls(slack: Slack, _request: web.Request) -> web.Response:
    """`GET …/calls`: every call of the Web API since the beginning, or the last reset."""
    return web.json_response({"calls": [asdict(call) for call in slack.traffic.calls]})


async def changes(slack: Slack, request: web.Request) -> web.StreamResponse:
    """`GET …/events?as=`: server-sent events, one whenever the person's state changed."""
    user = _who(slack, {"as": request.query.get("as", "")})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    news: asyncio.Queue[int] = asyncio.Queue()
    slack.workspace.watch(user, news.put_nowait)
    try:
        seq = slack.workspace.seq
        while seq != OVER:
            await response.write(f"event: change\ndata: {json.dumps({'seq': seq})}\n\n".encode())
            seq = await _newest(response, news)
    finally:
        slack.workspace.unwatch(user, news.put_nowait)
    return response


async def _newest(response: web.StreamResponse, news: asyncio.Queue[int]) -> int:
    """Wait for news; of several only the newest counts, since the page fetches the whole state."""
    while True:
        try:
            seq = await asyncio.wait_for(news.get(), PING_SECONDS)
        except TimeoutError:
            await response.write(b": ping\n\n")
            continue
        while not news.empty():
            seq = news.get_nowait()
        return seq


async def app(slack: Slack, given: Json) -> Json:
    """Change how the app is set up: its redirect addresses, and whether its tokens end (`rotates`).

    With `org_ready` it may be installed for a whole organisation.
    """
    if "redirect_urls" in given:
        slack.app.redirect_urls = frozenset(given["redirect_urls"])
    if "rotates" in given:
        slack.app.rotates = bool(given["rotates"])
    if "org_ready" in given:
        slack.app.is_org_ready = bool(given["org_ready"])
    return {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret}


async def answer_page(slack: Slack, given: Json) -> Json:
    """Allow, or cancel, at Slack's page at `url`, with `everywhere` for the organisation: where it leads."""
    allows, place = bool(given.get("allows", True)), Installed(slack, bool(given.get("everywhere")))
    return {"redirect": consent.answer_page(place, _who(slack, given), given["url"], allows=allows)}


async def uninstall(slack: Slack, given: Json) -> Json:
    """Take the app out of the workspace, or with `everywhere` out of its organisation."""
    oauth.uninstall(Installed(slack, bool(given.get("everywhere"))))
    return {}


async def let_in(slack: Slack, given: Json) -> Json:
    """Let the app, installed for the whole organisation, into this workspace, or out (`is_let_in` false)."""
    oauth.let_in(slack, is_let_in=bool(given.get("is_let_in", True)))
    return {}


COMMANDS: dict[str, Command] = {
    "app": app,
    "answer_page": answer_page,
    "uninstall": uninstall,
    "let_in": let_in,
    "say": say,
    "act": act,
    "options": options,
    "submit": submit,
    "close": close,
    "open_home": open_home,
    "shortcut": shortcut,
    "read": read,
    "break": break_,
    "mode": mode,
    "circumstances": circumstances,
    "settle": settle,
    "reload": reload,
    "deliver": deliver,
    "age": age,
    "reset": reset,
}

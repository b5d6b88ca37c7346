"""What comes from Slack: payloads that keep its rules however wild their contents, and such as do not."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from bot import forms, handovers, messages, modals
from bot.cleanup import Plan
from bot.exports import Draft, Kind, Place
from bot.forms import Form, Origin
from bot.ids import Action, Modal
from bot.jobs import Job
from bot.messages.exports import export_modal
from bot.rules.preferences import Preferences
from bot.store import NameKind
from tests.bot.slack_limits import WEB
from tests.fuzz.words import NUMBERS, SECRET, below, sayable, spoilt, spoilt_json, text

TEAM, BOT_USER = "T0LAB", "U0BOT"
LINKED, COLLEAGUE, REJECTED, UNREADABLE, STRANGER = "U0ADA", "U0TOM", "U0OLD", "U0BAD", "U0NEW"
USERS = (*[LINKED] * 8, COLLEAGUE, COLLEAGUE, REJECTED, UNREADABLE, STRANGER)
CHANNELS = ("C0GEN", "D0ADA", "D0TOM", "G0OLD")
HANDED: dict[NameKind, str] = {"user": "0123456789abcdef", "taxon": "fedcba9876543210"}
"""The questions that were handed to COLLEAGUE, by their kind."""

COMMANDS = (
    "", "help", "jobs", "jobs failed exports in project 42", "jobs all", "job 1234", "#1234", "file 1234",
    "log 1234", "restart 1234", "kill 1234", "delete 1234", "clean done", "clean all", "export", "export 42",
    "notify", "notify here", "notify here project 42", "notify here off", "watch", "watch project 42",
    "watch 1234 1235", "watch 1234 <@U0TOM>", "doctor", "link", "whoami", "unlink", f"<{WEB}/job/show/1234>",
    f"<{WEB}/job/show/1234|#1234>", f"{WEB}/prj/42", "jbos", "watch " + "1234 " * 200, "export <" + "9" * 99,
)  # fmt: skip

SUFFIXES = (
    "", ":1234", ":beside", ":next.above", f":{HANDED['user']}", f":{HANDED['taxon']}", ":", ":x:y:z",
    ":" + "x" * 200,
)  # fmt: skip
_ASKING = Job.parse(
    {
        "id": 1234, "state": "A", "type": "FileImport", "owner_id": 7, "params": {"prj_id": 42},
        "question": {
            "missing_users": ["e. rodriguez", "a <!channel>"],
            "missing_taxa": [f"part {n}" for n in range(30)],
        },
    }
)  # fmt: skip
_serial = itertools.count(1)


@dataclass(frozen=True)
class Payload:
    """What Slack sends, and whether Slack might."""

    body: Any
    is_slacks: bool = True

    def anew(self) -> Any:
        """The payload as a delivery of its own: the same one twice is an echo, which is only acknowledged."""
        body = self.body
        if not isinstance(body, dict):
            return body
        named = [name for name in ("trigger_id", "event_id") if isinstance(body.get(name), str)]
        return body | {name: f"{body[name]}.{next(_serial)}" for name in named}


@cache
def _views() -> dict[str, list[dict[str, Any]]]:
    """Modals as the bot makes them, by their callback_id."""
    form = Form(
        1234, _ASKING.mark, 42, origin=Origin(f"{RESPOND}1", "D0ADA", "1700000000.000100", 0, "failed")
    )
    answer = [forms.answer_modal(it, _ASKING, {}, {}) for it in (form, form.turned_to(1))]
    place = Place("C0GEN", "general", True)
    ask = handovers.ask_modal(form, answer[0])
    assert ask is not None
    found: dict[str, list[dict[str, Any]]] = {
        Modal.LINK: [
            modals.link_modal(f'["jobs", "{RESPOND}2", true]'),
            modals.link_modal('["", "", false]', error="no"),
        ],
        Modal.ANSWER: answer,
        Modal.EXPORT: [
            export_modal(Draft(kind, 42, "A <title>", {}, place, told_here=True)) for kind in Kind
        ] + [export_modal(Draft())],
        Modal.ASK: [ask],
        Modal.NOTIFY: [messages.notify_modal(Preferences(), "Europe/Paris", [])],
        Modal.PLAIN: [modals.plain_modal("Answer", "said")],
        Modal.SHOWN: [messages.as_modal(messages.help_text())],
        Modal.WATCH: [messages.watch_chooser([_ASKING])],
    }  # fmt: skip
    return {str(name): views for name, views in found.items()}


RESPOND = f"https://slack.example/actions/T0LAB/{SECRET}-response-url/"

_user = st.sampled_from(USERS)
_channel = st.sampled_from(CHANNELS)
_ts = st.sampled_from(["1700000000.000100", "1700000001.000200", "1.000001"])


_values = st.sampled_from(
    ["user:7", "taxon:45072", "user:0", "taxon:" + "9" * 60, "later", "type-on", "job:1234", "project:42",
     "hour", "tomorrow", "user.x", "taxon.y", "42"]
) | text(150)  # fmt: skip
_any_option = st.fixed_dictionaries(
    {"text": st.fixed_dictionaries({"type": st.just("plain_text"), "text": text(75)}), "value": _values}
)
"""An option that some field of ours might have offered once."""
_maybe_option = st.none() | _any_option


def _field(element: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """What may stand in a field of a modal."""
    kind, options = element["type"], list(element.get("options", []))
    one = (st.sampled_from(options) | _any_option) if options else _any_option
    held: tuple[str, st.SearchStrategy[Any]]
    if "multi" in kind or kind == "checkboxes":
        held = "selected_options", st.lists(one, max_size=3)
    elif kind == "users_select":
        held = "selected_user", st.none() | st.sampled_from([*USERS, "W0ELSE"])
    elif kind == "timepicker":
        held = "selected_time", st.none() | st.sampled_from(["00:00", "23:59", "07:30"])
    elif "select" in kind or kind == "radio_buttons":
        held = "selected_option", st.none() | one
    else:
        secrets = {"password": f"{SECRET} pass word", "token": f"eyJ1c2VyX2lkIjogN30.aaaa.{SECRET}"}
        told = secrets.get(str(element["action_id"]), "ada@lab.example")
        held = "value", st.none() | st.just(told) | text(3000)
    return st.fixed_dictionaries({"type": st.just(kind), held[0]: held[1]})


_Filled = tuple[dict[str, Any], st.SearchStrategy[dict[str, Any]], st.SearchStrategy[str]]


@cache
def _filled(name: str) -> list[_Filled]:
    """The modals of a name, with what may stand in their fields, and what they may carry."""
    found: list[_Filled] = []
    for view in _views()[name]:
        fields = [it for it in view["blocks"] if it["type"] == "input"][:8]
        states = {
            it["block_id"]: st.fixed_dictionaries({it["element"]["action_id"]: _field(it["element"])})
            for it in fields
        }
        found.append((view, st.fixed_dictionaries(states), spoilt_json(view.get("private_metadata", ""))))
    return found


_foreign_field = _field({"type": "external_select", "action_id": "x"})
_ids_of_fields = text(255)


@st.composite
def _view(draw: st.DrawFn, callback_id: str = "") -> dict[str, Any]:
    """An open modal with what was filled in."""
    some = _filled(callback_id or draw(_names_of_views))
    view, fields, carried = some[draw(below(len(some)))]
    values = draw(fields)
    if not draw(below(5)):
        values[draw(_ids_of_fields) or "x"] = {draw(_ids_of_fields) or "y": draw(_foreign_field)}
    return view | {
        "id": "V0OPEN", "team_id": TEAM, "hash": "1.h", "root_view_id": "V0OPEN", "previous_view_id": None,
        "app_id": "A0APP", "bot_id": "B0BOT", "state": {"values": values},
        "private_metadata": sayable(draw(carried))[:3000],
    }  # fmt: skip


_names_of_views = st.sampled_from([str(it) for it in Modal])
_any_view = _view()


def _home() -> dict[str, Any]:
    return {
        "id": "V0HOME", "team_id": TEAM, "type": "home", "blocks": [], "private_metadata": "",
        "callback_id": "", "state": {"values": {}},
    }  # fmt: skip


def _who(user: str, enterprise: str | None) -> dict[str, Any]:
    return {
        "team": {"id": TEAM, "domain": "lab"} | ({"enterprise_id": enterprise} if enterprise else {}),
        "user": {"id": user, "username": "someone", "name": "someone", "team_id": TEAM},
        "api_app_id": "A0APP", "token": f"{SECRET}-verification", "is_enterprise_install": False,
        "enterprise": {"id": enterprise, "name": "all"} if enterprise else None,
    }  # fmt: skip


@st.composite
def _interaction(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    enterprise = "E0ORG" if not draw(below(4)) else None
    return {"type": kind, "trigger_id": "12.34.trigger"} | _who(draw(_user), enterprise)


@st.composite
def _surface(draw: st.DrawFn) -> dict[str, Any]:
    """Where something was pressed."""
    channel, ts = draw(_channel), draw(_ts)
    container: dict[str, Any] = {
        "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False,
    }  # fmt: skip
    place: dict[str, Any] = {
        "container": container, "channel": {"id": channel, "name": draw(text(80))},
        "response_url": RESPOND + "3",
    }  # fmt: skip
    match draw(below(8)):
        case 0:
            container["is_ephemeral"] = True
        case 1:
            container["thread_ts"] = "1700000000.000100"
        case 2 | 3:
            return {"container": {"type": "view", "view_id": "V0OPEN"}, "view": draw(_any_view)}
        case 4:
            return {"container": {"type": "view", "view_id": "V0HOME"}, "view": _home()}
        case 5:
            container |= {"type": "message_attachment", "attachment_id": 1, "is_app_unfurl": True}
    message = {"type": "message", "user": BOT_USER, "ts": ts, "text": draw(text(4000)), "blocks": []}
    return place | {"message": message, "state": {"values": {}}}


_pressed, _typed, _sent, _chosen, _run = (
    _interaction(it)
    for it in ("block_actions", "block_suggestion", "view_submission", "shortcut", "message_action")
)
_place = _surface()
_plans = [Plan((1, 2, 3), (9,)).dump(), Plan().dump(), Plan((2**40,)).dump()]
_value = st.sampled_from([*NUMBERS, *COMMANDS, *_plans, "stop", "all", "job:1234", "project:42"]) | text(2000)


_actions, _suffixes = st.sampled_from(Action), st.sampled_from(SUFFIXES)
_blocks = st.sampled_from(["user.0123456789abcdef.0", "taxon.ab.cd", "b1"]) | text(255)
_lengths = st.sampled_from([4, 6])
_elements = st.sampled_from(["button", "button", "static_select", "external_select", "overflow"])


@st.composite
def _press(draw: st.DrawFn) -> dict[str, Any]:
    """A press of any button, a pick in any menu, anywhere."""
    body = draw(_pressed) | draw(_place)
    action_id = (draw(_actions) + draw(_suffixes))[:255]
    block_id = draw(_blocks) or "b"
    kind = draw(_elements)
    action: dict[str, Any] = {
        "type": kind, "action_id": action_id, "block_id": block_id, "action_ts": "1700000002.000300",
    }  # fmt: skip
    if kind == "button":
        action["text"] = {"type": "plain_text", "text": draw(text(75)), "emoji": True}
        value = draw(_value) if draw(below(2)) else "1234 0"[: draw(_lengths)]
        action |= {"value": value} if value else {}
    else:
        action["selected_option"] = draw(_any_option if kind == "overflow" else _maybe_option)
    return body | {"actions": [action]}


_forms = st.sampled_from(
    [_view(it) for it in (Modal.LINK, Modal.ANSWER, Modal.EXPORT, Modal.ASK, Modal.NOTIFY, Modal.WATCH)]
)


@st.composite
def _submission(draw: st.DrawFn) -> dict[str, Any]:
    body = draw(_sent)
    return body | {"view": draw(draw(_forms)), "response_urls": []}


@st.composite
def _suggestion(draw: st.DrawFn) -> dict[str, Any]:
    body = draw(_typed) | draw(_place)
    fields = (
        Action.EXPORT_PROJECT, Action.ANSWER_USER, Action.ANSWER_TAXON,
        Action.HANDOVER_USER, Action.HANDOVER_TAXON,
    )  # fmt: skip
    blocks = [it["block_id"] for it in body.get("view", {}).get("blocks", []) if it.get("block_id")]
    blocks += ["user.ab.0", "taxon.ab.0", "x"]
    return body | {
        "action_id": fields[draw(below(5))] + draw(_suffixes),
        "block_id": blocks[draw(below(len(blocks)))],
        "value": draw(text(300)),
    }


_channel_names = st.sampled_from(["general", "directmessage", "privategroup"]) | text(80)
_typed_words = st.sampled_from(COMMANDS) | text(4000)


@st.composite
def _command(draw: st.DrawFn) -> dict[str, Any]:
    channel = draw(_channel)
    return {
        "token": f"{SECRET}-verification", "team_id": TEAM, "team_domain": "lab", "channel_id": channel,
        "channel_name": draw(_channel_names),
        "user_id": draw(_user), "user_name": "someone", "command": "/ecotaxa", "api_app_id": "A0APP",
        "text": draw(_typed_words), "is_enterprise_install": "false",
        "response_url": RESPOND + "4", "trigger_id": "12.34.command",
    }  # fmt: skip


@st.composite
def _spoken(draw: st.DrawFn) -> str:
    said = draw(_typed_words)
    return f"<@{BOT_USER}> {said}" if draw(below(2)) else said


_said = _spoken()
_urls = st.lists(
    st.sampled_from([f"{WEB}/job/show/1234", f"{WEB}/job/show/x", "http://[", "https://a.b/c"]) | text(300),
    max_size=7,
)
_locales = st.sampled_from(["fr-FR", "zh-CN", "xx"]) | text(20)
_losses = st.sampled_from(
    [f"{place}_{end}" for place in ("channel", "group") for end in ("archive", "deleted", "left")]
)


@st.composite
def _happening(draw: st.DrawFn) -> dict[str, Any]:
    """What an event tells of."""
    user, channel, ts = draw(_user), draw(_channel), draw(_ts)
    event: dict[str, Any] = {"user": user, "channel": channel, "event_ts": ts}
    match draw(below(8)):
        case 0:
            tab = ("home", "messages")[draw(below(2))]
            return (
                event | {"type": "app_home_opened", "tab": tab} | ({"view": _home()} if tab == "home" else {})
            )
        case 1:
            event |= {"type": "app_mention", "text": draw(_said), "ts": ts}
        case 2 | 3:
            kind = ("im", "im", "channel", "mpim")[draw(below(4))]
            event |= {"type": "message", "channel_type": kind, "text": draw(_said), "ts": ts}
        case 4:
            links = [{"domain": "x", "url": url} for url in draw(_urls)]
            event |= {"type": "link_shared", "links": links, "message_ts": ts}
            event["is_bot_user_member"] = bool(draw(below(2)))
            if draw(below(2)):
                event |= {"source": "composer", "unfurl_id": "C1.2.3", "channel": "COMPOSER"}
            return event
        case 5:
            told = {
                "locale": draw(st.sampled_from(["fr-FR", "zh-CN", "xx"]) | text(20)),
                "tz": draw(text(60)),
            }
            changed = {"id": user, "team_id": TEAM, "deleted": bool(draw(below(2)))} | told
            return {"type": "user_change", "user": changed, "cache_ts": 1, "event_ts": ts}
        case 6:
            revoked = {"oauth": [user], "bot": [user][: draw(below(2))]}
            ends = (
                {"type": "app_uninstalled"},
                {"type": "tokens_revoked", "tokens": revoked},
                {"type": "team_access_revoked", "team_ids": [TEAM][: draw(below(2))]},
            )
            return draw(st.sampled_from(ends))
        case _:
            kinds = [
                f"{place}_{end}" for place in ("channel", "group") for end in ("archive", "deleted", "left")
            ]
            return {"type": draw(st.sampled_from(kinds)), "channel": channel, "event_ts": ts}
    if draw(below(2)):
        event["thread_ts"] = "1700000000.000101"
    more: list[dict[str, Any]] = [
        {}, {}, {}, {"subtype": "thread_broadcast"}, {"bot_id": "B1"},
        {"edited": {"user": user, "ts": ts}}, {"subtype": "file_share", "files": []},
    ]  # fmt: skip
    return event | more[draw(below(len(more)))]


_happened = _happening()


@st.composite
def _event(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "token": f"{SECRET}-verification", "team_id": TEAM, "context_team_id": TEAM, "api_app_id": "A0APP",
        "context_enterprise_id": None, "event": draw(_happened), "type": "event_callback",
        "event_id": "Ev0", "event_time": 1700000000, "is_ext_shared_channel": False, "event_context": "c",
        "authorizations": [
            {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True,
             "is_enterprise_install": False}
        ],
    }  # fmt: skip


@st.composite
def _shortcut(draw: st.DrawFn) -> dict[str, Any]:
    if draw(below(2)):
        return draw(_chosen) | {"callback_id": "jobs", "action_ts": "1700000002.000300"}
    body = draw(_run)
    card = {"from_url": f"{WEB}/job/show/1234", "fallback": draw(text(300)), "id": 1}
    message = {
        "type": "message", "user": "U0TOM", "ts": "1700000000.000100", "text": draw(_said),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": draw(text(3000))}}],
        "attachments": [card] * draw(below(2)),
    }  # fmt: skip
    place = {"channel": {"id": draw(_channel), "name": "general"}, "response_url": RESPOND + "5"}
    return body | place | {"callback_id": "job_of_message", "message_ts": message["ts"], "message": message}


_kinds = (
    _press(),
    _press(),
    _press(),
    _submission(),
    _submission(),
    _command(),
    _event(),
    _suggestion(),
    _shortcut(),
)


@st.composite
def payloads(draw: st.DrawFn) -> Payload:
    """One payload; about one in four is spoilt."""
    body = draw(_kinds[draw(below(len(_kinds)))])
    if draw(below(4)):
        return Payload(body)
    return Payload(draw(spoilt(body)), is_slacks=False)

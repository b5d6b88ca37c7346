"""conversations.*: direct messages, history and replies."""

import base64
import binascii
import re

from bot.sandbox.slack import payloads
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments, need_membership, need_scope
from bot.sandbox.slack.people import BOT_USER, Channel
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.workspace import Message

MOST_AT_ONCE = 999

_TS = re.compile(r"\d+(\.\d+)?")


def open_im(slack: Slack, arguments: Arguments) -> Json:
    """Open (or find again) a person's direct messages with the bot."""
    if arguments.get("channel"):
        channel = arguments.channel()
    else:
        users = arguments.get("users")
        names = users.split(",") if isinstance(users, str) else users or []
        if not any(names):
            raise Refused("users_list_not_supplied")
        if len(names) > 1:
            need_scope(slack, "mpim:write")
        if names[0] == BOT_USER:
            raise Refused("cannot_dm_bot")
        person = Arguments(slack, {"user": names[0]}).person()
        slack.circumstances.check_person(person.id)
        channel = slack.workspace.directory.channels[person.im]
    return {"channel": _told(slack, channel) if arguments.says_yes("return_im") else {"id": channel.id}}


def info(slack: Slack, arguments: Arguments) -> Json:
    """Tell about a conversation."""
    channel = arguments.channel()
    need_scope(slack, "im:read" if channel.is_im else "channels:read")
    told = _told(slack, channel) | {"is_archived": channel.id in slack.circumstances.archived}
    if not channel.is_im:
        told["is_member"] = channel.id in slack.workspace.bot_is_in
    return {"channel": told}


def history(slack: Slack, arguments: Arguments) -> Json:
    """The messages of a conversation, newest first; never the ephemeral ones, nor replies in threads."""
    channel = _readable(slack, arguments)
    messages = [m for m in slack.workspace.messages[channel.id] if m.thread_ts in (None, m.ts) or m.broadcast]
    return _page(slack, arguments, list(reversed(messages)))


def replies(slack: Slack, arguments: Arguments) -> Json:
    """A thread, its first message first."""
    channel = _readable(slack, arguments)
    ts = str(arguments.need("ts"))
    thread = [m for m in slack.workspace.messages[channel.id] if ts in (m.ts, m.thread_ts)]
    if not any(m.ts == ts and m.reader is None for m in thread):
        raise Refused("thread_not_found")
    return _page(slack, arguments, thread)


def _readable(slack: Slack, arguments: Arguments) -> Channel:
    channel = arguments.channel()
    need_scope(slack, "im:history" if channel.is_im else "channels:history")
    need_membership(slack, channel)
    return channel


def _page(slack: Slack, arguments: Arguments, messages: list[Message]) -> Json:
    limit = min(arguments.number("limit", 100, "invalid_limit"), MOST_AT_ONCE)
    if limit < 1:
        raise Refused("invalid_limit")
    start = _start(arguments.get("cursor"))
    bounds, inclusive = _bounds(arguments), arguments.says_yes("inclusive")
    found = [m for m in messages if m.reader is None and _between(bounds, m.ts, inclusive=inclusive)]
    page = found[start : start + limit]
    has_more = start + limit < len(found)
    whole = arguments.says_yes("include_all_metadata")
    answer: Json = {
        "messages": [_message(slack, m, whole=whole) for m in page],
        "has_more": has_more,
        "pin_count": 0,
    }
    if has_more:
        cursor = base64.b64encode(f"next:{start + limit}".encode()).decode()
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _start(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (ValueError, binascii.Error):
        raise Refused("invalid_cursor") from None


def _bounds(arguments: Arguments) -> dict[str, int]:
    bounds = {}
    for name in ("oldest", "latest"):
        if (given := arguments.get(name)) in (None, ""):
            continue
        if not _TS.fullmatch(str(given)):
            raise Refused(f"invalid_ts_{name}")
        bounds[name] = _micros(str(given))
    return bounds


def _between(bounds: dict[str, int], ts: str, *, inclusive: bool) -> bool:
    when = _micros(ts)
    if inclusive and when in bounds.values():
        return True
    return bounds.get("oldest", -1) < when < bounds.get("latest", when + 1)


def _micros(ts: str) -> int:
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)


def _message(slack: Slack, message: Message, *, whole: bool) -> Json:
    told = payloads.message(slack, message)
    if whole and message.metadata:
        told["metadata"] = message.metadata
    return told


def _told(slack: Slack, channel: Channel) -> Json:
    if channel.is_im:
        return {
            "id": channel.id,
            "is_im": True,
            "user": channel.person,
            "is_open": True,
            "is_archived": False,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_im": False,
        "is_private": False,
        "is_archived": False,
        "num_members": len(slack.workspace.directory.people),
    }

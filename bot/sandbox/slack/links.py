"""Links in what people write: told to the app that knows their domain, and unfurled by it."""

import re
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from bot.sandbox.slack import payloads
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.installed import UNFURL_DOMAINS
from bot.sandbox.slack.refusal import Json
from bot.sandbox.slack.workspace import Message

_ADDRESS = re.compile(r"(?<![<|\w])https?://[^\s<>|]*[^\s<>|.,;:!?'\")\]}]")
_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>")


def linked(text: str) -> str:
    """The text with its addresses in angle brackets, as Slack's client sends and stores them."""
    return _ADDRESS.sub(r"<\g<0>>", text)


def links_in(text: str) -> list[str]:
    """The addresses of a message's links, each once, as they stand in its text."""
    return list(dict.fromkeys(_LINK.findall(text)))


def announce(slack: Slack, message: Message) -> None:
    """Tell the app of the links in a person's message that go to one of its domains, wherever it stands."""
    known = UNFURL_DOMAINS | {_domain(slack.origin)}
    links = [{"domain": _domain(url), "url": url} for url in links_in(message.text) if _domain(url) in known]
    if links:
        slack.announce("link_shared", payloads.event(slack, _event(slack, message, links)))


def _event(slack: Slack, message: Message, links: Iterable[Json]) -> Json:
    unfurl_id = f"{message.channel}.{message.ts}.{secrets.token_hex(32)}"
    slack.tickets.unfurls[unfurl_id] = (message.channel, message.ts)
    event: Json = {
        "type": "link_shared",
        "user": message.user,
        "channel": message.channel,
        "is_bot_user_member": slack.workspace.hears(message.channel),
        "message_ts": message.ts,
        "unfurl_id": unfurl_id,
        "source": "conversations_history",
        "links": list(links),
        "event_ts": slack.workspace.next_ts(),
    }
    return event | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _domain(url: str) -> str:
    return urlsplit(url).hostname or ""

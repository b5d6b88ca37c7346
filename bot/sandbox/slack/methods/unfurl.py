"""chat.unfurl: cards under the links that people pasted."""

from typing import Any

from bot.sandbox.slack import inputs, links
from bot.sandbox.slack.blockkit.surfaces import check_message_blocks
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.people import APP_ID, BOT_ID, BOT_USER
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.workspace import Message

SOURCES = ("composer", "conversations_history")

_INVITATIONS = ("user_auth_message", "user_auth_blocks", "user_auth_required", "user_auth_url", "metadata")


def unfurl(slack: Slack, arguments: Arguments) -> Json:
    """Put cards under a person's message, all or none; a link's second card takes the place of its first.

    `unfurls` maps links of that message to `{"blocks": […]}` or to an attachment of the old kind.
    """
    unfurls = arguments.get("unfurls") or {}
    if not unfurls and not any(arguments.get(name) for name in _INVITATIONS):
        raise Refused("missing_unfurls")
    if not isinstance(unfurls, dict) or not all(isinstance(card, dict) for card in unfurls.values()):
        raise Refused("invalid_unfurls_format")
    message = _message(slack, arguments)
    if message.user == BOT_USER:
        raise Refused("cannot_unfurl_message")
    cards = {url: _card(url, card) for url, card in unfurls.items()}
    if not set(cards) <= set(links.links_in(message.text)):
        raise Refused("cannot_unfurl_url")
    _attach(message, cards)
    slack.workspace.edited(message)
    return {}


def _message(slack: Slack, arguments: Arguments) -> Message:
    if unfurl_id := arguments.get("unfurl_id"):
        if (source := arguments.get("source")) not in SOURCES:
            raise Refused("invalid_source" if source else "missing_source")
        place = slack.tickets.unfurls.get(str(unfurl_id))
        if place is None:
            raise Refused("invalid_unfurl_id")
        channel, ts = place
    else:
        channel, ts = (str(arguments.get(name) or "") for name in ("channel", "ts"))
        if not channel or not ts:
            raise Refused("missing_ts" if channel else "missing_channel")
    if slack.channel(channel) is None:
        raise Refused("cannot_find_channel")
    try:
        return slack.workspace.message(channel, ts)
    except Refused:
        raise Refused("cannot_find_message") from None


def _card(url: str, given: Json) -> Json:
    card = {name: value for name, value in given.items() if name != "blocks"}
    if "blocks" in given:
        check_message_blocks(given["blocks"])
        card["blocks"] = inputs.with_ids(given["blocks"])
    elif not any(given.get(name) for name in ("text", "title", "fallback", "image_url", "fields")):
        raise Refused("cannot_parse_attachment")
    return card | {
        "from_url": url,
        "app_unfurl_url": url,
        "is_app_unfurl": True,
        "app_id": APP_ID,
        "bot_id": BOT_ID,
        "fallback": given.get("fallback", "[no preview available]"),
    }


def _attach(message: Message, cards: dict[str, Json]) -> None:
    shown: dict[str, Any] = {card["from_url"]: card for card in message.attachments} | cards
    message.attachments = [card | {"id": number} for number, card in enumerate(shown.values(), 1)]

"""chat.* and reactions.add."""

import re

from bot.sandbox.slack import payloads
from bot.sandbox.slack.blockkit.surfaces import check_metadata
from bot.sandbox.slack.contents import EPHEMERAL_BYTES, UPDATED_CHARACTERS, contents
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments, need_membership
from bot.sandbox.slack.people import BOT_USER, Channel
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.workspace import Message

_TS = re.compile(r"\d{1,12}\.\d{6}")


def post_message(slack: Slack, arguments: Arguments) -> Json:
    """Post a message as the bot."""
    channel = arguments.place_to_post()
    slack.circumstances.check_post(channel)
    if "chat:write.public" not in slack.scopes:
        need_membership(slack, channel)
    metadata = arguments.get("metadata")
    if metadata is not None:
        check_metadata(metadata)
    said = contents(arguments.given)
    message = Message(
        slack.workspace.next_ts(),
        channel.id,
        BOT_USER,
        said.text,
        said.blocks,
        thread_ts=_thread(slack, channel, arguments),
        broadcast=arguments.says_yes("reply_broadcast"),
        metadata=metadata or None,
    )
    slack.workspace.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": _told(slack, message)}


def post_ephemeral(slack: Slack, arguments: Arguments) -> Json:
    """Show a message to one person only; it can never be found again."""
    channel = arguments.channel()
    user = arguments.person().id
    if channel.person not in (None, user):
        raise Refused("user_not_in_channel")
    slack.circumstances.check_post(channel)
    # chat:write.public does not help here (node-slack-sdk issue 977).
    need_membership(slack, channel)
    said = contents(arguments.given, size=EPHEMERAL_BYTES)
    thread = _thread(slack, channel, arguments)
    ts = slack.workspace.next_ts()
    slack.workspace.post(Message(ts, channel.id, BOT_USER, said.text, said.blocks, user, thread))
    return {"message_ts": ts}


def update(slack: Slack, arguments: Arguments) -> Json:
    """Change a message of the bot's; the blocks go when only text is given, the metadata stays."""
    message = _own(slack, arguments, "cant_update_message")
    slack.circumstances.check_edit(
        slack.workspace.directory.channels[message.channel], message.ts, slack.clock()
    )
    metadata = arguments.get("metadata")
    if metadata is not None:
        check_metadata(metadata)
        message.metadata = metadata or None
    said = contents(arguments.given, characters=UPDATED_CHARACTERS)
    message.text, message.blocks = said.text, said.blocks
    message.edited = slack.workspace.next_ts()
    slack.workspace.edited(message)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": _told(slack, message),
    }


def delete(slack: Slack, arguments: Arguments) -> Json:
    """Take a message of the bot's away."""
    message = _own(slack, arguments, "cant_delete_message")
    slack.workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def add_reaction(slack: Slack, arguments: Arguments) -> Json:
    """Put an emoji on a message."""
    name = str(arguments.need("name"))
    timestamp = str(arguments.need("timestamp"))
    message = slack.workspace.message(arguments.channel().id, timestamp)
    if any(reaction["name"] == name for reaction in message.reactions):
        raise Refused("already_reacted")
    message.reactions.append({"name": name, "users": [BOT_USER], "count": 1})
    slack.workspace.message_changed(message)
    return {}


def _own(slack: Slack, arguments: Arguments, error: str) -> Message:
    channel = arguments.channel()
    message = slack.workspace.message(channel.id, str(arguments.need("ts")))
    if message.user != BOT_USER:
        raise Refused(error)
    return message


def _thread(slack: Slack, channel: Channel, arguments: Arguments) -> str | None:
    thread_ts = arguments.get("thread_ts")
    if thread_ts is None:
        return None
    if not _TS.fullmatch(str(thread_ts)):
        raise Refused("invalid_thread_ts")
    try:
        return slack.workspace.message(channel.id, str(thread_ts)).ts
    except Refused:
        raise Refused("thread_not_found") from None


def _told(slack: Slack, message: Message) -> Json:
    told = payloads.message(slack, message)
    return told | {"metadata": message.metadata} if message.metadata else told

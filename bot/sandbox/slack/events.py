"""The events of conversations: what the app hears of messages that come, change and go.

The app's own messages are told too, as Slack does: an app that answers whatever it hears answers itself.
"""

from bot.sandbox.slack import links, payloads
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.people import BOT_USER, CHANNELS
from bot.sandbox.slack.workspace import Message, What


def connect(slack: Slack) -> None:
    """Tell the app from now on what happens in the conversations that it may hear."""

    def tell(what: What, message: Message) -> None:
        if message.reader is None:
            _tell(slack, what, message)

    slack.workspace.listener = tell


def _tell(slack: Slack, what: What, message: Message) -> None:
    if CHANNELS[message.channel].is_im:
        slack.announce("message.im", payloads.message_event(message, what, slack.workspace.next_ts()))
    elif message.channel in slack.workspace.bot_is_in:
        slack.announce("message.channels", payloads.message_event(message, what, slack.workspace.next_ts()))
        # In direct messages a mention is no event of its own.
        if what == "posted" and f"<@{BOT_USER}>" in message.text and message.user != BOT_USER:
            slack.announce("app_mention", payloads.mention_event(message))
    if what == "posted" and message.user != BOT_USER:
        links.announce(slack, message)

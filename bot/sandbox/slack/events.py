"""The events of conversations: what the app hears of messages, and of channels and people, that come and go.

The app's own messages are told too, as Slack does: an app that answers whatever it hears answers itself.
"""

from bot.sandbox.slack import links, payloads
from bot.sandbox.slack.circumstances import Circumstances
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.people import ADMINISTRATOR, BOT_USER
from bot.sandbox.slack.workspace import Message, What


def connect(slack: Slack) -> None:
    """Tell the app from now on what happens in the conversations that it may hear."""

    def tell(what: What, message: Message) -> None:
        if message.reader is None:
            _tell(slack, what, message)

    slack.workspace.listener = tell


def _tell(slack: Slack, what: What, message: Message) -> None:
    if slack.workspace.directory.channels[message.channel].is_im:
        slack.announce("message.im", payloads.message_event(slack, message, what, slack.workspace.next_ts()))
    elif message.channel in slack.workspace.bot_is_in:
        slack.announce(
            "message.channels", payloads.message_event(slack, message, what, slack.workspace.next_ts())
        )
        # In direct messages a mention is no event of its own.
        if what == "posted" and f"<@{BOT_USER}>" in message.text and message.user != BOT_USER:
            slack.announce("app_mention", payloads.mention_event(slack, message))
    if what == "posted" and message.user != BOT_USER:
        links.announce(slack, message)


def tell_changes(slack: Slack, before: Circumstances) -> None:
    """Tell the app which channels and people other circumstances prevail for than before."""
    now = slack.circumstances
    for channel in sorted(now.archived ^ before.archived):
        name = "channel_archive" if channel in now.archived else "channel_unarchive"
        slack.announce(name, payloads.channel_event(slack, name, channel, user=ADMINISTRATOR))
    for channel in sorted(now.deleted - before.deleted):
        slack.workspace.bot_is_in.discard(channel)
        slack.announce("channel_deleted", payloads.channel_event(slack, "channel_deleted", channel))
    for user in sorted(now.disabled ^ before.disabled):
        person = slack.workspace.directory.people[user]
        slack.announce("user_change", payloads.user_change(slack, person))
    slack.workspace.changed(slack.workspace.directory.people)


def bot_joins(slack: Slack, channel: str, inviter: str) -> None:
    """Let the bot into a channel, and tell it."""
    slack.workspace.bot_is_in.add(channel)
    more = {"user": BOT_USER, "channel_type": "C", "team": slack.team.id, "inviter": inviter}
    told = payloads.channel_event(slack, "member_joined_channel", channel, **more)
    slack.announce("member_joined_channel", told)


def bot_leaves(slack: Slack, channel: str, actor: str) -> None:
    """Take the bot out of a channel, and tell it."""
    slack.workspace.bot_is_in.discard(channel)
    slack.announce("channel_left", payloads.channel_event(slack, "channel_left", channel, actor_id=actor))

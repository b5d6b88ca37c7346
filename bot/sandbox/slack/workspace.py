"""The workspace's state: messages, views, what is read, and who is told that something changed."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.slack import inputs
from bot.sandbox.slack.mentions import pinged
from bot.sandbox.slack.people import BOT_NAME, BOT_USER, Channel, Directory
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.views import View

Watcher = Callable[[int], None]
"""Is told a new sequence number whenever what a person sees has changed, and `OVER` at the end."""

OVER = -1

What = Literal["posted", "edited", "removed"]
"""What happened to a message."""

Listener = Callable[[What, "Message"], None]


@dataclass(eq=False)
class Message:
    """A message in a channel; an ephemeral one has a reader, and nobody else sees it."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] | None = None
    reader: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edited: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    reactions: list[Json] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)
    """Whom it pinged when it was posted: an edit pings nobody."""
    values: dict[str, inputs.Values] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What the control interface calls it."""
        return f"ephemeral-{self.ts}" if self.reader else self.ts

    @property
    def all_blocks(self) -> list[Json]:
        """Its own blocks and those of the cards under it."""
        return [*(self.blocks or []), *(b for card in self.attachments for b in card.get("blocks", []))]

    def seen_by(self, user: str) -> bool:
        """Whether this person sees it."""
        return self.reader in (None, user)

    def values_of(self, user: str) -> inputs.Values:
        """What this person has picked in it."""
        self.values[user] = inputs.values(self.all_blocks, self.values.get(user))
        return self.values[user]

    def shown(self, username: str) -> Json:
        """The message as the page draws it, with the name that stands beside it."""
        return {
            "id": self.id,
            "ts": self.ts,
            "channel": self.channel,
            "user": self.user,
            "username": username,
            "text": self.text,
            "blocks": self.blocks,
            "ephemeral": self.reader is not None,
            "edited": self.edited is not None,
            "thread_ts": self.thread_ts,
            "broadcast": self.broadcast,
            "metadata": self.metadata,
            "files": self.files,
            "attachments": self.attachments,
            "reactions": self.reactions,
            "pings": self.pings,
        }


class Workspace:
    """Everything that people see; only `reset` forgets."""

    def __init__(self, directory: Directory, clock: Callable[[], float]) -> None:
        self.directory, self._clock = directory, clock
        self._watchers: dict[str, set[Watcher]] = defaultdict(set)
        self._seq = 0
        self.listener: Listener = lambda _what, _message: None
        """Hears of every message that comes, changes or goes."""
        self._last_ts = 0
        self._empty()

    def _empty(self) -> None:
        self.messages: dict[str, list[Message]] = {channel: [] for channel in self.directory.channels}
        self.modals: dict[str, list[View]] = {user: [] for user in self.directory.people}
        self.homes: dict[str, View] = {}
        self.bot_is_in: set[str] = set()
        self._read: dict[tuple[str, str], str] = {}
        self._toasts: dict[str, deque[Json]] = {user: deque(maxlen=5) for user in self.directory.people}

    def reset(self) -> None:
        """Forget everything but the people and the channels."""
        self._empty()
        self.changed(self.directory.people)

    # What changed

    def watch(self, user: str, watcher: Watcher) -> None:
        """Tell `watcher` from now on when what this person sees has changed."""
        self._watchers[user].add(watcher)

    def unwatch(self, user: str, watcher: Watcher) -> None:
        """Tell it no more."""
        self._watchers[user].discard(watcher)

    @property
    def seq(self) -> int:
        """Grows with every change."""
        return self._seq

    def changed(self, users: Iterable[str]) -> None:
        """What these people see has changed."""
        self._seq += 1
        for user in users:
            for watcher in list(self._watchers[user]):
                watcher(self._seq)

    def close(self) -> None:
        """Nothing will change any more."""
        for watchers in self._watchers.values():
            for watcher in list(watchers):
                watcher(OVER)

    def message_changed(self, message: Message) -> None:
        """A message came, changed or went."""
        person = message.reader or self.directory.channels[message.channel].person
        self.changed([person] if person else self.directory.people)

    def username(self, message: Message) -> str:
        """The name that stands beside a message."""
        return BOT_NAME if message.user == BOT_USER else self.directory.people[message.user].name

    def hears(self, channel: str) -> bool:
        """Whether the bot is in this conversation; it always is in its direct messages."""
        return self.directory.channels[channel].is_im or channel in self.bot_is_in

    # Messages

    def next_ts(self) -> str:
        """A time stamp that no message has yet."""
        self._last_ts = max(self._last_ts + 1, int(self._clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def post(self, message: Message) -> Message:
        """Add a message to its channel."""
        self.messages[message.channel].append(message)
        message.pings = pinged(message.text, message.blocks)
        if message.user != BOT_USER:
            self._read[message.user, message.channel] = message.ts
        self.message_changed(message)
        self.listener("posted", message)
        return message

    def edited(self, message: Message) -> None:
        """What a message says has changed."""
        self.message_changed(message)
        self.listener("edited", message)

    def remove(self, message: Message) -> None:
        """Take a message away."""
        self.messages[message.channel].remove(message)
        self.message_changed(message)
        self.listener("removed", message)

    def forget_ephemeral(self, user: str) -> None:
        """Drop what only this person saw, as Slack does whenever it starts anew."""
        for messages in self.messages.values():
            messages[:] = [message for message in messages if message.reader != user]
        self.changed([user])

    def message(self, channel: str, ts: str) -> Message:
        """The message with this time stamp, as the Web API finds it: never an ephemeral one."""
        for message in self.messages[channel]:
            if message.ts == ts and message.reader is None:
                return message
        raise Refused("message_not_found")

    def message_on_screen(self, user: str, message_id: str) -> Message | None:
        """The message with this id, if the person sees it."""
        for channel in self.directory.of(user):
            for message in self.messages[channel.id]:
                if message.id == message_id and message.seen_by(user):
                    return message
        return None

    def unread(self, user: str, channel: Channel) -> int:
        """How many messages of others came since the person last looked."""
        read = self._read.get((user, channel.id), "")
        return sum(m.ts > read and m.user != user and m.seen_by(user) for m in self.messages[channel.id])

    def mark_read(self, user: str, channel: str) -> None:
        """The person has looked at the channel."""
        newest = self.messages[channel][-1].ts if self.messages[channel] else ""
        # Told only when it is news: a page that marks what it draws must not be made to draw for ever.
        if newest > self._read.get((user, channel), ""):
            self._read[user, channel] = newest
            self.changed([user])

    # Views

    def view(self, view_id: str) -> View:
        """The open modal or the home tab with this id; raises Refused when there is none."""
        for view in self._views():
            if view.id == view_id:
                return view
        raise Refused("not_found")

    def has_view(self, view_id: str) -> bool:
        """Whether a modal with this id is open, or it is somebody's home tab."""
        return any(view.id == view_id for view in self._views())

    def view_of_external(self, external_id: str) -> View | None:
        """The open view to which the app gave this id of its own."""
        return next((view for view in self._views() if view.spec.get("external_id") == external_id), None)

    def _views(self) -> list[View]:
        return [*self.homes.values(), *(view for stack in self.modals.values() for view in stack)]

    def view_on_screen(self, user: str, view_id: str) -> View | None:
        """The person's topmost modal, or their home tab, if it has this id."""
        top = self.modals[user][-1:]
        return next((v for v in [*top, self.homes.get(user)] if v is not None and v.id == view_id), None)

    # What Slack itself says

    def toast(self, user: str, text: str) -> None:
        """Tell the person something in Slack's own name."""
        self._toasts[user].append({"id": self.next_ts(), "text": text})
        self.changed([user])

    def toasts(self, user: str) -> list[Json]:
        """The last things that Slack told this person."""
        return list(self._toasts[user])

"""The modal in which a person says what they want to be told: shown, and read again; no I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from slackblocks import (
    Block,
    Button,
    CheckboxGroup,
    ContextBlock,
    Element,
    HeaderBlock,
    InputBlock,
    Markdown,
    ModalView,
    Option,
    PlainText,
    RadioButtonGroup,
    SectionBlock,
    StaticSelectMenu,
    TimePicker,
)

from bot.filters import Kind
from bot.ids import Action, Modal
from bot.jobs import Event
from bot.language import mark, say, say_n
from bot.messages.blocks import Message, actions, button, message, section
from bot.rules.places import Place
from bot.rules.preferences import Preferences, Quiet, Reminder, Summary
from bot.text import plain

MINUTES = (0, 1, 2, 5, 15, 60)
"""How long a job must have taken for its good end to be told: what one can choose from."""

_SHOWN = 60
"""Channels listed: a modal has at most 100 blocks."""
_EVENING, _MORNING = time(20, 0), time(8, 0)


@dataclass(frozen=True, slots=True)
class _Field:
    """A question of the modal; `options` are English texts by value, said when they are shown."""

    name: str
    label: str
    options: Mapping[str, str]
    is_one_of: bool = False

    def block(self, *chosen: str, hint: str = "") -> InputBlock:
        """The field with these values chosen."""
        options = {value: _option(value, say(words)) for value, words in self.options.items()}
        first = [options[value] for value in options if value in chosen]
        element: Element
        if self.is_one_of:
            element = RadioButtonGroup(self.name, list(options.values()), initial_option=first[0])
        else:
            element = CheckboxGroup(self.name, list(options.values()), initial_options=first or None)
        optional = not self.is_one_of
        return InputBlock(say(self.label), element, block_id=self.name, optional=optional, hint=hint or None)

    def read(self, held: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
        """The values that are chosen in it."""
        state = held.get(self.name, {})
        picked = [*(state.get("selected_options") or ()), state.get("selected_option") or {}]
        return frozenset(str(option["value"]) for option in picked if option.get("value") in self.options)

    def read_one(self, held: Mapping[str, Mapping[str, Any]], otherwise: str) -> str:
        """The one value that is chosen in it."""
        return next(iter(self.read(held)), otherwise)


_EVENTS = _Field(
    "events",
    mark("Tell me when a job"),
    {
        Event.FINISHED: mark("finishes"),
        Event.FAILED: mark("fails"),
        Event.KILLED: mark("is stopped"),
        Event.ASKED: mark("asks something"),
    },
)
_KINDS = _Field(
    "kinds",
    mark("Only jobs of these kinds"),
    {
        Kind.EXPORTS: mark("Exports"),
        Kind.IMPORTS: mark("Imports"),
        Kind.PREDICTIONS: mark("Predictions"),
        Kind.SUBSETS: mark("Subsets"),
    },
)
_DIRECT, _CHANNELS = "direct", "channels"
_WHERE = _Field(
    "where",
    mark("Where"),
    {
        _DIRECT: mark("By direct message, and in the channels I chose"),
        _CHANNELS: mark("Only in the channels, for the jobs told there"),
    },
    is_one_of=True,
)
_NEW, _THREAD = "new", "thread"
_HOW = _Field(
    "how",
    mark("As"),
    {_NEW: mark("A new message"), _THREAD: mark("A reply in the thread of the job's card")},
    is_one_of=True,
)
_CARDS, _SLOW = "cards", "slow"
_ALSO = _Field(
    "also",
    mark("While jobs run"),
    {
        _CARDS: mark("Show a card for each job, and keep it up to date"),
        _SLOW: mark("Tell me when a job takes unusually long"),
    },
)
_REMINDERS = _Field(
    "reminders",
    mark("Remind me of"),
    {
        Reminder.QUESTION: mark("A question that nobody has answered"),
        Reminder.FILE: mark("A file that EcoTaxa is about to delete"),
        Reminder.SIGN_IN: mark("A sign-in that is about to end"),
    },
)
_ON = "on"
_QUIET = _Field("quiet", mark("Quiet hours"), {_ON: mark("Keep quiet, and tell me afterwards")})
_SUMMARY = _Field(
    "summary",
    mark("Summary"),
    {
        Summary.OFF: mark("No summary"),
        Summary.DAILY: mark("Each morning"),
        Summary.WEEKLY: mark("On Monday mornings"),
    },
    is_one_of=True,
)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_LEAST, _FROM, _UNTIL = "least", "from", "until"


def notify_modal(preferences: Preferences, zone: str, places: Sequence[Place]) -> dict[str, Any]:
    """The modal with what a person chose; `zone` is their time zone as Slack names it.

    Minutes between the choices are shown as the nearest of them.
    """
    also = [name for name, is_on in ((_CARDS, preferences.cards), (_SLOW, preferences.slow)) if is_on]
    blocks: list[Block] = [
        _EVENTS.block(*preferences.events),
        _KINDS.block(*preferences.kinds, hint=say("None chosen means all.")),
        _least_block(preferences.least_minutes),
        _WHERE.block(_DIRECT if preferences.direct else _CHANNELS),
        _HOW.block(_THREAD if preferences.in_thread else _NEW),
        _ALSO.block(*also),
        _REMINDERS.block(*preferences.reminders),
        *_quiet_blocks(preferences.quiet, zone),
        _SUMMARY.block(preferences.summary),
        *_place_blocks(places),
    ]
    view = ModalView(
        plain(say("Notifications"), 24),
        blocks,
        submit=plain(say("Save"), 24),
        close=plain(say("Cancel"), 24),
        callback_id=str(Modal.NOTIFY),
    )
    return dict(view.to_dict())


def settings_button() -> Button:
    """*Notification settings*: opens the modal."""
    return button(say("Notification settings"), Action.NOTIFY_OPEN)


def settings_offered() -> Message:
    """No modal can be opened from where it was asked for: the button can."""
    first = say("What do you want to be told, when and where?")
    return message([first], [section(first), actions(settings_button())])


def wrong_in_notify_modal(preferences: Preferences) -> dict[str, str]:
    """What cannot be meant of what was chosen, to be said beside its field; empty where all is well."""
    quiet = preferences.quiet
    if quiet is None or quiet.start != quiet.end:
        return {}
    return {_UNTIL: say("Quiet hours that end when they begin would be none. Choose another time.")}


def read_notify_modal(view: Mapping[str, Any]) -> Preferences:
    """What stands in the modal's fields."""
    values: Mapping[str, Mapping[str, Any]] = view.get("state", {}).get("values", {})
    held: dict[str, Mapping[str, Any]] = {
        block_id: next(iter(states.values()), {}) for block_id, states in values.items()
    }
    least = str((held.get(_LEAST, {}).get("selected_option") or {}).get("value", ""))
    also = _ALSO.read(held)
    return Preferences(
        events=frozenset(map(Event, _EVENTS.read(held))),
        kinds=frozenset(map(Kind, _KINDS.read(held))),
        least_minutes=int(least) if least in map(str, MINUTES) else 0,
        direct=_WHERE.read_one(held, _DIRECT) == _DIRECT,
        in_thread=_HOW.read_one(held, _NEW) == _THREAD,
        cards=_CARDS in also,
        slow=_SLOW in also,
        quiet=_read_quiet(held),
        summary=Summary(_SUMMARY.read_one(held, Summary.OFF)),
        reminders=frozenset(map(Reminder, _REMINDERS.read(held))),
    )


def _least_block(minutes: int) -> InputBlock:
    options = {it: _option(str(it), _least_words(it)) for it in MINUTES}
    nearest = min(MINUTES, key=lambda it: abs(it - minutes))
    menu = StaticSelectMenu(_LEAST, list(options.values()), initial_option=options[nearest])
    return InputBlock(say("Tell me of a good end"), menu, block_id=_LEAST)


def _least_words(minutes: int) -> str:
    if not minutes:
        return say("However long the job took")
    return say_n("If the job took {n} minute or more", "If the job took {n} minutes or more", minutes)


def _quiet_blocks(quiet: Quiet | None, zone: str) -> list[Block]:
    hint = say("In your own time zone, {zone}.", zone=plain(zone, 60))
    start, end = (quiet.start, quiet.end) if quiet else (_EVENING, _MORNING)
    return [
        _QUIET.block(*([_ON] if quiet else []), hint=hint),
        _time_block(_FROM, say("Quiet from"), start),
        _time_block(_UNTIL, say("Quiet until"), end),
    ]


def _time_block(name: str, label: str, at: time) -> InputBlock:
    return InputBlock(label, TimePicker(name, initial_time=f"{at:%H:%M}"), block_id=name)


def _read_quiet(held: Mapping[str, Mapping[str, Any]]) -> Quiet | None:
    times = [str(held.get(name, {}).get("selected_time") or "") for name in (_FROM, _UNTIL)]
    is_on = _QUIET.read(held) and all(map(_CLOCK.fullmatch, times))
    return Quiet(*map(time.fromisoformat, times)) if is_on else None


def _place_blocks(places: Sequence[Place]) -> list[Block]:
    if not places:
        return []
    blocks: list[Block] = [HeaderBlock(say("Channels where I tell your jobs"), block_id="places")]
    for place in places[:_SHOWN]:
        stop = button(say("Stop"), Action.PLACE_END.of(place.id), value=place.id)
        words = Markdown(_place_words(place), verbatim=True)
        blocks.append(SectionBlock(words, block_id=f"place.{place.id}", accessory=stop))
    more = len(places) - _SHOWN
    if more > 0:
        words = Markdown(say_n("… and {n} more", "… and {n} more", more), verbatim=True)
        blocks.append(ContextBlock([words], block_id="more"))
    return blocks


def _place_words(place: Place) -> str:
    channel = f"<#{place.channel}>"
    if place.project_id is None:
        return say("{channel}: all your jobs", channel=channel)
    return say("{channel}: your jobs of project {project}", channel=channel, project=place.project_id)


def _option(value: str, words: str) -> Option:
    return Option(PlainText(plain(words, 75)), value=value)

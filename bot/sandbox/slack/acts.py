"""What a person does in Slack, and what the app hears of it."""

import re
from typing import Any

from bot.sandbox.slack import events, inputs, links, payloads, respond
from bot.sandbox.slack.blockkit.surfaces import check_options, check_view
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.installed import COMMANDS, shortcut_named
from bot.sandbox.slack.methods.views import push_onto
from bot.sandbox.slack.people import BOT_NAME, BOT_USER
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.tickets import ResponseUrl
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Message

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_WORKING_REFERENCE = re.compile(r"&lt;([@#!][\w|^.-]+)&gt;")

_BOT = re.compile(rf"<@{BOT_USER}(\|[^>]*)?>|@{BOT_NAME}\b")
_AT = re.compile(r"(?<![\w<])@(\w+)")
_TROUBLE = "We had some trouble connecting. Try again?"


class Gone(Exception):
    """What the person wanted to use is no longer on their screen."""


async def say(slack: Slack, user: str, channel: str, text: str, thread_ts: str | None = None) -> None:
    """Send what was typed: a slash command, or a message."""
    if channel not in {mine.id for mine in slack.channels_of(user)}:
        raise Refused("channel_not_found")
    if channel in slack.circumstances.archived:
        raise Refused("is_archived")
    if text.startswith("/"):
        command, _, rest = text.partition(" ")
        await _command(slack, user, channel, command, rest.strip())
    else:
        _message(slack, user, channel, text, thread_ts)


async def _command(slack: Slack, user: str, channel: str, command: str, text: str) -> None:
    if command in ("/invite", "/remove") and _BOT.search(text):
        _let(slack, user, channel, is_in=command == "/invite")
        return
    if command not in {known["command"] for known in COMMANDS}:
        slack.workspace.toast(user, f"{command} is not a valid command.")
        raise Refused("unknown_command")
    payload = payloads.slash_command(slack, user, channel, command, links.linked(_named(slack, text)))
    try:
        answer = await slack.delivery.deliver("slash_commands", payload)
        if answer.get("text") or answer.get("blocks"):
            respond.answer(slack, ResponseUrl(user, channel, slack.clock()), answer)
    except Refused as refused:
        slack.workspace.toast(user, f"{command} failed with the error {refused.error}")
        raise


def _named(slack: Slack, text: str) -> str:
    """A command's text as an app gets it that wants people and links escaped: `@name` as a reference."""
    ids = {person.name: person.id for person in slack.workspace.directory.people.values()}
    ids[BOT_NAME] = BOT_USER
    return _AT.sub(lambda it: f"<@{ids[it[1]]}|{it[1].lower()}>" if it[1] in ids else it[0], text)


def _let(slack: Slack, user: str, channel: str, *, is_in: bool) -> None:
    if slack.workspace.directory.channels[channel].is_im:
        slack.workspace.toast(user, "That works in channels only.")
    elif (channel in slack.workspace.bot_is_in) is is_in:
        slack.workspace.toast(user, f"@{BOT_NAME} is {'already' if is_in else 'not'} in this channel.")
    elif is_in:
        events.bot_joins(slack, channel, user)
    else:
        events.bot_leaves(slack, channel, user)


def _message(slack: Slack, user: str, channel: str, text: str, thread_ts: str | None) -> None:
    # Slack escapes what people type, but lets the references through that its client makes of mentions.
    escaped = links.linked(_WORKING_REFERENCE.sub(r"<\1>", text.translate(_ESCAPES)))
    message = Message(slack.workspace.next_ts(), channel, user, escaped, thread_ts=thread_ts)
    slack.workspace.post(message)
    is_there = slack.workspace.hears(channel)
    if f"<@{BOT_USER}>" in escaped and not is_there:
        slack.workspace.toast(
            user, f"@{BOT_NAME} is not in this channel and did not hear you: /invite @{BOT_NAME}"
        )


def on_screen(slack: Slack, user: str, *, message_id: str | None, view_id: str | None) -> Message | View:
    """The message or view that the person uses; raises Gone."""
    found: Message | View | None = None
    if message_id:
        found = slack.workspace.message_on_screen(user, message_id)
    elif view_id:
        found = slack.workspace.view_on_screen(user, view_id)
    if found is None:
        raise Gone
    return found


def _element(on: Message | View, block_id: str, action_id: str) -> tuple[Json, Json]:
    blocks = on.all_blocks if isinstance(on, Message) else on.blocks
    found = inputs.find(blocks, block_id, action_id)
    if found is None:
        raise Gone
    return found


async def act(slack: Slack, user: str, on: Message | View, block_id: str, action_id: str, given: Any) -> None:
    """Press a button, or pick or type `given`; the app hears of it unless the element is a form's."""
    block, element = _element(on, block_id, action_id)
    action: Json = {"action_id": action_id, "block_id": block_id, "type": element["type"]}
    if element["type"] in inputs.KEEPS:
        state = inputs.held(element, given)
        _check_picked(slack, element, state)
        _remember(on, user, block_id, action_id, state)
        slack.workspace.changed([user])
        if block["type"] == "input" and not block.get("dispatch_action"):
            return
        action |= state
    elif element["type"] == "overflow":
        state = {"selected_option": (given or {}).get("selected_option")}
        _check_picked(slack, element, state)
        action |= state
    else:
        action |= {name: element[name] for name in ("text", "value", "url", "style") if name in element}
    action["action_ts"] = slack.workspace.next_ts()
    await _interact(slack, user, payloads.block_actions(slack, user, on, action))


async def _interact(slack: Slack, user: str, payload: Json) -> None:
    try:
        await slack.delivery.deliver("interactive", payload)
    except Refused:
        slack.workspace.toast(user, _TROUBLE)
        raise


async def shortcut(slack: Slack, user: str, callback_id: str, message_id: str | None = None) -> None:
    """Run a shortcut: a global one from anywhere, a message's on a message that everybody there sees."""
    if shortcut_named(callback_id, "message" if message_id else "global") is None:
        raise Gone
    message = slack.workspace.message_on_screen(user, message_id) if message_id else None
    if message_id and (message is None or message.reader is not None):
        raise Gone
    await _interact(slack, user, payloads.shortcut(slack, user, callback_id, message))


def _remember(on: Message | View, user: str, block_id: str, action_id: str, state: Json) -> None:
    if isinstance(on, View):
        on.put(block_id, action_id, state)
    else:
        on.values_of(user)[block_id][action_id] = state


def _check_picked(slack: Slack, element: Json, state: Json) -> None:
    """Raise Gone when something was picked that the element does not offer."""
    people, channels = slack.workspace.directory.people, slack.workspace.directory.channels
    for name, there in (("user", people), ("channel", channels), ("conversation", channels)):
        chosen = [state.get(f"selected_{name}"), *(state.get(f"selected_{name}s") or [])]
        if not set(chosen) <= {None, *there}:
            raise Gone
    if "options" not in element and "option_groups" not in element:
        return
    groups = element.get("option_groups", [])
    offered = element.get("options") or [option for group in groups for option in group["options"]]
    picked = state.get("selected_options") or [state.get("selected_option")]
    values = {option["value"] for option in offered}
    if any(option is not None and option.get("value") not in values for option in picked):
        raise Gone


async def options(
    slack: Slack, user: str, on: Message | View, block_id: str, action_id: str, query: str
) -> Json:
    """Ask the app for the options that fit `query`; too short a query is not asked."""
    _block, element = _element(on, block_id, action_id)
    if element["type"] not in ("external_select", "multi_external_select"):
        raise Gone
    if len(query) < element.get("min_query_length", 3):
        return {"options": []}
    payload = payloads.block_suggestion(slack, user, on, block_id, action_id, query)
    answer = await slack.delivery.deliver("interactive", payload)
    check_options(answer)
    return answer


async def submit(slack: Slack, view: View, values: dict[str, dict[str, Any]]) -> Json:
    """Send a modal's form: `{"closed": …}`, or `{"errors": …}` by block; raises Refused."""
    for block_id, actions in values.items():
        for action_id, given in actions.items():
            _block, element = _element(view, block_id, action_id)
            state = inputs.held(element, given)
            _check_picked(slack, element, state)
            view.put(block_id, action_id, state)
    view.errors = _complaints(view)
    slack.workspace.changed([view.user])
    if view.errors:
        return {"errors": view.errors}
    try:
        answer = await slack.delivery.deliver("interactive", payloads.view_submission(slack, view))
        return _answered(slack, view, answer)
    except Refused:
        slack.workspace.toast(view.user, _TROUBLE)
        raise


def _complaints(view: View) -> dict[str, str]:
    found = {}
    for block_id, block in view.input_blocks().items():
        state = view.values[block_id][block["element"]["action_id"]]
        if (complaint := inputs.complaint(block, state)) is not None:
            found[block_id] = complaint
    return found


def _answered(slack: Slack, view: View, answer: Json) -> Json:
    stack = slack.workspace.modals[view.user]
    if view not in stack:
        return {"closed": True}
    match answer:
        case {"response_action": "errors", "errors": dict() as errors} if errors:
            if not set(errors) <= set(view.input_blocks()):
                raise Refused("invalid_response_action_errors")
            view.errors = errors
        case {"response_action": "update", "view": spec}:
            check_view(spec, "modal")
            view.replace(spec)
        case {"response_action": "push", "view": spec}:
            check_view(spec, "modal")
            push_onto(slack, view.user, spec)
        case {"response_action": "clear"}:
            stack.clear()
        case _ if not answer:
            stack.remove(view)
        case _:
            raise Refused("invalid_response_action")
    slack.workspace.changed([view.user])
    if view.errors:
        return {"errors": view.errors}
    return {"closed": view not in stack}


async def close(slack: Slack, view: View, *, everything: bool) -> None:
    """Close a modal, or the whole stack; the app hears of those that asked for it."""
    stack = slack.workspace.modals[view.user]
    cleared = everything or bool(view.spec.get("clear_on_close"))
    closed = list(reversed(stack)) if cleared else [view]
    for each in closed:
        stack.remove(each)
    slack.workspace.changed([view.user])
    for each in closed:
        if each.wants_closing_told:
            await slack.delivery.deliver("interactive", payloads.view_closed(slack, each, cleared=cleared))


def open_home(slack: Slack, user: str, tab: str = "home") -> None:
    """Look at a tab of the app: `home` or `messages`."""
    if tab not in ("home", "messages"):
        raise ValueError(f"no such tab: {tab}")
    home = slack.workspace.homes.get(user) if tab == "home" else None
    opened = payloads.app_home_opened(slack, user, tab, home, slack.workspace.next_ts())
    slack.announce("app_home_opened", opened)


def state(slack: Slack, user: str) -> Json:
    """Everything that this person sees."""
    workspace = slack.workspace
    channels = slack.channels_of(user)
    home = workspace.homes.get(user)
    return {
        "channels": [
            {
                "id": channel.id,
                "name": channel.name,
                "kind": "im" if channel.is_im else "channel",
                "archived": channel.id in slack.circumstances.archived,
                "unread": workspace.unread(user, channel),
            }
            for channel in channels
        ],
        "messages": {
            channel.id: [
                message.shown(workspace.username(message))
                for message in workspace.messages[channel.id]
                if message.seen_by(user)
            ]
            for channel in channels
        },
        "views": [view.shown() for view in workspace.modals[user]],
        "home": home.shown() if home else None,
        "toasts": workspace.toasts(user),
        "seq": workspace.seq,
    }

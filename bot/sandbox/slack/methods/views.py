"""views.*: modals and home tabs."""

from bot.sandbox.slack.blockkit.surfaces import check_view
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.views import STACK, View


def open_modal(slack: Slack, arguments: Arguments) -> Json:
    """Open a modal for the person of the trigger, in place of what they had open."""
    spec = _modal(slack, arguments)
    user = slack.tickets.use_trigger(str(arguments.need("trigger_id")))
    view = _view(slack, spec, user)
    slack.workspace.modals[user] = [view]
    slack.workspace.changed([user])
    return {"view": view.payload()}


def push(slack: Slack, arguments: Arguments) -> Json:
    """Lay a modal on those that the person of the trigger has open."""
    spec = _modal(slack, arguments)
    user = slack.tickets.use_trigger(str(arguments.need("trigger_id")))
    return {"view": push_onto(slack, user, spec).payload()}


def push_onto(slack: Slack, user: str, spec: Json) -> View:
    """Lay the modal `spec` on the person's stack; raises Refused when it is full."""
    stack = slack.workspace.modals[user]
    if len(stack) >= STACK:
        raise Refused("push_limit_reached")
    view = _view(slack, spec, user, below=stack[-1] if stack else None)
    stack.append(view)
    slack.workspace.changed([user])
    return view


def update(slack: Slack, arguments: Arguments) -> Json:
    """Show something else in an open view; a `hash` guards against another update in between."""
    if external_id := arguments.get("external_id"):
        view = slack.workspace.view_of_external(str(external_id))
        if view is None:
            raise Refused("not_found")
    else:
        view = slack.workspace.view(str(arguments.need("view_id")))
    spec = arguments.need("view")
    check_view(spec, view.spec["type"])
    _check_hash(arguments, view)
    view.replace(spec)
    slack.workspace.changed([view.user])
    return {"view": view.payload()}


def publish(slack: Slack, arguments: Arguments) -> Json:
    """Put a home tab before a person."""
    user = arguments.person("user_id").id
    spec = arguments.need("view")
    check_view(spec, "home")
    view = slack.workspace.homes.get(user)
    if view is None:
        view = slack.workspace.homes[user] = _view(slack, spec, user)
    else:
        _check_hash(arguments, view)
        view.replace(spec)
    slack.workspace.changed([user])
    return {"view": view.payload()}


def _view(slack: Slack, spec: Json, user: str, *, below: View | None = None) -> View:
    return View.of(spec, user, slack.team.id, installed_id=slack.installed_id, below=below)


def _modal(slack: Slack, arguments: Arguments) -> Json:
    spec: Json = arguments.need("view")
    check_view(spec, "modal")
    external_id = spec.get("external_id")
    if external_id and slack.workspace.view_of_external(external_id) is not None:
        raise Refused("duplicate_external_id")
    return spec


def _check_hash(arguments: Arguments, view: View) -> None:
    if (given := arguments.get("hash")) and given != view.hash:
        raise Refused("hash_conflict")

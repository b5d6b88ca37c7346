"""Exports from chat: the modal, its projects as one types, and the job that it starts."""

from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import forms, messages, modals
from bot.acts import Did
from bot.errors import (
    BotError,
    EcoTaxaError,
    NotAllowed,
    NotFound,
    NotLinked,
    SlackError,
    TokenRejected,
    TokenUnreadable,
)
from bot.exports import Draft, Place
from bot.language import mark, say
from bot.links import Link
from bot.lookup import Found
from bot.messages import exports
from bot.names import Project
from bot.numbers import project_number
from bot.store import if_possible
from handlers.context import Request

_log = structlog.get_logger(__name__)

_STARTING = mark("⏳ Asking EcoTaxa to start it…")
_FORBIDDEN = mark("EcoTaxa does not let you export this project: you need at least the right to view it.")
_NO_PROJECT = mark("EcoTaxa has no such project any more.")


async def open_modal(request: Request, project_id: int | None) -> None:
    """Open the modal, for one project where it is known; a message with a button where it cannot open."""
    link = await request.link()
    place = _place(request)
    draft = Draft(project_id=project_id, place=place, told_here=place.is_public)
    loading = _plain_modal(say("⏳ Asking EcoTaxa about project {project}…", project=project_id))
    view = exports.export_modal(draft) if project_id is None else loading
    opened = await request.open_modal(view)
    if opened is None:
        await request.reply(exports.choose_export(project_id))
    elif project_id is not None:
        await _fill(request, link, draft, opened)


async def open_clicked(request: Request, ack: AsyncAck) -> None:
    """*Choose* was pressed; its value is the project, if one was named."""
    await ack()
    await open_modal(request, project_number(request.value) if request.value else None)


async def form_changed(request: Request, ack: AsyncAck) -> None:
    """Show the questions that go with what was just chosen; the answers so far are kept."""
    await ack()
    await request.redraw(request.view["id"], exports.export_modal(exports.read_draft(request.view)))


async def project_typed(request: Request, ack: AsyncAck) -> None:
    """Offer the person's projects that fit what is typed so far, or say why there are none to be had."""
    found = Found((), complete=False)
    try:
        link = await request.link()
        found = await request.services.lookup.projects(link.token, str(request.body.get("value") or ""))
    except (NotLinked, TokenRejected, TokenUnreadable):
        await ack(options=[forms.hint_option(say(forms.LINK_AGAIN))])
        return
    except BotError as error:
        _log.info("no projects", why=str(error))
    projects = [Project(choice.id, choice.label) for choice in found.choices]
    await ack(options=exports.project_options(projects, complete=found.complete))


async def export_submitted(request: Request, ack: AsyncAck) -> None:
    """Start the export, and say in the modal what was started and where its end is told."""
    draft = exports.read_draft(request.view)
    if draft.project_id is None:
        nothing = say("Choose a project from the list.")
        await ack(response_action="errors", errors={exports.PROJECT: nothing})
        return
    await ack(response_action="update", view=_plain_modal(say(_STARTING)))
    await request.until_drawn()
    try:
        link = await request.link()
        await request.once()
        job_id = await _start(request, link, draft)
    except (NotLinked, TokenRejected, TokenUnreadable) as error:
        await request.redraw(request.view["id"], _plain_modal(error.hint))
        raise  # the message about it has the button that helps
    except BotError as error:
        await _show(request, _why(error))
        return
    await _show(request, exports.started(await _remember(request, link, draft, job_id), job_id))


async def _start(request: Request, link: Link, draft: Draft) -> int:
    services, detail = request.services, f"{draft.kind} project {draft.project_id}"
    async with services.store.acting(link, Did.EXPORT, services.clock(), detail=detail) as acting:
        job_id = await services.ecotaxa.start_export(link.token, draft.kind, draft.body())
        acting.job_id = job_id
    return job_id


async def _remember(request: Request, link: Link, draft: Draft, job_id: int) -> Draft:
    """Keep where to report, and have the account looked at soon; the draft as it is kept.

    What cannot be kept is not promised: such a job is told by direct message, as any other is.
    """
    services, person, now = request.services, request.person, request.services.clock()
    is_kept = False
    with if_possible("where an export is told"):
        # The modal tells where, and might name somebody's direct conversation.
        if draft.told_here and not draft.place.channel.startswith("D"):
            await services.store.report_to(person, job_id, draft.place.channel, now)
        await services.store.wake_account(link.token.ecotaxa_user_id, now)
        is_kept = True
    return replace(draft, told_here=draft.told_here and is_kept)


def _why(error: BotError) -> str:
    match error:
        case NotAllowed():
            return say(_FORBIDDEN)
        case NotFound():
            return say(_NO_PROJECT)
        case _:
            return error.hint


async def _fill(request: Request, link: Link, draft: Draft, view_id: str) -> None:
    """Show the form in place of the loading view, with the project's title if EcoTaxa tells it."""
    note = ""
    try:
        project = await request.services.ecotaxa.get_project(link.token, draft.project_id or 0)
        draft = draft.of(project.id, project.title)
    except (NotAllowed, NotFound):
        note = say("EcoTaxa shows you no project {project}. Choose another one.", project=draft.project_id)
        draft = replace(draft, project_id=None)
    except TokenRejected as error:
        await request.redraw(view_id, _plain_modal(error.hint))
        raise
    except EcoTaxaError as error:
        _log.info("no title", project=draft.project_id, why=str(error))
    await request.redraw(view_id, exports.export_modal(draft, note=note))


def _plain_modal(text: str) -> dict[str, Any]:
    return modals.plain_modal(say(exports.TITLE), text)


async def _show(request: Request, text: str) -> None:
    """Say how it went, in the modal or, once that is gone, by direct message."""
    try:
        await request.slack.call("views.update", view_id=request.view["id"], view=_plain_modal(text))
    except SlackError as error:
        _log.info("the modal is gone", why=str(error))
        await request.slack.post(request.person, messages.note(text))


def _place(request: Request) -> Place:
    """Where it was asked for, as commands and presses tell it."""
    body = request.body
    channel = body.get("channel") or {}
    channel_id = body.get("channel_id") or channel.get("id") or ""
    return Place.of(str(channel_id), str(body.get("channel_name") or channel.get("name") or ""))

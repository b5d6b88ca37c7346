"""Answering an import's question: the modal, its pages and type-ahead, and what became of the answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import forms, messages, modals
from bot.delivery.texts import HELD
from bot.errors import (
    BotError,
    EcoTaxaError,
    NotFound,
    NotLinked,
    SlackError,
    TokenRejected,
    TokenUnreadable,
)
from bot.filters import Filter
from bot.forms import Form, Origin
from bot.handovers import standing
from bot.jobs import Became, Event, Job
from bot.language import say, say_n
from bot.links import Link
from bot.listing import place_load
from bot.lookup import Found
from bot.messages import Message
from bot.messages.pings import Ping
from bot.rules.kinds import PINGS
from bot.slack import Sent
from bot.store import Pick
from bot.suggestions import Name, names_of
from handlers import jobs
from handlers.context import Request

_log = structlog.get_logger(__name__)


async def answer_clicked(request: Request, ack: AsyncAck) -> None:
    """Open the modal for the job whose *Answer* button was pressed.

    The trigger lives 3 s and EcoTaxa may take longer: so a modal that says it is loading comes first.
    """
    await ack()
    job_id, place = request.job_id, request.value.partition(" ")[2]
    loading = _plain_modal(say("Asking EcoTaxa what it needs to know…"))
    opened = await request.slack.call("views.open", trigger_id=request.body["trigger_id"], view=loading)
    view_id = opened["view"]["id"]
    try:
        link = await request.link()
        job = await request.services.ecotaxa.get_job(link.token, job_id)
        form = _form_of(request, job.id, place, job)
        await _fill(request, link, job, form, view_id)
    except (NotLinked, TokenRejected, TokenUnreadable, SlackError) as error:
        await request.redraw(view_id, _plain_modal(error.hint))
        raise  # the message about it has the button that helps, or the reference to quote
    except EcoTaxaError as error:
        await request.redraw(view_id, _plain_modal(error.hint))
        if isinstance(error, NotFound):
            await _tell_places(request, _form_of(request, job_id, place), None)


async def page_turned(request: Request, ack: AsyncAck) -> None:
    """Keep what stands on this page and show another."""
    await ack()
    page = int(request.value) if request.value.isdecimal() else 0
    await _show_page(request, page)


async def suggestions_accepted(request: Request, ack: AsyncAck) -> None:
    """Choose every suggestion, also on pages that were not looked at."""
    await ack()
    form = Form.load(request.view["private_metadata"])
    await _show_page(request, form.page, accept=True)


async def _show_page(request: Request, page: int, *, accept: bool = False) -> None:
    form = Form.load(request.view["private_metadata"])
    link = await request.link()
    await _save(request, form, await _standing(request, form))
    job = await request.services.ecotaxa.get_job(link.token, form.job_id)
    if job.question is not None and accept:
        names = names_of(job.question)
        if forms.pages(names) > 1:
            looking = say_n(
                "Looking for suggestions for {n} name…", "Looking for suggestions for {n} names…", len(names)
            )
            await request.redraw(request.view["id"], _plain_modal(looking))
        picks = await _picks(request, job)
        found = await request.services.suggestions.find(link, job, _without_pick(names, picks))
        await _save(request, form, {forms.row_of(name): it.pick for name, it in found.items()})
    await _fill(request, link, job, form.turned_to(page), request.view["id"])


async def _fill(request: Request, link: Link, job: Job, form: Form, view_id: str) -> None:
    """Show the job's question in the open modal, or that it asks nothing (any more)."""
    if job.question is None or not len(job.question):
        await request.redraw(view_id, _plain_modal(messages.not_asking(job)))
        await _tell_places(request, form, job)
        return
    is_same = form.mark == job.mark
    note = "" if is_same else say("Meanwhile the question has changed: this is what is left.")
    names = names_of(job.question)
    page = min(form.page, forms.pages(names) - 1)
    picks = await _picks(request, job)
    here = _without_pick(forms.on_page(names, page), picks)
    suggestions = await request.services.suggestions.find(link, job, here)
    fresh = replace(form, mark=job.mark, page=page)
    handed = await request.services.store.handovers_of_job(request.person, job.id)
    asked = {forms.row_of(Name(it.kind, it.name)): standing(it) for it in handed}
    await request.redraw(view_id, forms.answer_modal(fresh, job, picks, suggestions, note=note, asked=asked))


def _without_pick(names: Sequence[Name], picks: forms.Picks) -> list[Name]:
    """Those that still want a suggestion."""
    return [name for name in names if forms.row_of(name) not in picks]


async def option_typed(request: Request, ack: AsyncAck) -> None:
    """Offer what EcoTaxa's search finds for what is typed so far."""
    found, row = Found((), complete=False), forms.read_row(str(request.body.get("block_id", "")))
    text = str(request.body.get("value") or "")
    if row is None:
        await ack(options=[])
        return
    try:
        link = await request.link()
        lookup = request.services.lookup
        if row[0] == "user":
            found = await lookup.users(
                link.token, text or forms.label_of(request.view, request.body["block_id"])
            )
        else:
            form = Form.load(request.view["private_metadata"])
            found = await lookup.taxa(link.token, form.project_id, text)
    except (NotLinked, TokenRejected, TokenUnreadable):
        await ack(options=[forms.hint_option(say(forms.LINK_AGAIN))])
        return
    except BotError as error:
        _log.info("no options", why=str(error))
    await ack(options=forms.options(found, row[0]))


async def option_picked(request: Request, ack: AsyncAck) -> None:
    """Keep each choice as it is made: a modal closed by mistake loses nothing."""
    await ack()
    row = forms.read_row(str(request.action.get("block_id", "")))
    if row is not None:
        form = Form.load(request.view["private_metadata"])
        await _save(request, form, {row: forms.read_option(request.action.get("selected_option"))})


async def answer_submitted(request: Request, ack: AsyncAck) -> None:
    """Send the answer, find out what became of it, and say so in the modal and in the message."""
    form = Form.load(request.view["private_metadata"])
    standing = await _standing(request, form)
    kept = await request.services.store.find_picks(request.person, form.job_id)
    merged = {**kept, **standing}
    picks = {row: pick for row, pick in merged.items() if pick != forms.LEFT}
    if not picks:
        first = next(iter(request.view["state"]["values"]), "")
        nothing = say("Choose at least one name, or close this for later.")
        await ack(response_action="errors", errors={first: nothing})
        return
    await ack(response_action="update", view=_plain_modal(say("Sending your answer to EcoTaxa…")))
    await _save(request, form, standing)
    await request.until_drawn()
    services = request.services
    try:
        link = await request.link()
        await request.once()
        outcome = await services.answering.answer(link, form.job_id, form.mark, picks, services.clock())
    except BotError as error:
        kept_for_later = say("Your choices are kept: press Answer again later.")
        await _show_result(request, f"{error.hint} {kept_for_later}")
        return
    shown = forms.read_picks(request.view)
    overruled = any(picks.get(row, pick).id != pick.id for row, pick in shown.items())
    note = say("Where a colleague had picked meanwhile, I sent their pick.") if overruled else ""
    await _show_result(request, f"{messages.outcome_words(outcome)} {note}".rstrip())
    was_sent = outcome.became is not Became.NOT_SENT or bool(outcome.unknown)
    await _tell_places(request, form, outcome.job, messages.sent_words(outcome) if was_sent else "")


async def _show_result(request: Request, text: str) -> None:
    try:
        await _update(request, request.view["id"], _plain_modal(text))
    except SlackError as error:
        _log.info("the modal is gone", why=str(error))
        await request.slack.post(request.person, messages.note(text))


def _plain_modal(text: str) -> dict[str, Any]:
    return modals.plain_modal(say("Answer"), text)


async def _update(request: Request, view_id: str, view: Mapping[str, Any]) -> None:
    await request.slack.call("views.update", view_id=view_id, view=view)


async def _tell_places(request: Request, form: Form, job: Job | None, said: str = "") -> None:
    """Change the messages that ask this: the one pressed, and the pings about this job.

    `said` is what became of the answer, empty where none was sent.  A list shows itself anew; None for the
    job says that it was deleted.
    """
    services, origin = request.services, form.origin
    message = _message_now(request, form, job, said)
    pressed = await _pressed(request, origin)
    notices = await services.store.notices_of_job(request.person, form.job_id)
    places = {Sent(n.channel, n.ts) for n in notices if n.kind == Event.ASKED and n.channel and n.ts}
    if pressed is not None and origin.page is None:
        places.add(pressed)
    tasks = [_retell(request, place, message, job, said) for place in places]
    if origin.page is not None:
        again = Request(services, request.person, request.body, origin.url, pressed=pressed)
        tasks.append(jobs.show_list(again, origin.page, Filter.load(origin.wanted), in_place=True))
    elif origin.url and pressed is None:
        tasks.append(request.slack.respond(origin.url, message, replace=True))
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(error, BotError):
            _log.info("a message could not be changed", why=str(error))
        elif error is not None:
            raise error


async def _pressed(request: Request, origin: Origin) -> Sent | None:
    """The message that *Answer* was pressed in, where the form tells of one.

    It stands in the direct conversation; what names another place did not come from there, and might
    have somebody else's message changed.
    """
    if not origin.ts or origin.channel != await request.slack.direct_channel(request.person):
        return None
    return Sent(origin.channel, origin.ts)


def _message_now(request: Request, form: Form, job: Job | None, said: str) -> Message:
    """What stands for the question now."""
    if job is None:
        return messages.deleted(form.job_id)
    web_url = request.services.web_url
    return messages.answered(job, said, web_url) if said else messages.already_answered(job, web_url)


async def _retell(request: Request, place: Sent, message: Message, job: Job | None, said: str) -> None:
    """Show what stands for the question now; a message that tells of other jobs too goes on doing so."""
    services = request.services
    notices = await services.store.notices_of_message(request.person, place.channel, place.ts)
    told = [Ping(Event(it.kind), Job.parse(it.payload["job"])) for it in notices if it.kind in PINGS]
    if len({ping.job.id for ping in told}) > 1:
        if job is None:
            return
        is_late = any(it.reason == HELD for it in notices)
        message = messages.retold(told, job, said, services.web_url, late=is_late)
    await request.slack.update(place, message)


def _form_of(request: Request, job_id: int, place: str, job: Job | None = None) -> Form:
    """A new form for a job; `place` is where in a list *Answer* was pressed, empty for other messages."""
    sent = request.pressed
    page, wanted = place_load(place)
    origin = Origin(
        url="" if sent else request.response_url,
        channel=sent.channel if sent else "",
        ts=sent.ts if sent else "",
        page=page if place else None,
        wanted=wanted.dump() if place else "",
    )
    project_id = job.project_ids[0] if job and job.project_ids else None
    return Form(job_id, job.mark if job else "", project_id, origin=origin)


async def _picks(request: Request, job: Job) -> dict[forms.Row, Pick]:
    """What was chosen so far for the names that the job asks now."""
    picks = await request.services.store.find_picks(request.person, job.id)
    asked = {forms.row_of(name) for name in names_of(job.question)} if job.question else set()
    return {row: pick for row, pick in picks.items() if row in asked}


async def _standing(request: Request, form: Form) -> dict[forms.Row, Pick]:
    """What stands in the modal's fields, but where a colleague picked and the owner left the field alone.

    The modal may be older than the pick, and what it shows there then was nobody's choice.
    """
    handed = await request.services.store.handovers_of_job(request.person, form.job_id)
    picked = {forms.row_of(Name(it.kind, it.name)) for it in handed if it.pick is not None}
    left_alone = picked & forms.untouched(request.view)
    return {row: pick for row, pick in forms.read_picks(request.view).items() if row not in left_alone}


async def _save(request: Request, form: Form, picks: Mapping[forms.Row, Pick | None]) -> None:
    if picks:
        await request.services.store.save_picks(request.person, form.job_id, picks, request.services.clock())

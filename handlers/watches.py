"""Several jobs watched as one: typed or chosen, and no longer."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages, modals, newsdesk
from bot.delivery.texts import watch_shown
from bot.errors import BotError, EcoTaxaError, NotLinked, SlackError, TokenRejected, Unavailable
from bot.jobs import OPEN, Job
from bot.language import mark, say
from bot.links import Link
from bot.listing import in_order
from bot.messages import Message
from bot.names import NO_TITLES
from bot.rules.kinds import Told
from bot.rules.watches import Watch, letter_of
from bot.store import NewNotice, Notice
from handlers.context import Request

_ASKING = mark("⏳ Asking EcoTaxa…")
TRIES = 10
"""How often jobs are asked for that move before they are watched."""


async def begin(request: Request, job_ids: Sequence[int], project_id: int | None) -> None:
    """Watch the jobs that were named, or those of a project, and say where."""
    link = await request.link()
    place = request.channel if await _is_in_channel(request) else ""
    if project_id is None:
        shown = await _begin(request, link, job_ids, place)
    else:
        shown = await _begin_project(request, link, project_id, place)
    await request.reply(shown)


async def choose(request: Request) -> None:
    """Open the modal that asks which jobs; a message with a button where it cannot open.

    The trigger lives 3 s and EcoTaxa may take longer: so a modal that says it is loading comes first.
    """
    link = await request.link()
    opened = await request.open_modal(_plain_modal(say(_ASKING)))
    if opened is None:
        await request.reply(messages.watch_offered())
        return
    try:
        jobs = await _open_jobs(request, link)
        titles = await request.services.titles.find(link.token, _projects(jobs))
    except EcoTaxaError as error:
        await request.redraw(opened, _plain_modal(error.hint))
        if isinstance(error, TokenRejected):
            raise  # the message about it has the button that helps
        return
    await request.redraw(opened, messages.watch_chooser(jobs, titles))


async def watch_clicked(request: Request, ack: AsyncAck) -> None:
    """*Watch together* was pressed."""
    await ack()
    await choose(request)


async def jobs_chosen(request: Request, ack: AsyncAck) -> None:
    """Watch the jobs that were chosen, by direct message: a modal stands in no channel."""
    job_ids = messages.read_watch_chooser(request.view)
    await ack(response_action="update", view=_plain_modal(say(_ASKING)))
    await request.until_drawn()
    try:
        shown = (await _begin(request, await request.link(), job_ids, "")).text
    except SlackError:
        raise
    except BotError as error:
        shown = error.hint
    await request.redraw(str(request.view["id"]), _plain_modal(shown))


async def stop_clicked(request: Request, ack: AsyncAck) -> None:
    """*Stop watching* was pressed: whoever began it may."""
    await ack()
    store, person = request.services.store, request.person
    card = await _card(request)
    if card is None:
        await request.reply(messages.not_watched())
    elif card.person != person:
        await request.reply(messages.watch_of_other(card.person.user_id))
    else:
        link = await request.link()
        # The card is kept as stopped too: an edit that is still due would show it as it was.
        payload = {**card.payload, "stopped": True}
        await store.end_watch(person, str(card.payload["id"]))
        await store.retell(person, card.key, payload, request.services.clock())
        project_id, titles = card.payload["project_id"], NO_TITLES
        if project_id is not None and not card.place:
            titles = await request.services.titles.find(link.token, [project_id])
        await request.reply(watch_shown(payload, request.services.web_url, titles), replace=True)


async def _card(request: Request) -> Notice | None:
    """The card that was pressed."""
    pressed = request.pressed
    if pressed is None:
        return None
    notices = await request.services.store.notices_at(pressed.channel, pressed.ts)
    return next((it for it in notices if it.kind == Told.WATCH), None)


async def _begin(request: Request, link: Link, job_ids: Sequence[int], place: str) -> Message:
    chosen = await _watch(request, link, None, place, lambda job: job.id in job_ids)
    left_out = [job_id for job_id in job_ids if job_id not in chosen]
    if not chosen:
        return messages.watch_none_of(left_out) if left_out else messages.watch_nothing(None)
    return messages.watch_begun(place, left_out)


async def _begin_project(request: Request, link: Link, project_id: int, place: str) -> Message:
    if not await _watch(request, link, project_id, place, lambda job: project_id in job.project_ids):
        return messages.watch_nothing(project_id)
    return messages.watch_begun(place)


async def _watch(
    request: Request, link: Link, project_id: int | None, place: str, wanted: Callable[[Job], bool]
) -> set[int]:
    """Watch the open jobs that are wanted; they are asked for anew where a look saw some move meanwhile."""
    store, person = request.services.store, request.person
    for _ in range(TRIES):
        mark = (await store.link_marks([person.key])).get(person.key)
        if mark is None:
            raise NotLinked
        jobs = await _open_jobs(request, link, wanted)
        if not jobs:
            return set()
        watch = Watch(secrets.token_hex(6), place, project_id, {job.id: letter_of(job) for job in jobs})
        key, payload = newsdesk.watch_key(person, watch.id), newsdesk.watch_payload(watch)
        card = NewNotice(key, person, Told.WATCH, None, payload, place=place)
        if await store.begin_watch(person, watch, card, request.services.clock(), mark):
            return {job.id for job in jobs}
    raise Unavailable(detail="jobs moved at every try")


async def _open_jobs(
    request: Request, link: Link, wanted: Callable[[Job], bool] = lambda _job: True
) -> list[Job]:
    """The person's own jobs that wait, run or ask: nothing else can be watched."""
    token = link.token
    lists = await asyncio.gather(*(request.services.ecotaxa.list_jobs(token, state) for state in OPEN))
    jobs = {job.id: job for some in lists for job in some if job.state.is_open}
    own = (job for job in jobs.values() if job.owner_id == token.ecotaxa_user_id)
    return in_order(job for job in own if wanted(job))


async def _is_in_channel(request: Request) -> bool:
    channel = request.channel
    return bool(channel) and not channel.startswith("D") and await request.is_member()


def _projects(jobs: Sequence[Job]) -> set[int]:
    return {project for job in jobs for project in messages.shown_projects(job)}


def _plain_modal(text: str) -> dict[str, Any]:
    return modals.plain_modal(say("Watch together"), text)

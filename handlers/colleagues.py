"""Asking a colleague about one name of a question: its owner asks, the colleague picks, the owner sends."""

import secrets
from contextlib import AbstractContextManager
from dataclasses import replace

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import forms, handovers, messages, modals
from bot.acts import CameTo, Did
from bot.errors import (
    BotError,
    DeliveryUnknown,
    MessageGone,
    NotFound,
    NotLinked,
    PlaceGone,
    TokenRejected,
    TokenUnreadable,
)
from bot.forms import Form
from bot.handovers import Wish
from bot.jobs import Event, Job
from bot.language import mark, say, speaking
from bot.links import Person
from bot.lookup import Found
from bot.messages import Message
from bot.slack import Sent
from bot.store import Handover, NewNotice, Pick
from bot.suggestions import Name, names_of
from handlers.context import Request

_log = structlog.get_logger(__name__)

_TITLE = mark("Ask a colleague")


async def ask_clicked(request: Request, ack: AsyncAck) -> None:
    """Keep what was chosen so far, and lay the modal that asks whom on top."""
    await ack()
    form = Form.load(request.view["private_metadata"])
    modal = handovers.ask_modal(form, request.view)
    view = modal or modals.plain_modal(say(_TITLE), say("There is no name on this page."))
    await request.slack.call("views.push", trigger_id=request.body["trigger_id"], view=view)
    untouched = forms.untouched(request.view)
    chosen = {row: pick for row, pick in forms.read_picks(request.view).items() if row not in untouched}
    if chosen:
        await request.services.store.save_picks(request.person, form.job_id, chosen, request.services.clock())


async def ask_submitted(request: Request, ack: AsyncAck) -> None:
    """Ask the colleague by direct message, and say in the modal that they are asked."""
    form, wish = Form.load(request.view["private_metadata"]), Wish.read(request.view)
    if wish.user_id == request.person.user_id:
        yourself = say("That is you. Choose somebody else.")
        await ack(response_action="errors", errors={handovers.COLLEAGUE: yourself})
        return
    await ack(response_action="update", view=modals.plain_modal(say(_TITLE), say("Asking…")))
    await request.until_drawn()
    try:
        told = await _ask(request, form, wish)
    except BotError as error:
        told = error.hint
    try:
        view = modals.plain_modal(say(_TITLE), told)
        await request.slack.call("views.update", view_id=request.view["id"], view=view)
    except MessageGone:
        await request.slack.post(request.person, messages.note(told))


async def _ask(request: Request, form: Form, wish: Wish) -> str:
    services = request.services
    link = await request.link()
    job = await services.ecotaxa.get_job(link.token, form.job_id)
    name = _asked_name(job, wish)
    if name is None:
        return say("#{job} no longer asks for that name, so I asked nobody.", job=job.id)
    await request.once()
    colleague, mention = replace(request.person, user_id=wish.user_id), f"<@{wish.user_id}>"
    now = services.clock()
    handover = Handover(
        secrets.token_hex(8), request.person, job.id, name.kind, name.text, colleague, "", "", now
    )
    if await _is_asked_already(request, handover):
        return say("{colleague} was asked about this name, and has not answered yet.", colleague=mention)
    question = await _question(request, handover, job)
    try:
        async with services.store.acting(
            link, Did.ASK, now, job_id=job.id, detail=name.kind, other=colleague
        ):
            await _put_to_colleague(request, handover, question)
    except PlaceGone:
        return say("I cannot write to {colleague}. Choose somebody else.", colleague=mention)
    return say(
        "I have asked {colleague}. You hear what they pick; it then stands in this form.", colleague=mention
    )


async def _is_asked_already(request: Request, handover: Handover) -> bool:
    """Whether the same colleague still is to say what the same name is."""
    store, owner, job_id = request.services.store, handover.owner, handover.job_id
    told = [n.created_at for n in await store.notices_of_job(owner, job_id) if n.kind == Event.ASKED]
    return any(
        (earlier.kind, earlier.name, earlier.colleague) == (handover.kind, handover.name, handover.colleague)
        and handovers.is_waiting(earlier, handover.asked_at, asked_anew_at=max(told, default=None))
        for earlier in await store.handovers_of_job(owner, job_id)
    )


async def _put_to_colleague(request: Request, handover: Handover, question: Message) -> None:
    """Post the question; of one that was certainly not posted nothing is left."""
    store = request.services.store
    slack = request.services.slack.of(handover.colleague.workspace)
    # Kept first: the colleague may press as soon as the question stands there, and we may end before we
    # know where.
    await store.save_handover(handover)
    try:
        sent = await slack.post(handover.colleague, question, keys=[handover.id])
    except DeliveryUnknown:
        known = await slack.find(handover.colleague, [handover.id], handover.asked_at)
        found = known.get(handover.id)
        if found is None:
            await store.drop_handover(handover.id)
            raise
        sent = found
    except Exception:
        await store.drop_handover(handover.id)
        raise
    await store.place_handover(handover.id, sent.channel, sent.ts)


def _asked_name(job: Job, wish: Wish) -> Name | None:
    names = names_of(job.question) if job.question else []
    return next((name for name in names if forms.row_of(name) == wish.row), None)


async def _question(request: Request, handover: Handover, job: Job) -> Message:
    is_linked = await _is_linked(request, handover.colleague)
    with await _speaking_with(request, handover.colleague):
        if job.project_ids:
            about = say("import #{job} into project {project}", job=job.id, project=job.project_ids[0])
        else:
            about = say("import #{job}", job=job.id)
        return messages.ask_colleague(
            handover.id,
            handover.kind,
            handover.name,
            owner_id=request.person.user_id,
            about=about,
            is_linked=is_linked,
        )


async def _speaking_with(request: Request, person: Person) -> AbstractContextManager[None]:
    """Speak the language of somebody else than who acted."""
    return speaking(await request.services.people.language(person))


async def _is_linked(request: Request, person: Person) -> bool:
    try:
        await replace(request, person=person).link()
    except BotError:
        return False
    return True


async def option_typed(request: Request, ack: AsyncAck) -> None:
    """Offer what EcoTaxa's search finds, with the colleague's own token."""
    found, kind = Found((), complete=False), "user"
    try:
        handover = await _own_handover(request, str(request.body.get("action_id", "")))
        kind = handover.kind
        link = await request.link()
        text = str(request.body.get("value") or "")
        if kind == "user":
            found = await request.services.lookup.users(link.token, text or handover.name)
        else:
            found = await request.services.lookup.taxa(link.token, None, text or handover.name)
    except NotLinked:
        await ack(options=[forms.hint_option(say("Link your EcoTaxa account first"))])
        return
    except (TokenRejected, TokenUnreadable):
        await ack(options=[forms.hint_option(say(forms.LINK_AGAIN))])
        return
    except BotError as error:
        _log.info("no options", why=str(error))
    await ack(options=forms.options(found, "user" if kind == "user" else "taxon", may_wait=False))


async def picked(request: Request, ack: AsyncAck) -> None:
    """The colleague picked: it goes into the owner's form, and the owner is told."""
    await ack()
    handover = await _own_handover(request, str(request.action["action_id"]))
    pick = forms.read_option(request.action.get("selected_option"))
    if pick is not None and pick != forms.LEFT:
        await request.link()
        await _settle(request, handover, pick)


async def passed(request: Request, ack: AsyncAck) -> None:
    """The colleague does not know either."""
    await ack()
    await _settle(request, await _own_handover(request, str(request.action["action_id"])), None)


async def replied(request: Request, channel: str, thread_ts: str, words: str) -> None:
    """Pass on what a colleague writes in the thread of the question; nothing where there is none."""
    services, now = request.services, request.services.clock()
    handover = await services.store.find_handover_at(channel, thread_ts)
    if handover is None or not handover.colleague.is_same(request.person):
        return
    with await _speaking_with(request, handover.owner):
        wrote = messages.colleague_wrote(handover.job_id, request.person.user_id, handover.name, words)
    news = await _news(request, handover, str(request.event["ts"]), wrote)
    async with services.store.acting(
        request.person, Did.WRITE, now, job_id=handover.job_id, other=handover.owner
    ):
        await services.store.pass_on(handover, news, now)
    owner = f"<@{handover.owner.user_id}>"
    thanks = messages.note(say("Passed on to {owner}.", owner=owner))
    await request.slack.post_in(channel, thanks, thread_ts=thread_ts)


async def _own_handover(request: Request, action_id: str) -> Handover:
    """The handover of a pressed element; raises NotFound unless it was this person who was asked."""
    handover = await request.services.store.find_handover(action_id.partition(":")[2])
    if handover is None or not handover.colleague.is_same(request.person):
        raise NotFound(say("That question is gone: it was withdrawn, or is too old."))
    return handover


async def _settle(request: Request, handover: Handover, pick: Pick | None) -> None:
    """Keep the colleague's answer, and show it to them; a second press shows them their first answer."""
    services, now = request.services, request.services.clock()
    job_id, kind, name = handover.job_id, handover.kind, handover.name
    label = pick.label if pick else None
    picked = {forms.row_of(Name(kind, name)): pick} if pick else {}
    with await _speaking_with(request, handover.owner):
        told = messages.colleague_picked(job_id, request.person.user_id, kind, name, label)
    news = await _news(request, handover, "answer", told)
    async with services.store.acting(
        request.person, Did.PICK if pick else Did.PASS, now,
        job_id=job_id, detail=kind, other=handover.owner,
    ) as acting:  # fmt: skip
        is_first = await services.store.settle_handover(handover, picked, news, now)
        acting.outcome = CameTo.DONE if is_first else CameTo.NOTHING
    if not is_first:
        before = await _own_handover(request, f":{handover.id}")
        label = before.pick.label if before.pick else None
    # A press tells where the question stands, also before that is kept.
    question = request.pressed or Sent(handover.channel, handover.ts)
    await request.slack.update(question, messages.asked_before(kind, name, label))


async def _news(request: Request, handover: Handover, what: str, message: Message) -> NewNotice:
    """What the owner is owed: in the thread of the message that told them of the question, if one did."""
    notices = await request.services.store.notices_of_job(handover.owner, handover.job_id)
    asked = [n for n in notices if n.kind == Event.ASKED and n.channel and n.ts]
    channel, thread_ts = (asked[-1].channel, asked[-1].ts) if asked else (None, None)
    named = f"handover/{handover.id}/{what}"
    return NewNotice.said(
        named, handover.owner, message, job_id=handover.job_id, place=channel, thread_ts=thread_ts
    )

"""Linking one's EcoTaxa account, seeing it, and taking the link away."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages, modals
from bot.acts import CameTo, Did
from bot.errors import BotError, MessageGone, NotFound, NotLinked, TokenUnreadable
from bot.ids import LINK_BESIDE
from bot.language import say
from bot.links import Link, Person, Token
from bot.modals import LinkFields
from bot.services import Services
from bot.tickets import LONGEST, Ticket, Tickets
from handlers.context import Request

PATIENCE = 2.0
"""Seconds for EcoTaxa to check a password before the modal says that it is still checking."""

MOST_CARRIED = 3_000
"""Characters that Slack lets a modal carry: who wrote more types it once more."""
_CARRIED = TypeAdapter(tuple[str, str, bool])
"""What a person had asked for before: the words, where the answer goes, and whether in its place."""


async def begin(request: Request) -> None:
    """Let a person link their account: on the bot's own page where it has one, else in a modal.

    Either carries what the person had asked for, to go on with.
    """
    in_place = "actions" in request.body and request.action["action_id"] != LINK_BESIDE
    if request.services.tickets is None:
        await _open_modal(request, in_place=in_place)
    else:
        await _show_way(request, request.services.tickets, in_place=in_place)


async def _show_way(request: Request, tickets: Tickets, *, in_place: bool) -> None:
    """Show the person, and nobody else, the way to the page; on the home it has no place but a modal."""
    url = request.response_url
    ticket = Ticket(request.person, request.called, request.words, url, in_place and bool(url))
    address = tickets.address(ticket)
    if len(address) > LONGEST:
        address = tickets.address(replace(ticket, words=""))
    message = messages.link_page(address)
    if request.is_on_home and await request.open_modal(messages.as_modal(message)):
        return
    await request.reply(message)


async def _open_modal(request: Request, *, in_place: bool) -> None:
    metadata = _CARRIED.dump_json((request.words, request.response_url, in_place)).decode()
    if len(metadata) > MOST_CARRIED:
        metadata = _CARRIED.dump_json(("", request.response_url, in_place)).decode()
    await request.slack.call(
        "views.open", trigger_id=request.body["trigger_id"], view=modals.link_modal(metadata)
    )


async def link_clicked(request: Request, ack: AsyncAck) -> None:
    """*Link my account* was pressed; its value is what the person had asked for."""
    await ack()
    await begin(request.saying(request.value))


async def link_submitted(request: Request, ack: AsyncAck) -> Request | None:
    """Check the password or the token and keep the token; what to go on with, once linked.

    Slack wants its acknowledgement within 3 s, EcoTaxa may take longer: then the modal says so first.
    """
    fields = LinkFields.read(request.view)
    if errors := fields.errors(request.services.clock()):
        await ack(response_action="errors", errors=errors)
        return None
    if seconds := request.services.limits.log_in(request.person):
        await ack(response_action="errors", errors={fields.block: messages.too_many_tries(seconds)})
        return None
    checking = request.services.work.start(_check(request, fields), name="check account")
    done, _ = await asyncio.wait({checking}, timeout=PATIENCE)
    metadata = str(request.view["private_metadata"])
    if not done:
        await ack(response_action="update", view=modals.checking_modal())
        await request.until_drawn()
        await asyncio.wait({checking})
    result = checking.result()
    if isinstance(result, BotError):
        block, hint = fields.blame(result)
        if done and block:
            await ack(response_action="errors", errors={block: hint})
        else:
            await _show(request, ack, modals.link_modal(metadata, error=hint, email=fields.email))
        return None
    view = modals.plain_modal(say("Linked"), messages.linked(result, request.services.clock()).text)
    await _show(request, ack, view)
    words, url, in_place = _asked_before(metadata)
    return replace(request, response_url=url, words=words, in_place=in_place)


def _asked_before(metadata: str) -> tuple[str, str, bool]:
    """What the modal carried; nothing where it is none of this release's."""
    try:
        return _CARRIED.validate_json(metadata)
    except ValidationError:
        return "", "", False


async def _check(request: Request, fields: LinkFields) -> Link | BotError:
    """Ask EcoTaxa who this is and keep the link; the password lives only here."""
    services = request.services
    try:
        async with services.store.acting(request.person, Did.LINK, services.clock()):
            link = await signed_in(services, request.person, fields)
            await services.store.save_link(link, services.clock())
    except BotError as error:
        return error
    return link


async def signed_in(services: Services, person: Person, fields: LinkFields) -> Link:
    """Ask EcoTaxa whose password or token this is: the link, which is not kept yet; raises EcoTaxaError."""
    ecotaxa = services.ecotaxa
    if fields.token:
        token = Token.read(fields.token)
    else:
        token = await ecotaxa.login(fields.email, fields.password)
    account = await ecotaxa.me(token)
    return Link(person, token, account.name, account.email)


async def _show(request: Request, ack: AsyncAck, view: dict[str, Any]) -> None:
    """Show a view in the modal's place: with the acknowledgement, or after it."""
    if ack.response is None:
        await ack(response_action="update", view=view)
        return
    try:
        await request.slack.call("views.update", view_id=request.view["id"], view=view)
    except MessageGone:
        text = view["blocks"][0]["text"]["text"]
        await request.reply(messages.note(text))


async def who_am_i(request: Request) -> None:
    """Tell who the person is at EcoTaxa, and until when."""
    services = request.services
    link = await services.store.find_link(request.person)
    if link is None:
        raise NotLinked
    await request.reply(messages.who_am_i(link, now=services.clock(), web_url=services.web_url))


async def ask_unlink(request: Request) -> None:
    """Ask before anything is forgotten; also for a link that no longer works."""
    try:
        link = await request.services.store.find_link(request.person)
    except TokenUnreadable:
        await request.reply(messages.unlink_question(None))
        return
    if link is None:
        raise NotLinked
    await request.reply(messages.unlink_question(link))


async def unlink_confirmed(request: Request, ack: AsyncAck) -> None:
    """Forget the token, what was seen, and what was still to be told."""
    await ack()
    store, now = request.services.store, request.services.clock()
    async with store.acting(request.person, Did.UNLINK, now):
        await store.forget_link(request.person)
    await request.reply(messages.unlinked(), replace=True)


async def undo_clicked(request: Request, ack: AsyncAck) -> None:
    """*That was not me*: forget the account that was linked on the page then, and no other."""
    await ack()
    store, now = request.services.store, request.services.clock()
    async with store.acting(request.person, Did.UNLINK, now, detail="was not them") as acting:
        is_undone = await store.undo_link(request.person, _linked_at(request))
        if not is_undone:
            acting.outcome = CameTo.NOTHING
    await request.reply(messages.link_undone() if is_undone else messages.link_is_gone(), replace=True)


def _linked_at(request: Request) -> datetime:
    """When the link was made that the pressed button stands for; raises NotFound when it names none."""
    try:
        return datetime.fromisoformat(request.value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotFound from None


async def unlink_refused(request: Request, ack: AsyncAck) -> None:
    """Leave everything as it is."""
    await ack()
    await request.reply(messages.kept(), replace=True)

"""The linking page: people sign in to EcoTaxa in their browser, and no password passes through Slack.

To look at the page uses nothing up, since Slack and mail scanners open every link; only an account that is
linked does, once for all processes.
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs

import structlog
from aiohttp import web

from bot import messages, page
from bot.acts import Did
from bot.errors import BotError, LoginRefused, NotAllowed, TicketUnreadable, TicketUsed
from bot.gate import BodyRefused, body_of
from bot.language import say, speaking
from bot.links import Link
from bot.modals import LinkFields
from bot.services import Services
from bot.store import NewNotice
from bot.text import one_line
from bot.tickets import LIFE, PATH, Ticket, Tickets
from handlers import account, commands
from handlers.context import Request
from handlers.front import Front

_log = structlog.get_logger(__name__)

MOST_BYTES = 8_000
"""Of a form that is sent: an address, a password and a proof are far less."""
MOST_FIELDS = 8

Answer = Callable[[web.Request, Ticket], Awaitable[web.Response]]


class _Refused(Exception):
    """The form is shown again: what was sent cannot be used, and `text` says why and what to do."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text
        super().__init__(text)


class LinkPage:
    """Serves the page of each ticket, and links the account that is signed in to on it."""

    def __init__(self, services: Services, tickets: Tickets, front: Front) -> None:
        self._services = services
        self._tickets = tickets
        self._front = front
        # Only over TLS do browsers take the name that no other host may set.
        self._cookie = "__Host-link" if tickets.is_secret else "link"

    def add_to(self, served: web.Application) -> None:
        """Serve it there."""
        address = f"{PATH}{{ticket}}"
        served.router.add_get(address, self._opened)
        served.router.add_post(address, self._sent)

    async def _opened(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._show)

    async def _sent(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._link)

    async def _answered(self, request: web.Request, answer: Answer) -> web.Response:
        """Answer in the language of the person whose ticket it is, whatever happens."""
        services = self._services
        try:
            ticket = self._tickets.read(request.match_info["ticket"])
        except TicketUnreadable:
            with speaking(page.asked_language(request.headers.get("Accept-Language", ""))):
                return _notice(404, TicketUnreadable().hint)
        with speaking(await services.people.language(ticket.person)):
            try:
                if await services.store.is_begun(ticket.act):
                    raise TicketUsed
                return await answer(request, ticket)
            except TicketUsed as error:
                return _notice(410, error.hint)
            except BotError as error:
                _log.info("the page failed", person=ticket.person.key, why=str(error))
                return _notice(503, error.hint)
            except Exception as error:  # noqa: BLE001  # the last door: told to the person in a sentence
                _log.error("the page broke", person=ticket.person.key, exc_info=error)
                return _notice(500, BotError().hint)

    async def _show(self, request: web.Request, ticket: Ticket) -> web.Response:
        return self._form(request, ticket)

    async def _link(self, request: web.Request, ticket: Ticket) -> web.Response:
        email = ""
        try:
            typed = await _typed(request)
            email = typed.get("email", "").strip()
            self._prove(request, typed.get("proof", ""))
            link = await self._linked(ticket, LinkFields(email, typed.get("password", "")))
        except _Refused as refused:
            return self._form(request, ticket, refused.status, email=email, error=refused.text)
        self._go_on(ticket)
        told = say(
            "You are {person} in EcoTaxa for the Slack account {account}. Go back to Slack, where a direct"
            " message from me says the same. This page can be closed.",
            person=one_line(f"{link.name} ({link.email})"),
            account=ticket.name,
        )
        return _page(200, page.notice(say("Linked"), told))

    async def _linked(self, ticket: Ticket, fields: LinkFields) -> Link:
        """Sign in, and keep the link; raises TicketUsed, _Refused for all else that is not good."""
        if not (fields.email and fields.password):
            raise _Refused(422, say("Type your EcoTaxa e-mail and your EcoTaxa password."))
        if seconds := self._services.limits.log_in(ticket.person):
            raise _Refused(429, messages.too_many_tries(seconds))
        # Work goes on to its end, also when the browser leaves or the bot stops.
        checking = self._check(ticket, fields)
        result = await self._services.work.start(checking, name="check account")
        if isinstance(result, TicketUsed):
            raise result
        if isinstance(result, BotError):
            raise _Refused(422 if isinstance(result, LoginRefused | NotAllowed) else 503, result.hint)
        linked: Link = result
        return linked

    async def _check(self, ticket: Ticket, fields: LinkFields) -> Link | BotError:
        """Ask EcoTaxa who this is, keep the link and owe its person word of it; once a ticket."""
        store, person, now = self._services.store, ticket.person, self._services.clock()
        try:
            async with store.acting(person, Did.LINK, now, detail="on the page"):
                link = await account.signed_in(self._services, person, fields)
                told = NewNotice.said(ticket.act, person, messages.linked_on_page(link, now))
                await store.save_link(link, now, act=ticket.act, told=[told])
        except BotError as error:
            return error
        return link

    def _go_on(self, ticket: Ticket) -> None:
        """Do in Slack what the person had asked for before."""
        asked = Request(self._services, ticket.person, {}, ticket.response_url, ticket.words, ticket.in_place)
        doing = self._front.go_on(lambda request, _ack: commands.go_on(request), asked)
        self._services.work.start(doing, name="go on")

    def _form(
        self, request: web.Request, ticket: Ticket, status: int = 200, *, email: str = "", error: str = ""
    ) -> web.Response:
        key = request.cookies.get(self._cookie) or secrets.token_urlsafe(32)
        html = page.form(
            slack_account=ticket.name,
            web_url=self._services.web_url,
            proof=_proof(key, request),
            email=email,
            error=error,
        )
        response = _page(status, html)
        response.set_cookie(
            self._cookie,
            key,
            max_age=int(LIFE.total_seconds()),
            path="/",
            secure=self._tickets.is_secret,
            httponly=True,
            samesite="Strict",
        )
        return response

    def _prove(self, request: web.Request, proof: str) -> None:
        """See that the form comes from the browser that this page was shown in; raises _Refused."""
        key = request.cookies.get(self._cookie, "")
        if not key or not hmac.compare_digest(_proof(key, request).encode(), proof.encode()):
            text = say(
                "Your browser did not say that the form is this page's. Allow cookies here, and try again."
            )
            raise _Refused(403, text)


def _proof(key: str, request: web.Request) -> str:
    """What only a form of this very link can bring, from the browser that has the cookie."""
    ticket = request.match_info["ticket"]
    return hmac.new(key.encode(errors="replace"), ticket.encode(), hashlib.sha256).hexdigest()


async def _typed(request: web.Request) -> Mapping[str, str]:
    """What was typed into the form; raises _Refused when it is no form of this page's."""
    again = say("What your browser sent could not be read. Please fill in the form again.")
    if request.content_type != "application/x-www-form-urlencoded":
        raise _Refused(415, again)
    try:
        body = await body_of(request, MOST_BYTES)
    except BodyRefused as refusal:
        raise _Refused(refusal.status, again) from None
    try:
        values = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise _Refused(422, again) from None
    return {name: first for name, (first, *_) in values.items()}


def _notice(status: int, text: str) -> web.Response:
    return _page(status, page.notice(say("Link your EcoTaxa account"), text))


def _page(status: int, html: str) -> web.Response:
    return web.Response(status=status, text=html, content_type="text/html", headers=page.HEADERS)

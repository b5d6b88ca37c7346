"""Links to jobs that people paste: a short card under each, with the rights of who pasted it."""

from collections.abc import Iterable
from typing import Any

import structlog
from cachetools import TTLCache
from slack_bolt.context.ack.async_ack import AsyncAck

from bot import messages
from bot.errors import EcoTaxaError, NotLinked, SlackError, TokenRejected, UsageError
from bot.links import Link
from bot.numbers import job_number
from handlers.context import Request

_log = structlog.get_logger(__name__)

AT_MOST = 5
"""Cards under one message: a longer list of links stays a list of links."""
HINT_SECONDS = 7 * 86_400
"""How long somebody whose account is not linked is not told so again."""


class Unfurls:
    """Puts cards under links; remembers whom it told that their account is not linked."""

    def __init__(self) -> None:
        self._hinted: TTLCache[str, bool] = TTLCache(10_000, ttl=HINT_SECONDS)

    async def links_shared(self, request: Request, ack: AsyncAck) -> None:
        """Show what whoever pasted the links may see; of anything else, say nothing in public."""
        await ack()
        event = request.event
        if request.channel.startswith("D") and event.get("is_bot_user_member"):
            return  # said to the bot itself, which answers the words
        wanted = _jobs_of(event.get("links") or [], request.services.web_url)
        if not wanted:
            return
        try:
            link = await request.link()
        except (NotLinked, TokenRejected) as error:
            if isinstance(error, NotLinked):
                await self._hint(request)
            return
        cards = await _cards(request, link, wanted)
        if cards:
            await request.slack.call("chat.unfurl", unfurls=cards, **_place(event))

    async def _hint(self, request: Request) -> None:
        """Tell the person alone, once, what linking would give here; only where the bot is a member."""
        event, key = request.event, request.person.key
        if event.get("source") == "composer":
            return  # not posted yet, and perhaps never
        if key in self._hinted or not event.get("is_bot_user_member"):
            return
        # Before it is told: the next link may come meanwhile.
        self._hinted[key] = True
        try:
            await request.slack.whisper(
                request.channel, request.person, messages.link_hint(), thread_ts=request.thread_ts
            )
        except SlackError as error:
            del self._hinted[key]
            _log.info("no hint", why=str(error))


async def _cards(request: Request, link: Link, wanted: dict[str, int]) -> dict[str, Any]:
    services = request.services
    cards: dict[str, Any] = {}
    for url, job_id in wanted.items():
        try:
            job = await services.ecotaxa.get_job(link.token, job_id)
        except EcoTaxaError as error:
            _log.info("no card", job=job_id, why=str(error))
            continue
        cards[url] = {"blocks": messages.link_card(job, services.clock(), services.web_url)}
    return cards


def _jobs_of(links: Iterable[Any], web_url: str) -> dict[str, int]:
    """The links to pages of jobs, by their address as Slack spells it; only of this EcoTaxa."""
    wanted: dict[str, int] = {}
    for link in links:
        url = str(link.get("url") or "")
        try:
            wanted[url] = job_number(url, web_url)
        except UsageError:
            continue
    return dict(list(wanted.items())[:AT_MOST])


def _place(event: Any) -> dict[str, str]:
    """Which message it is: one that is still being written has only an id of its own for this."""
    if event.get("source") == "composer":
        return {"unfurl_id": str(event["unfurl_id"]), "source": "composer"}
    return {"channel": str(event["channel"]), "ts": str(event["message_ts"])}

"""Slack's Web API as the bot uses it: send, update, look up, open modals."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import aiohttp
from cachetools import LRUCache, TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import webapi
from bot.egress import is_slacks
from bot.errors import (
    DeliveryUnknown,
    MessageGone,
    MessageRefused,
    PlaceGone,
    SlackBusy,
)
from bot.ids import NOTICE_EVENT
from bot.links import Person, Workspace
from bot.messages import Message
from bot.metrics import Metrics
from bot.rates import Rates
from bot.refusals import meaning, refusal_of, seconds_asked, told_by
from bot.tls import distrusted, trusting
from bot.webapi import WebApi

T = TypeVar("T")

TokenOf = Callable[[Workspace], Awaitable[str]]
"""Gives the bot's token of a workspace; raises WorkspaceGone where there is none."""

MOST_WORKSPACES = 1_000
"""Whose rates and conversations are kept in mind."""

UPLOAD_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=5, sock_read=60)
STALL_SECONDS = 60.0
"""An upload may take as long as it moves: so long Slack may leave what was sent unread, or unanswered."""

_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    webapi.HungUp,
    webapi.Redirected,
)

LOOK_BACK = timedelta(days=1)
"""How far before the first try the history is searched: the clock that told it may be hours ahead."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message stands: its channel (a `D…` id for a direct message) and its `ts`."""

    channel: str
    ts: str


class Slack:
    """Slack's Web API, through one shared connection pool: as it is open to the bot in one workspace.

    Either the client has the one token for everything, or `token_of` gives one for each workspace: then only
    what `of` gives may ask for more than a `response_url` takes.

    Posting is never repeated by the library: after a lost answer only the message's metadata tells
    whether it arrived.
    """

    def __init__(
        self,
        client: WebApi,
        rates: Rates,
        metrics: Metrics,
        *,
        token_of: TokenOf | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        self._token_of = token_of
        self._workspace = workspace
        self._of: LRUCache[Workspace, Slack] = LRUCache(MOST_WORKSPACES)
        self.client = client
        self._metrics = metrics
        self.rates = rates
        self._direct: TTLCache[str, str] = TTLCache(10_000, ttl=86_400)

    @classmethod
    def connect(
        cls,
        *,
        token: str | None,
        api_url: str,
        rates: Rates | None = None,
        tls: ssl.SSLContext | None = None,
        metrics: Metrics | None = None,
    ) -> "Slack":
        """A connection pool for the bot's token; must be called where an event loop runs."""
        metrics = metrics or Metrics()
        client = webapi.connect(token=token, api_url=api_url, tls=tls or trusting(), metrics=metrics)
        return cls(client, rates or Rates(), metrics)

    def of(self, workspace: Workspace) -> "Slack":
        """The same in a workspace, with its own token and its own rates; itself where there is one token."""
        if self._token_of is None or workspace == self._workspace:
            return self
        if (slack := self._of.get(workspace)) is None:
            rates, token_of = self.rates.another(), self._token_of
            slack = Slack(self.client, rates, self._metrics, token_of=token_of, workspace=workspace)
            self._of[workspace] = slack
        return slack

    async def close(self) -> None:
        """Close the pool."""
        await self.client.session.close()

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a Web API method that does something; raises the SlackError that its answer stands for."""
        return await self._call(method, json=arguments)

    async def read(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a Web API method that only tells; these want their arguments in the address."""
        return await self._call(method, http_verb="GET", params=arguments)

    async def grant(self, client_id: str, client_secret: str, **arguments: Any) -> dict[str, Any]:
        """Ask for tokens as the app itself, with its own secret."""
        app = {"client_id": client_id, "client_secret": client_secret}
        return await self._call("oauth.v2.access", data=arguments, auth=app)

    async def scopes(self) -> frozenset[str]:
        """What the bot was granted when it was installed, as Slack tells with each answer."""
        answer = await self._answer("auth.test", json={})
        told = next((str(v) for k, v in answer.headers.items() if k.lower() == "x-oauth-scopes"), "")
        return frozenset(filter(None, map(str.strip, told.split(","))))

    async def teams(self) -> frozenset[str]:
        """The ids of the workspaces in which an organisation's token may act.

        https://docs.slack.dev/reference/methods/auth.teams.list
        """
        found: set[str] = set()
        cursor: str | None = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            page = await self.read("auth.teams.list", limit=1000, **more)
            found.update(str(team["id"]) for team in page["teams"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
        return frozenset(found)

    async def _call(self, method: str, **request: Any) -> dict[str, Any]:
        return cast(dict[str, Any], (await self._answer(method, **request)).data)

    async def _answer(self, method: str, **request: Any) -> AsyncSlackResponse:
        if self._token_of is not None and self._workspace is not None:
            request["headers"] = {"Authorization": f"Bearer {await self._token_of(self._workspace)}"}
        self.rates.take(method, request.get("json", {}).get("channel"))
        with self._metrics.errors_of("slack"):
            try:
                return await self.client.api_call(method, **request)
            except SlackApiError as refusal:
                raise refusal_of(refusal) from None
            except _NOT_SENT as error:
                why = distrusted(error) or type(error).__name__
                raise SlackBusy(5.0, detail=f"Slack cannot be reached ({method}): {why}") from None
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                raise DeliveryUnknown(detail=f"{method}: {type(error).__name__}") from None

    async def post(
        self, person: Person, message: Message, *, thread_ts: str | None = None, keys: Sequence[str] = ()
    ) -> Sent:
        """Send a direct message; `keys` go into its metadata, to find it again after a crash.

        When Slack refuses our blocks, the same is sent once more as plain text.
        """
        known = self._direct.get(person.key)
        try:
            # Slack opens the conversation itself where it is told whom to write to.
            sent = await self.post_in(
                known or person.user_id, message, thread_ts=thread_ts if known else None, keys=keys
            )
        except PlaceGone:
            if known is None:
                raise
            sent = await self.post_in(person.user_id, message, keys=keys)
        self._direct[person.key] = sent.channel
        return sent

    async def post_in(
        self, channel: str, message: Message, *, thread_ts: str | None = None, keys: Sequence[str] = ()
    ) -> Sent:
        """Post into a channel, or into a thread there (never also to its channel); `keys` as in `post`."""
        common: dict[str, Any] = {"text": message.text, "unfurl_links": False, "unfurl_media": False}
        if keys:
            common["metadata"] = _metadata(keys)
        if thread_ts:
            common["thread_ts"] = thread_ts
        try:
            answer = await self.call("chat.postMessage", channel=channel, blocks=message.blocks, **common)
        except MessageRefused:
            answer = await self.call("chat.postMessage", channel=channel, **common)
        return Sent(str(answer["channel"]), str(answer["ts"]))

    async def whisper(
        self, channel: str, person: Person, message: Message, *, thread_ts: str | None = None
    ) -> None:
        """Show a message in a channel, or in a thread there, to one person only.

        Slack lets the bot do so only where it is a member; raises PlaceGone elsewhere.
        """
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        await self.call(
            "chat.postEphemeral", channel=channel, user=person.user_id, text=message.text,
            blocks=message.blocks, **thread,
        )  # fmt: skip

    async def update(self, sent: Sent, message: Message, *, keys: Sequence[str] = ()) -> None:
        """Change a message in place (text and blocks; without blocks Slack would drop the old ones).

        With `keys` it tells those from then on.
        """
        metadata = {"metadata": _metadata(keys)} if keys else {}
        await self.call(
            "chat.update", channel=sent.channel, ts=sent.ts, text=message.text[:4000], blocks=message.blocks,
            **metadata,
        )  # fmt: skip

    async def in_direct(self, person: Person, act: Callable[[str], Awaitable[T]]) -> T:
        """Do something in the direct message with a person, whose id it is given.

        It is done once more in the conversation opened anew, where the one known from before is gone.
        """
        was_known = person.key in self._direct
        try:
            return await act(await self.direct_channel(person))
        except PlaceGone:
            if not was_known:
                raise
        return await act(await self.direct_channel(person, anew=True))

    async def direct_channel(self, person: Person, *, anew: bool = False) -> str:
        """The id of the direct message with a person (`D…`), as known from before or asked `anew`."""
        if anew or person.key not in self._direct:
            answer = await self.call("conversations.open", users=person.user_id)
            self._direct[person.key] = str(answer["channel"]["id"])
        return self._direct[person.key]

    def forget(self, person: Person) -> None:
        """Keep in mind no longer where the conversation with a person is."""
        self._direct.pop(person.key, None)

    def wait(self, person: Person, place: str = "") -> float:
        """Seconds until a channel, or without one the direct message with a person, takes one more post."""
        return self.rates.wait(place or self._direct.get(person.key, person.user_id))

    async def find(
        self, person: Person, keys: Collection[str], since: datetime, *, thread_ts: str | None = None
    ) -> dict[str, Sent]:
        """The direct messages that carry some of the `keys` in their metadata, if sent after `since`."""
        return await self.in_direct(
            person, lambda channel: self.find_in(channel, keys, since, thread_ts=thread_ts)
        )

    async def find_in(
        self, channel: str, keys: Collection[str], since: datetime, *, thread_ts: str | None = None
    ) -> dict[str, Sent]:
        """By key: the messages in a channel, or a thread there, that carry it and were sent after `since`."""
        found: dict[str, Sent] = {}
        method = "conversations.replies" if thread_ts else "conversations.history"
        thread = {"ts": thread_ts} if thread_ts else {}
        oldest = (since - LOOK_BACK).timestamp()
        cursor: str | None = ""
        while cursor is not None and len(found) < len(keys):
            page = await self.read(
                method, channel=channel, oldest=f"{oldest:.6f}", limit=200, include_all_metadata=True,
                **thread, **({"cursor": cursor} if cursor else {}),
            )  # fmt: skip
            for message in page.get("messages", []):
                told = message.get("metadata", {}).get("event_payload", {}).get("key")
                for key in set(str(told).split("\n")) & set(keys):
                    found[key] = Sent(channel, str(message["ts"]))
            cursor = page.get("response_metadata", {}).get("next_cursor") or None
        return found

    async def respond(self, url: str, message: Message, *, replace: bool = False) -> None:
        """Answer through a `response_url` (5 uses, 30 minutes).

        Raises MessageGone when the URL is used up or too old, MessageRefused when it is not Slack's.
        """
        if not self.is_own(url):
            raise MessageRefused(detail="a response_url that is not Slack's")
        body = {
            "response_type": "ephemeral",
            "replace_original": replace,
            "text": message.text[:4000],
            "blocks": message.blocks,
        }
        proxy = self.client.proxy
        with self._metrics.errors_of("slack"):
            try:
                async with self.client.pool.post(url, json=body, proxy=proxy) as answer:
                    text = (await webapi.whole(answer)).decode(errors="replace")
            except _NOT_SENT as error:
                raise SlackBusy(5.0, detail=f"response_url: {type(error).__name__}") from None
            except (aiohttp.ClientError, TimeoutError) as error:
                raise DeliveryUnknown(detail=f"response_url: {type(error).__name__}") from None
            if answer.status in (403, 404, 410):
                raise MessageGone(detail=f"response_url: {answer.status}")
            told = told_by(text)
            if answer.status != 200 or told != "ok":
                raise meaning(answer.status, told, seconds_asked(answer.headers.get("Retry-After")))

    async def upload(self, url: str, length: int, chunks: AsyncIterator[bytes]) -> None:
        """Send the `length` bytes of a file to the address that Slack gave for them, as they come.

        Nothing of it is seen by anybody before the upload is completed.  Raises SlackBusy when it broke
        off, MessageRefused when the address is not Slack's, and what `chunks` raises.
        """
        if not self.is_own(url):
            raise MessageRefused(detail="an upload address that is not Slack's")
        failed: list[Exception] = []
        headers = {"Content-Length": str(length), "Content-Type": "application/octet-stream"}
        with self._metrics.errors_of("slack"):
            try:
                async with asyncio.timeout(None) as patience:
                    body = _unstalled(chunks, patience, failed)
                    async with self.client.pool.post(
                        url, data=body, headers=headers, timeout=UPLOAD_TIMEOUT, proxy=self.client.proxy
                    ) as answer:  # fmt: skip
                        patience.reschedule(None)
                        await webapi.whole(answer)
            except (aiohttp.ClientError, TimeoutError) as error:
                if failed:
                    # What `chunks` raised comes out of the library as a connection that failed.
                    raise failed[0] from None
                raise SlackBusy(1.0, detail=f"an upload broke off: {type(error).__name__}") from None
            if answer.status != 200:
                raise SlackBusy(1.0, detail=f"an upload was answered {answer.status}")

    def is_own(self, url: str) -> bool:
        """Whether a URL leads to Slack, or to where `SLACK_API_URL` stands: nothing is sent elsewhere."""
        return is_slacks(url, self.client.base_url)


def _metadata(keys: Sequence[str]) -> dict[str, Any]:
    return {"event_type": NOTICE_EVENT, "event_payload": {"key": "\n".join(keys)}}


async def _unstalled(
    chunks: AsyncIterator[bytes], patience: asyncio.Timeout, failed: list[Exception]
) -> AsyncIterator[bytes]:
    """The chunks, while each is sent in time; waiting for them is not Slack's fault."""
    clock = asyncio.get_running_loop().time
    try:
        async for chunk in chunks:
            patience.reschedule(clock() + STALL_SECONDS)
            yield chunk
            patience.reschedule(None)
    except Exception as error:
        failed.append(error)
        raise

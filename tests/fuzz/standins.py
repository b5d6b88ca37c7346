"""EcoTaxa and Slack as the bot meets them on its wires, in the same process: nothing is too odd for them."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from hypothesis import strategies as st

from bot.refusals import CODES
from tests.fuzz import answers
from tests.fuzz.answers import Answer
from tests.fuzz.payloads import BOT_USER, TEAM
from tests.fuzz.verdict import CASE, Broken, TooLate, check_call, check_secret

_CODES = [*sorted(code for codes in CODES.values() for code in codes), "never_heard_of"]
_luck = st.integers(0, 39)
_files = answers.files()
_logs = answers.logs.map(lambda body: Answer(200, {"content-type": "text/plain"}, body)) | st.sampled_from(
    [Answer(status, {"content-type": kind}, body.encode()) for status, kind, body in answers.TROUBLE]
)


class Network:
    """The connection that a file's bytes come through: it has no more than came with the head."""

    async def read(self, _most: int, _timeout: float | None = None) -> bytes:
        """Nothing: the other side hung up."""
        return b""


async def ecotaxa(_transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
    """Answer a request to EcoTaxa; stands in for httpx's own transport."""
    path, case = request.url.path, CASE.get()
    check_secret(str(request.url), "an address")
    try:
        if not case.draw(_luck):
            failure = case.draw(st.sampled_from(answers.NO_ANSWER))
            case.note(f"EcoTaxa {request.method} {path}: {failure.__name__}")
            raise failure("", request=request)
        answer = case.draw(_answer_to(path))
    except TooLate:
        answer = Answer(503, {"content-type": "application/json"}, b"null")
    case.note(f"EcoTaxa {request.method} {path}: {answer.status} {answer.body!r:.400}")
    return httpx.Response(
        answer.status,
        headers=[(name.encode(), value.encode(errors="replace")) for name, value in answer.headers.items()],
        content=_pieces(answer.body),
        extensions={"network_stream": Network()},
    )


@cache
def _answer_to(path: str) -> st.SearchStrategy[Answer]:
    if path.endswith("/file"):
        return _files
    if path.endswith("/log"):
        return _logs
    return answers.answers(answers.endpoint_of(path), path)


async def _pieces(body: bytes) -> Any:
    yield body


class Reply:
    """An answer of Slack's, as aiohttp gives it."""

    def __init__(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.headers, self._body = status, headers or {}, body
        self.content_type = "application/json"

    async def json(self) -> Any:
        """The body as JSON, as Bolt's own client reads it."""
        return json.loads(self._body)

    async def text(self) -> str:
        """The body, as Bolt's own client reads it."""
        return self._body

    @property
    def content(self) -> "Reply":
        """The body, to be read in pieces."""
        return self

    async def iter_any(self) -> AsyncIterator[bytes]:
        """The body's bytes, as they come."""
        yield self._body.encode()


class Exchange:
    """A request under way, as aiohttp's context manager."""

    def __init__(self, answering: Awaitable[Reply]) -> None:
        self._answering = answering

    async def __aenter__(self) -> Reply:
        return await self._answering

    async def __aexit__(self, *_raised: object) -> None: ...


class SlackSession:
    """Slack's Web API behind aiohttp's session: everything that is sent is judged, whatever is answered."""

    closed = False

    def __init__(self) -> None:
        self._stamps = itertools.count(1)

    async def close(self) -> None:
        """Close the pool."""

    def request(self, _verb: str, url: str, **how: Any) -> Exchange:
        """A call of the Web API."""
        given = how.get("json") or how.get("params") or {}
        return Exchange(self._call(urlsplit(url).path.rpartition("/")[2], given))

    def post(self, url: str, **how: Any) -> Exchange:
        """An answer through a response_url, or the bytes of a file."""
        return Exchange(self._respond(how["json"]) if "json" in how else self._upload(url, how["data"]))

    async def _call(self, method: str, given: dict[str, Any]) -> Reply:
        case = CASE.get()
        case.note(f"Slack {method} {json.dumps(given)}")
        _judge(method, given)
        try:
            return _trouble(case.draw(_luck)) or self._good(method, json.loads(json.dumps(given)))
        except TooLate:
            return Reply(200, '{"ok": false, "error": "message_not_found"}')

    async def _respond(self, given: dict[str, Any]) -> Reply:
        case = CASE.get()
        case.note(f"Slack respond {json.dumps(given)}")
        _judge("respond", given)
        try:
            luck = case.draw(_luck)
        except TooLate:
            luck = 3
        return _trouble(luck) or Reply(*{3: (404, "gone"), 4: (200, "expired_url")}.get(luck, (200, "ok")))

    async def _upload(self, _url: str, data: Any) -> Reply:
        sent = b"".join([chunk async for chunk in data])
        try:
            check_secret(sent.decode(errors="replace"), "a file")
        except Broken as failure:
            CASE.get().failures.append(failure)
        try:
            return _trouble(CASE.get().draw(_luck)) or Reply(200, "OK")
        except TooLate:
            return Reply(404, "not found")

    def _good(self, method: str, given: dict[str, Any]) -> Reply:
        stamp = f"1700000100.{next(self._stamps) % 1_000_000:06}"
        user = str(given.get("user") or given.get("users") or "U0ADA")
        channel = str(given.get("channel") or "")
        channel = f"D0{channel[2:]}" if channel.startswith("U") else channel
        told: dict[str, Any] = {"channel": channel, "ts": stamp}
        match method:
            case "auth.test":
                told = {
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "bot_id": "B0BOT",
                    "team": "lab",
                    "user": "ecotaxa",
                }
            case "conversations.open":
                told = {"channel": {"id": f"D0{user[2:]}"}}
            case "conversations.info":
                told = {"channel": {"id": channel, "is_member": CASE.get().draw(st.booleans())}}
            case "conversations.history" | "conversations.replies":
                told = {"messages": []}
            case "users.info":
                told = {"user": {"id": user, "locale": CASE.get().draw(_locales), "tz": "Europe/Paris"}}
            case "views.open" | "views.push" | "views.update" | "views.publish":
                told = {"view": given["view"] | {"id": "V0NEW", "state": {"values": {}}}}
            case "files.getUploadURLExternal":
                told = {"upload_url": "https://slack.example/upload/F0", "file_id": "F0"}
        return Reply(200, json.dumps({"ok": True} | told), {"x-oauth-scopes": "chat:write,im:write"})


_locales = st.sampled_from(["en-US", "fr-FR", "pt-BR", "zh-CN"])


def _judge(method: str, given: dict[str, Any]) -> None:
    """Take note where Slack would refuse what it is told."""
    try:
        check_call(method, given)
    except Exception as failure:  # noqa: BLE001  # the bot goes on as if Slack had taken it
        CASE.get().failures.append(failure)


def _trouble(luck: int) -> Reply | None:
    """What goes wrong in so many calls of forty."""
    match luck:
        case 0:
            return Reply(200, json.dumps({"ok": False, "error": CASE.get().draw(st.sampled_from(_CODES))}))
        case 1:
            return Reply(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "1"})
        case 2:
            lost = CASE.get().draw(st.sampled_from([aiohttp.ServerDisconnectedError, TimeoutError]))
            raise lost
    return None

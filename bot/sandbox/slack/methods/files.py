"""files.*: the three steps of an upload."""

import asyncio
import hashlib

from aiohttp import web

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments, need_membership
from bot.sandbox.slack.people import BOT_USER
from bot.sandbox.slack.refusal import Json, Refused, needs
from bot.sandbox.slack.workspace import Message

FILE_BYTES = 1_000_000_000
SNIPPET_BYTES = 1_000_000


def get_upload_url(slack: Slack, arguments: Arguments) -> Json:
    """Announce a file of `length` bytes; the answer tells where to post them."""
    name = str(arguments.need("filename"))
    length = arguments.number("length", 0, "invalid_arguments")
    if length <= 0:
        raise needs("length")
    if length > FILE_BYTES:
        raise Refused("file_too_large")
    if arguments.get("snippet_type") and length > SNIPPET_BYTES:
        raise Refused("snippet_too_large")
    upload = slack.tickets.upload(name, length)
    return {"upload_url": f"{slack.origin}/slack/upload/{upload.id}", "file_id": upload.id}


async def receive(slack: Slack, request: web.Request) -> web.Response:
    """`POST /slack/upload/{id}`: count and hash the bytes, and keep none but those of a short text."""
    upload = slack.tickets.uploads.get(request.match_info["id"])
    if upload is None or upload.received is not None:
        return web.Response(status=404, text="not found")
    fault = slack.faults.of("upload")
    if fault is not None and fault.mode == "http":
        return web.Response(status=fault.status, text="upstream error")
    while fault and fault.mode == "hang" and slack.faults.api.get("upload") is fault:  # noqa: ASYNC110  # healing is silent
        await asyncio.sleep(0.05)
    received, digest, text = 0, hashlib.sha256(), bytearray()
    async for chunk in request.content.iter_any():
        received += len(chunk)
        digest.update(chunk)
        if upload.length <= SNIPPET_BYTES:
            text += chunk
        if fault is not None and fault.mode == "cut" and request.transport is not None:
            request.transport.abort()
    if received != upload.length:
        return web.Response(status=400, text="length mismatch")
    upload.received, upload.sha256, upload.text = received, digest.hexdigest(), bytes(text)
    return web.Response(text=f"OK - {received}")


def complete_upload(slack: Slack, arguments: Arguments) -> Json:
    """Share the uploaded files, in one message."""
    given = arguments.need("files")
    if not isinstance(given, list) or not given:
        raise needs("files")
    uploads = []
    for item in given:
        upload = slack.tickets.uploads.get(item.get("id", ""))
        if upload is None or upload.received is None:
            raise Refused("file_not_found")
        upload.title = item.get("title") or upload.name
        uploads.append(upload)
    files = [{"id": u.id, "name": u.name, "title": u.title, "size": u.received} for u in uploads]
    if arguments.get("channel_id"):
        need_membership(slack, Arguments(slack, {"channel": arguments.get("channel_id")}).place_to_post())
    for upload in uploads:
        slack.files[upload.id] = slack.tickets.uploads.pop(upload.id)
    if arguments.get("channel_id"):
        _share(slack, arguments, files)
    return {"files": files}


def _share(slack: Slack, arguments: Arguments, files: list[Json]) -> None:
    place = Arguments(slack, {"channel": arguments.get("channel_id")}).place_to_post()
    comment = str(arguments.get("initial_comment") or "")
    ts = slack.workspace.next_ts()
    thread = arguments.get("thread_ts")
    slack.workspace.post(Message(ts, place.id, BOT_USER, comment, thread_ts=thread, files=files))

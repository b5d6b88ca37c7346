"""Answers to commands and actions through their response_url or their acknowledgement."""

import time
from typing import Any

from aiohttp import web

from bot.sandbox.slack.contents import EPHEMERAL_BYTES, POSTED_CHARACTERS, contents
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.people import BOT_USER
from bot.sandbox.slack.refusal import Json, Refused
from bot.sandbox.slack.tickets import ResponseUrl
from bot.sandbox.slack.workspace import Message


def answer(slack: Slack, url: ResponseUrl, body: Json) -> None:
    """Do what `body` says in the place that the response_url stands for; raises Refused.

    Only an action's response_url has an original to replace or delete: for a command's,
    `replace_original` has no effect (bolt-js issue 2287).
    """
    workspace = slack.workspace
    original = workspace.message_on_screen(url.user, url.message_id) if url.message_id else None
    if _says_yes(body.get("delete_original")):
        if original is not None:
            workspace.remove(original)
        return
    reader = None if body.get("response_type") == "in_channel" else url.user
    replaces = original is not None and _says_yes(body.get("replace_original"))
    limited = original.reader if replaces and original else reader
    said = contents(body, characters=POSTED_CHARACTERS, size=EPHEMERAL_BYTES if limited else None)
    if original is not None and replaces:
        original.text, original.blocks = said.text, said.blocks
        original.edited = workspace.next_ts()
        workspace.edited(original)
        return
    thread = original.thread_ts if original else None
    ts = workspace.next_ts()
    workspace.post(Message(ts, url.channel, BOT_USER, said.text, said.blocks, reader, thread))


def _says_yes(value: Any) -> bool:
    return value in (True, "true", "1", 1)


async def receive(slack: Slack, request: web.Request) -> web.Response:
    """`POST /slack/respond/{id}`."""
    started = time.perf_counter()
    body: Any = None
    outcome = "ok"
    status = 200
    try:
        body = await request.json()
        answer(slack, slack.tickets.use_response_url(request.match_info["id"]), body)
    except ValueError:
        outcome, status = "invalid_payload", 400
    except Refused as refused:
        outcome = refused.error
        status = 404 if outcome.endswith("_url") else 400
    slack.traffic.add("respond", "response_url", body, outcome, started)
    if status == 200:
        return web.Response(text="ok")
    return web.json_response({"ok": False, "error": outcome}, status=status)

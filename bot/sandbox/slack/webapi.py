"""The Web API's door: who calls, with what, how often, and what goes wrong on demand."""

import asyncio
import base64
import json
import math
import time
from typing import Any

from aiohttp import web

from bot.sandbox.slack.core import APP_TOKEN, Slack
from bot.sandbox.slack.faults import ApiFault
from bot.sandbox.slack.methods import METHODS, Method
from bot.sandbox.slack.methods.arguments import Arguments, need_scope
from bot.sandbox.slack.refusal import Json, Refused

HANG_SECONDS = 30.0


async def serve(slack: Slack, request: web.Request) -> web.Response:
    """`/slack/api/{method}`: answer one call and record it."""
    started = time.perf_counter()
    name = request.match_info["method"]
    given = await _given(request)
    token = _token(request, given)
    slack = slack.app.of_token(token, given, slack)
    slack.origin = str(request.url.with_scheme(slack.scheme).origin()) + slack.prefix
    fault = ApiFault("http", status=503) if slack.is_down else slack.faults.of(name)
    response = _failed_before(fault) if fault else None
    if response is None and fault and fault.mode == "hang":
        response = await _hang()
    if response is None:
        response = _call(slack, name, token, given)
    if fault:
        response = await _failed_after(fault, request) or response
    try:
        if delay := slack.faults.answer_delay_ms:
            await asyncio.sleep(delay / 1000)
    finally:  # what was done stands in the record also where the caller is gone
        told = _told(response)
        shown = {key: value for key, value in given.items() if key != "client_secret"}
        slack.traffic.add("api", name, shown, told, started)
        channel = given.get("channel")
        slack.traffic.count(name, str(channel) if channel else None, response.status, _error(told))
    return response


def _call(slack: Slack, name: str, token: str | None, given: Json) -> web.Response:
    try:
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        _check_token(slack, method, token)
        is_org_wide = slack.is_acted_in_by(token)
        if is_org_wide and slack.holds(given) and not slack.is_let_in:
            raise Refused("team_access_not_granted")
        if method.caller == "bot":
            slack.circumstances.check_token()
        if slack.faults.rate_limits:
            _check_rate(slack, name, given)
        if method.scope is not None:
            need_scope(slack, method.scope)
        body = {"ok": True} | method.call(slack, Arguments(slack, given, is_org_wide=is_org_wide))
    except _TooOften as too_often:
        return _too_often(too_often.seconds)
    except Refused as refused:
        body = refused.answer()
    return web.json_response(body, headers={"X-OAuth-Scopes": ",".join(sorted(slack.scopes))})


def _check_token(slack: Slack, method: Method, token: str | None) -> None:
    if method.caller == "anybody":
        return
    if token is None:
        raise Refused("not_authed")
    organisation = slack.organisation
    keys = organisation.keys if organisation and slack.is_acted_in_by(token) else slack.keys
    if token in keys.revoked:
        raise Refused("token_revoked")
    if token not in (*keys.good, APP_TOKEN):
        raise Refused("invalid_auth")
    if (token == APP_TOKEN) != (method.caller == "app"):
        raise Refused("not_allowed_token_type")
    if (keys.good.get(token) or math.inf) < slack.clock():
        raise Refused("token_expired")


class _TooOften(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _check_rate(slack: Slack, name: str, given: Json) -> None:
    channel = given.get("channel")
    person = slack.workspace.directory.people.get(str(channel))
    if seconds := slack.limits.wait(name, person.im if person else channel):
        raise _TooOften(seconds)


def _too_often(seconds: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})


async def _given(request: web.Request) -> Json:
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        given |= body if isinstance(body, dict) else {}
    elif request.can_read_body:
        given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return given


def _token(request: web.Request, given: Json) -> str | None:
    in_arguments = given.pop("token", None)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        client_id, _, client_secret = base64.b64decode(token).decode().partition(":")
        given |= {"client_id": client_id, "client_secret": client_secret}
    return token if scheme == "Bearer" and token else in_arguments


def _failed_before(fault: ApiFault) -> web.Response | None:
    match fault.mode:
        case "error":
            return web.json_response({"ok": False, "error": fault.error})
        case "http":
            return web.Response(status=fault.status, text="upstream error")
        case "429":
            return _too_often(fault.retry_after)
    return None


async def _failed_after(fault: ApiFault, request: web.Request) -> web.Response | None:
    match fault.mode:
        case "post_then_hang":
            return await _hang()
        case "post_then_500":
            return web.Response(status=500, text="")
        case "post_then_error":
            return web.json_response({"ok": False, "error": fault.error})
        case "post_then_drop":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(text="")
    return None


async def _hang() -> web.Response:
    # aiohttp cancels this when the client gives up.
    await asyncio.sleep(HANG_SECONDS)
    return web.Response(status=504, text="")


def _error(told: Any) -> str | None:
    body = told.get("body", told) if isinstance(told, dict) else told
    return body.get("error") if isinstance(body, dict) else None


def _told(response: web.Response) -> object:
    text = response.text or ""
    body = json.loads(text) if text.startswith("{") else text
    return body if response.status == 200 else {"status": response.status, "body": body}

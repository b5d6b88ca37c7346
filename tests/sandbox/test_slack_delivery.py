"""Commands, clicks and events on their way to the app: 3 seconds, repetitions, sockets, signed HTTP."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from aiohttp import ClientSession, ClientWSTimeout, WSMsgType, web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, Failed, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from tests.sandbox.slack_app import SILENCE, App, Json, actions, button

pytest_plugins = ["tests.sandbox.slack_fixtures"]


@pytest.mark.rule("slack.identity.command")
async def test_a_command_brings_what_slack_sends(app: App, elena: Actor) -> None:
    await elena.say("/ecotaxa job  <1234> ", "C0PLANKTON")

    (request,) = await app.hears(1)
    told = request.payload
    assert request.type == "slash_commands"
    assert request.accepts_response_payload
    assert request.retry_attempt is None
    assert (told["command"], told["text"]) == ("/ecotaxa", "job  <1234>")
    assert (told["user_id"], told["team_id"], told["channel_id"]) == ("U0ELENA", "T0PLANKTON", "C0PLANKTON")
    assert told["channel_name"] == "plankton"
    assert told["response_url"].startswith("http://127.0.0.1:")
    assert told["trigger_id"]


async def test_an_acknowledgement_may_carry_the_answer(app: App, elena: Actor, amelie: Actor) -> None:
    app.answer = lambda _: {"text": "for you"}
    await elena.say("/ecotaxa")
    app.answer = lambda _: {"text": "for all", "response_type": "in_channel"}
    await elena.say("/ecotaxa")

    assert [(m.text, m.ephemeral) for m in await elena.messages("C0GENERAL")] == [
        ("for you", True),
        ("for all", False),
    ]
    assert [m.text for m in await amelie.messages("C0GENERAL")] == ["for all"]


@pytest.mark.rule("slack.time.ack")
async def test_the_app_has_three_seconds(sandbox: Sandbox) -> None:
    assert sandbox.slack.delivery.patience == 3.0


@pytest.mark.rule("slack.time.ack", "slack.time.again-socket")
async def test_a_command_without_acknowledgement_fails_and_comes_again(
    app: App, elena: Actor, sandbox: Sandbox
) -> None:
    sandbox.slack.delivery.patience = 0.1
    app.answer = lambda request: None if request.retry_attempt else SILENCE

    with pytest.raises(Failed, match="operation_timeout"):
        await elena.say("/ecotaxa jobs")
    first, again = await app.hears(2)
    assert again.payload == first.payload
    assert (again.retry_attempt, again.retry_reason) == (1, "timeout")
    assert await elena.toasts() == ["/ecotaxa failed with the error operation_timeout"]


@pytest.mark.rule("slack.time.late-ack")
async def test_a_late_acknowledgement_does_not_count(
    app: App, elena: Actor, sandbox: Sandbox, driver: SandboxDriver
) -> None:
    sandbox.slack.delivery.patience = 0.2

    await driver.slack.break_(deliver_delay_ms=300)

    with pytest.raises(Failed, match="operation_timeout"):
        await elena.say("/ecotaxa")


@pytest.mark.rule("slack.time.ack")
async def test_without_a_connection_a_command_fails_at_once(elena: Actor) -> None:
    with pytest.raises(Failed, match="dispatch_failed"):
        await elena.say("/ecotaxa")

    assert await elena.toasts() == ["/ecotaxa failed with the error dispatch_failed"]


async def test_an_unknown_command_does_not_reach_the_app(app: App, elena: Actor) -> None:
    with pytest.raises(Failed, match="unknown_command"):
        await elena.say("/ecotax")

    assert app.heard == []


@pytest.mark.rule("slack.text.escaped", "slack.event.envelope")
async def test_a_message_to_the_bot_is_an_event(app: App, elena: Actor) -> None:
    await elena.say("a < b & <!channel>", elena.im)

    payload = await app.hears_of("message")
    event = payload["event"]
    assert (payload["type"], payload["team_id"]) == ("event_callback", "T0PLANKTON")
    assert (event["text"], event["channel_type"]) == ("a &lt; b &amp; <!channel>", "im")
    assert app.heard[0].retry_attempt == 0


@pytest.mark.rule("slack.event.mention")
async def test_messages_in_channels_are_heard_once_the_bot_is_in(
    app: App, elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.subscribe("message.channels", "app_mention")
    await elena.say("before", "C0GENERAL")
    await elena.say("/invite <@U0ECOBOT>", "C0GENERAL")
    await elena.say("hi <@U0ECOBOT>", "C0GENERAL")

    heard = await app.hears(2)
    assert {request.payload["event"]["type"] for request in heard} == {"message", "app_mention"}
    assert {request.payload["event"]["text"] for request in heard} == {"hi <@U0ECOBOT>"}


@pytest.mark.rule("slack.scope.events")
async def test_an_event_that_was_not_subscribed_to_is_not_told(app: App, elena: Actor) -> None:
    await elena.say("/invite <@U0ECOBOT>", "C0GENERAL")
    await elena.say("among ourselves", "C0GENERAL")
    await elena.say("hi <@U0ECOBOT>", "C0GENERAL")

    assert [request.payload["event"]["type"] for request in await app.hears(1)] == ["app_mention"]


@pytest.mark.rule("slack.event.mention")
async def test_in_direct_messages_a_mention_is_a_message_only(app: App, elena: Actor) -> None:
    await elena.say("hi <@U0ECOBOT>", elena.im)
    await elena.say("bye", elena.im)

    assert [request.payload["event"]["type"] for request in await app.hears(2)] == ["message", "message"]


@pytest.mark.rule("slack.identity.own-messages")
async def test_the_app_hears_its_own_messages_and_what_becomes_of_them(app: App, elena: Actor) -> None:
    ts = (await app.web.chat_postMessage(channel=elena.im, text="one"))["ts"]
    await app.hears(1)
    await app.web.chat_update(channel=elena.im, ts=ts, text="two")
    await app.hears(2)
    await app.web.chat_delete(channel=elena.im, ts=ts)

    posted, changed, deleted = (request.payload["event"] for request in await app.hears(3))
    assert (posted["bot_id"], posted["user"], posted["text"]) == ("B0ECOBOT", "U0ECOBOT", "one")
    assert (changed["subtype"], changed["message"]["text"], changed["channel_type"]) == (
        "message_changed",
        "two",
        "im",
    )
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)


async def test_an_ephemeral_message_is_no_event(app: App, elena: Actor) -> None:
    await app.web.chat_postEphemeral(channel=elena.im, user=elena.id, text="for you")
    await elena.say("hello", elena.im)

    assert (await app.hears(1))[0].payload["event"]["text"] == "hello"


@pytest.mark.rule("slack.time.again-socket")
async def test_an_event_waits_for_an_app_that_is_away(
    sandbox: Sandbox, bot: AsyncWebClient, elena: Actor
) -> None:
    await elena.say("is anybody there?", elena.im)

    app = App(bot)
    await app.connect()
    payload = await app.hears_of("message")
    await app.socket.close()
    assert payload["event"]["text"] == "is anybody there?"


@pytest.mark.rule("slack.time.again-socket")
async def test_deliveries_are_repeated_on_demand(app: App, elena: Actor, driver: SandboxDriver) -> None:
    await driver.slack.break_(repeat_deliveries=True, repeat=2)
    await elena.say("/ecotaxa jobs")

    heard = await app.hears(3)
    assert [request.retry_attempt for request in heard] == [None, 1, 2]
    assert len({request.payload["trigger_id"] for request in heard}) == 1
    assert len({request.envelope_id for request in heard}) == 3


async def test_no_repetition_when_told_so(
    app: App, elena: Actor, sandbox: Sandbox, driver: SandboxDriver
) -> None:
    sandbox.slack.delivery.patience = 0.1
    await driver.slack.break_(repeat_deliveries=False)
    app.answer = lambda _: SILENCE

    for _ in range(2):
        with pytest.raises(Failed, match="operation_timeout"):
            await elena.say("/ecotaxa")
    assert [request.retry_attempt for request in app.heard] == [None, None]


@pytest.mark.rule("slack.field.refresh")
async def test_a_dropped_socket_gets_its_envelopes_after_it_is_back(
    app: App, elena: Actor, driver: SandboxDriver
) -> None:
    app.answer = lambda request: None if request.retry_attempt else SILENCE
    command = asyncio.create_task(elena.say("/ecotaxa"))
    await app.hears(1)

    await driver.slack.break_(drop_sockets=True)
    await command
    assert app.heard[1].retry_attempt == 1


@pytest.mark.rule("slack.field.refresh")
async def test_an_app_that_is_asked_to_connect_anew_does(
    app: App, elena: Actor, driver: SandboxDriver
) -> None:
    await driver.slack.break_(drop_sockets="refresh")
    await app.is_greeted(2)
    await elena.say("/ecotaxa")
    assert len(app.heard) == 1


@pytest.mark.rule("slack.field.deaf")
async def test_a_deaf_connection_stays_open_and_hears_nothing(
    app: App, elena: Actor, sandbox: Sandbox, driver: SandboxDriver
) -> None:
    sandbox.slack.delivery.patience = 0.1
    await driver.slack.break_(deaf_sockets=True)

    with pytest.raises(Failed, match="operation_timeout"):
        await elena.say("/ecotaxa")
    assert app.heard == []
    assert await app.socket.is_connected()


@pytest.mark.rule("slack.field.half-open")
async def test_a_half_open_connection_answers_nothing_and_stays_open(
    elena: Actor, sandbox: Sandbox, driver: SandboxDriver, bot: AsyncWebClient
) -> None:
    sandbox.slack.delivery.patience = 0.1
    socket_url = (await bot.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with (
        ClientSession() as session,
        session.ws_connect(socket_url, autoping=False, timeout=ClientWSTimeout(ws_close=0.1)) as socket,
    ):
        assert (await socket.receive_json())["type"] == "hello"
        await driver.slack.break_(half_open_sockets=True)
        await socket.ping(b"anybody?")
        with pytest.raises(Failed, match="operation_timeout"):
            await elena.say("/ecotaxa")

        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.5)
        assert not socket.closed


@pytest.mark.rule("slack.field.hello")
async def test_a_connection_that_is_not_greeted_brings_nothing(
    app: App, elena: Actor, driver: SandboxDriver, bot: AsyncWebClient
) -> None:
    await driver.slack.break_(no_hello=True)
    socket_url = (await bot.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with ClientSession() as session, session.ws_connect(socket_url) as socket:
        for _ in range(2):
            await elena.say("/ecotaxa")

        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.3)
    assert len(app.heard) == 2


@pytest.mark.rule("slack.field.link-disabled")
async def test_socket_mode_that_is_switched_off_says_so_and_ends_the_connections(
    driver: SandboxDriver, bot: AsyncWebClient
) -> None:
    socket_url = (await bot.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with ClientSession() as session, session.ws_connect(socket_url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await driver.slack.break_(drop_sockets="link_disabled")

        told = await socket.receive_json()
        assert (told["type"], told["reason"]) == ("disconnect", "link_disabled")
        assert (await socket.receive()).type is WSMsgType.CLOSE


@pytest.mark.rule("slack.time.again-socket")
async def test_what_a_lost_acknowledgement_was_for_comes_again(
    app: App, elena: Actor, sandbox: Sandbox, driver: SandboxDriver
) -> None:
    sandbox.slack.delivery.patience = 0.2
    await driver.slack.break_(lose_acknowledgements={"slash_commands": 1})

    with pytest.raises(Failed, match="operation_timeout"):
        await elena.say("/ecotaxa")
    assert [request.retry_attempt for request in await app.hears(2)] == [None, 1]


@pytest.mark.rule("slack.field.two-connections")
async def test_connections_take_turns(bot: AsyncWebClient, app: App, elena: Actor) -> None:
    second = App(bot)
    await second.connect()
    for _ in range(4):
        await elena.say("/ecotaxa")

    assert (len(app.heard), len(second.heard)) == (2, 2)
    await second.socket.close()


@pytest.mark.rule("slack.field.ticket")
async def test_a_socket_needs_a_fresh_ticket(
    sandbox: Sandbox, http: httpx.AsyncClient, bot: AsyncWebClient
) -> None:
    opened = await bot.apps_connections_open(app_token="xapp-sandbox")
    ticket = opened["url"].partition("ticket=")[2].partition("&")[0]

    assert (await http.get("/slack/socket", params={"ticket": "made-up"})).status_code == 408
    assert (await http.get("/slack/socket", params={"ticket": ticket})).status_code == 400  # no websocket
    assert (await http.get("/slack/socket", params={"ticket": ticket})).status_code == 408


async def pressed(app: App, elena: Actor, **more: Any) -> Json:
    """What the app hears when Elena presses a button in a message of the bot's."""
    await app.web.chat_postMessage(channel=elena.id, text="x", blocks=[actions(button(value="17", **more))])
    await elena.press(await elena.wait_for_message("x"), "Press")
    return await app.hears_of("block_actions")


async def test_a_pressed_button_brings_its_value_and_message(app: App, elena: Actor) -> None:
    told = await pressed(app, elena)

    (action,) = told["actions"]
    assert (action["action_id"], action["value"], action["type"]) == ("press", "17", "button")
    assert told["container"]["type"] == "message"
    assert told["message"]["blocks"][0]["elements"][0]["value"] == "17"
    assert (told["user"]["id"], told["team"]["id"], told["channel"]["id"]) == (
        "U0ELENA",
        "T0PLANKTON",
        "D0ELENA",
    )
    assert told["response_url"]
    assert told["trigger_id"]


async def test_a_button_with_an_address_is_told_too(app: App, elena: Actor) -> None:
    assert (await pressed(app, elena, url="https://lab.example"))["actions"][0]["value"] == "17"


@pytest.mark.rule("slack.identity.ephemeral")
async def test_an_ephemeral_message_is_not_copied_to_the_app(app: App, elena: Actor) -> None:
    app.answer = lambda request: (
        {"text": "x", "blocks": [actions(button())]} if request.type == "slash_commands" else None
    )
    await elena.say("/ecotaxa")
    await elena.press(await elena.wait_for_message("x"), "press")

    told = await app.hears_of("block_actions")
    assert told["container"]["is_ephemeral"] is True
    assert "message" not in told


async def test_a_button_that_was_taken_away_is_gone(app: App, elena: Actor) -> None:
    posted = await app.web.chat_postMessage(channel=elena.id, text="x", blocks=[actions(button())])
    message = await elena.wait_for_message("x")
    await app.web.chat_update(channel=elena.im, ts=posted["ts"], text="done")

    with pytest.raises(Failed, match="gone"):
        await elena.press(message, "press")
    assert {request.type for request in app.heard} <= {"events_api"}


@pytest.mark.rule("slack.identity.forged")
async def test_a_hand_made_payload_is_delivered_with_what_it_lacks(app: App, driver: SandboxDriver) -> None:
    app.answer = lambda _: {"text": "heard"}
    payload = {
        "type": "block_actions",
        "user": {"id": "U9"},
        "team": {"id": "T9OTHER"},
        "channel": {"id": "C9"},
    }

    assert await driver.slack.deliver("block_actions", payload) == {"text": "heard"}
    (request,) = await app.hears(1)
    assert request.type == "interactive"
    assert {"trigger_id", "response_url"} <= set(request.payload)


async def test_bolt_itself_is_at_home_here(sandbox: Sandbox, bot: AsyncWebClient, elena: Actor) -> None:
    bolt = AsyncApp(client=bot, signing_secret="sandbox-signing-secret")

    @bolt.command("/ecotaxa")
    async def command(ack: Any, respond: Any) -> None:
        await ack()
        await respond("hello", blocks=[actions(button("more"))])

    @bolt.action("more")
    async def more(ack: Any, respond: Any) -> None:
        await ack()
        await respond("more", replace_original=True)

    handler = AsyncSocketModeHandler(bolt, "xapp-sandbox")
    await handler.connect_async()
    await elena.say("/ecotaxa")
    await elena.press(await elena.wait_for_message("hello"), "more")
    await elena.wait_for_message("more")
    assert [m.text for m in await elena.messages()] == ["more"]
    await handler.close_async()


class Site:
    """An app with a request URL: answers Slack's challenge, remembers the requests, answers as told."""

    url = ""

    def __init__(self) -> None:
        self.heard: list[tuple[httpx.Headers, bytes]] = []
        self.answers: list[web.Response] = []
        self.echoes = True

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        if b"url_verification" in body:
            return web.json_response({"challenge": json.loads(body)["challenge"] if self.echoes else "?"})
        self.heard.append((httpx.Headers(dict(request.headers)), body))
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def site(driver: SandboxDriver) -> AsyncIterator[Site]:
    site = Site()
    application = web.Application()
    application.router.add_post("/slack/events", site.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await driver.slack.mode(site.url)
    yield site
    await runner.cleanup()


@pytest.mark.rule("slack.http.verification")
async def test_a_request_url_is_taken_only_when_it_answers_the_challenge(
    site: Site, driver: SandboxDriver
) -> None:
    await driver.slack.mode(None)
    site.echoes = False
    for wrong in (site.url, f"{site.url}/elsewhere", "http://127.0.0.1:9/nobody"):
        with pytest.raises(Failed, match="url_verification_failed"):
            await driver.slack.mode(wrong)
    site.echoes = True
    await driver.slack.mode(site.url)

    assert site.heard == []


@pytest.mark.rule("slack.http.signature", "slack.identity.forged")
async def test_over_http_every_request_is_signed(site: Site, elena: Actor) -> None:
    await elena.say("/ecotaxa job 17")

    ((headers, body),) = site.heard
    verifier = SignatureVerifier("sandbox-signing-secret")
    assert verifier.is_valid_request(body, dict(headers))
    assert not verifier.is_valid_request(body + b"&user_id=U0ADA", dict(headers))
    assert not SignatureVerifier("another-secret").is_valid_request(body, dict(headers))
    assert abs(int(headers["X-Slack-Request-Timestamp"]) - time.time()) < 60
    assert parse_qs(body.decode())["text"] == ["job 17"]


async def test_over_http_clicks_are_forms_and_events_are_json(
    site: Site, bot: AsyncWebClient, elena: Actor
) -> None:
    await bot.chat_postMessage(channel=elena.id, text="x", blocks=[actions(button())])
    await elena.press(await elena.wait_for_message("x"), "press")
    await elena.say("hello", elena.im)

    async def all_three() -> bool | None:
        return len(site.heard) == 3 or None

    await wait_for(all_three, "a click and two events")
    forms = [body for headers, body in site.heard if "form" in headers["Content-Type"]]
    events = [
        json.loads(body) for headers, body in site.heard if headers["Content-Type"] == "application/json"
    ]
    assert [json.loads(parse_qs(form.decode())["payload"][0])["type"] for form in forms] == ["block_actions"]
    assert [each["event"]["text"] for each in events] == ["x", "hello"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda: web.Response(text="plain words"), "plain words"),
        (lambda: web.json_response({"text": "as JSON"}), "as JSON"),
    ],
)
async def test_over_http_the_answer_is_the_acknowledgement(
    site: Site, elena: Actor, answer: Any, text: str
) -> None:
    site.answers.append(answer())
    await elena.say("/ecotaxa")

    assert [m.text for m in await elena.messages()] == [text]


@pytest.mark.rule("slack.time.again-http")
async def test_over_http_a_command_fails_once_and_an_event_comes_again(
    site: Site, elena: Actor, sandbox: Sandbox
) -> None:
    sandbox.slack.delivery.retry_pauses = (0.0, 0.0)
    site.answers += [web.Response(status=500), web.Response(status=503), web.Response(status=503)]

    with pytest.raises(Failed, match="dispatch_failed"):
        await elena.say("/ecotaxa")
    await elena.say("hello", elena.im)

    async def again() -> bool | None:
        return len(site.heard) == 4 or None

    await wait_for(again, "the event to come twice more")
    assert [headers.get("X-Slack-Retry-Num") for headers, _ in site.heard] == [None, None, "1", "2"]
    assert site.heard[2][0]["X-Slack-Retry-Reason"] == "http_error"

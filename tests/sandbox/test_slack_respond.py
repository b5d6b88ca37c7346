"""response_url: five uses, half an hour, and what it replaces."""

from typing import Any

import httpx
import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.driver import Actor, SandboxDriver
from tests.sandbox.slack_app import App, Json, actions, button, section

pytest_plugins = ["tests.sandbox.slack_fixtures"]


async def command_url(app: App, elena: Actor) -> str:
    await elena.say("/ecotaxa")
    return str((await app.hears_of("slash_commands"))["response_url"])


async def action_url(app: App, elena: Actor, *, ephemeral: bool = False) -> str:
    """The response_url of a button that Elena pressed in a message saying "original"."""
    message: Json = {"text": "original", "blocks": [actions(button())]}
    if ephemeral:
        await AsyncWebhookClient(await command_url(app, elena)).send(**message)
    else:
        await app.web.chat_postMessage(channel="C0GENERAL", **message)
    await elena.press(await elena.wait_for_message("original"), "press")
    return str((await app.hears_of("block_actions"))["response_url"])


async def test_an_answer_is_for_its_reader_unless_it_says_otherwise(
    app: App, elena: Actor, amelie: Actor
) -> None:
    url = AsyncWebhookClient(await command_url(app, elena))

    answer = await url.send(text="for you")
    assert (answer.status_code, answer.body) == (200, "ok")
    await url.send(text="for all", response_type="in_channel")
    assert [m.text for m in await elena.messages()] == ["for you", "for all"]
    assert [m.text for m in await amelie.messages()] == ["for all"]


@pytest.mark.rule("slack.time.response-url-uses")
async def test_the_sixth_use_is_one_too_many(app: App, elena: Actor) -> None:
    url = AsyncWebhookClient(await command_url(app, elena))
    for number in range(5):
        assert (await url.send(text=str(number))).status_code == 200

    sixth = await url.send(text="6")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)
    assert len(await elena.messages()) == 5


@pytest.mark.rule("slack.time.response-url-age")
async def test_it_is_good_for_half_an_hour(app: App, elena: Actor, driver: SandboxDriver) -> None:
    url = AsyncWebhookClient(await command_url(app, elena))
    await driver.slack.age(29 * 60)
    assert (await url.send(text="in time")).status_code == 200
    await driver.slack.age(2 * 60)

    late = await url.send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_a_made_up_address_answers_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.post("/slack/respond/made-up", json={"text": "x"})

    assert (answer.status_code, answer.json()["error"]) == (404, "invalid_url")


@pytest.mark.rule("slack.identity.ephemeral-replaced")
@pytest.mark.parametrize("ephemeral", [True, False])
async def test_an_actions_answer_replaces_the_original(app: App, elena: Actor, *, ephemeral: bool) -> None:
    url = AsyncWebhookClient(await action_url(app, elena, ephemeral=ephemeral))

    await url.send(text="replaced", replace_original=True)
    (message,) = await elena.messages("C0GENERAL")
    assert (message.text, message.blocks, message.ephemeral) == ("replaced", [], ephemeral)


async def test_an_actions_answer_stands_beside_the_original_by_default(app: App, elena: Actor) -> None:
    await AsyncWebhookClient(await action_url(app, elena)).send(text="beside")

    assert [m.text for m in await elena.messages()] == ["original", "beside"]


@pytest.mark.rule("slack.identity.ephemeral-replaced")
@pytest.mark.parametrize("ephemeral", [True, False])
async def test_an_actions_answer_deletes_the_original(app: App, elena: Actor, *, ephemeral: bool) -> None:
    url = AsyncWebhookClient(await action_url(app, elena, ephemeral=ephemeral))

    await url.send(delete_original=True)
    assert await elena.messages() == []


async def test_a_command_has_no_original_to_replace(app: App, elena: Actor) -> None:
    url = AsyncWebhookClient(await command_url(app, elena))
    await url.send(text="one")
    await url.send(text="two", replace_original=True)

    assert [m.text for m in await elena.messages()] == ["one", "two"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"text": "x", "blocks": [section("")]}, "invalid_blocks"),
        ({"text": "x" * 4_001}, "msg_too_long"),
        ({"text": "x" * 40_001, "response_type": "in_channel"}, "msg_too_long"),
    ],
)
async def test_a_bad_answer_is_refused(
    app: App, elena: Actor, http: httpx.AsyncClient, body: dict[str, Any], error: str
) -> None:
    answer = await http.post(await command_url(app, elena), json=body)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert await elena.messages() == []


async def test_an_answer_that_is_no_json_is_refused(app: App, elena: Actor, http: httpx.AsyncClient) -> None:
    answer = await http.post(await command_url(app, elena), content=b"words")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_payload")

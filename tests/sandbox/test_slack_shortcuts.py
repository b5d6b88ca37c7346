"""Shortcuts, global ones and those on a message, and what the app declares in its manifest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.driver import Actor, Failed
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.installed import COMMANDS, EVENTS, SCOPES, SHORTCUTS, UNFURL_DOMAINS
from tests.sandbox.slack_app import SILENCE, App, Json, modal

pytest_plugins = ["tests.sandbox.slack_fixtures"]

MANIFEST = Path(__file__).parents[2] / "deploy" / "slack" / "manifest.yaml"


@pytest.mark.rule("slack.shortcut.global")
async def test_a_global_shortcut_brings_a_trigger_and_no_channel(app: App, elena: Actor) -> None:
    await elena.shortcut("jobs")
    heard = await app.hears_of("shortcut")

    assert heard["callback_id"] == "jobs"
    assert heard["user"]["id"] == "U0ELENA"
    assert heard["team"]["id"] == "T0PLANKTON"
    assert not {"channel", "response_url", "message"} & set(heard)
    await app.web.views_open(trigger_id=heard["trigger_id"], view=modal())
    assert (await elena.wait_for_view()).callback_id == "form"


@pytest.mark.rule("slack.shortcut.message")
async def test_a_message_shortcut_brings_the_message(app: App, elena: Actor) -> None:
    await elena.say("Look at #1234 please")
    await elena.shortcut("job_of_message", await elena.wait_for_message("#1234"))
    heard = await app.hears_of("message_action")

    assert heard["callback_id"] == "job_of_message"
    assert heard["channel"]["id"] == "C0GENERAL"
    assert heard["message"]["text"] == "Look at #1234 please"
    assert heard["message"]["user"] == "U0ELENA"
    assert heard["message_ts"] == heard["message"]["ts"]
    assert heard["trigger_id"]
    assert heard["response_url"].startswith("http")


@pytest.mark.rule("slack.shortcut.message")
async def test_a_message_shortcut_is_not_offered_on_an_ephemeral_message(app: App, elena: Actor) -> None:
    await app.web.chat_postEphemeral(channel="D0ELENA", user="U0ELENA", text="for you")
    message = await elena.wait_for_message("for you")

    with pytest.raises(Failed, match="gone"):
        await elena.shortcut("job_of_message", message)


@pytest.mark.parametrize("callback_id", ["job_of_message", "unheard of"])
async def test_a_shortcut_stands_only_where_the_app_has_put_it(
    app: App, elena: Actor, callback_id: str
) -> None:
    with pytest.raises(Failed, match="gone"):
        await elena.shortcut(callback_id)

    assert app.heard == []


@pytest.mark.rule("slack.time.ack")
async def test_a_shortcut_without_acknowledgement_is_trouble(
    app: App, elena: Actor, sandbox: Sandbox
) -> None:
    sandbox.slack.delivery.patience = 0.05
    app.answer = lambda _request: SILENCE

    with pytest.raises(Failed, match="operation_timeout"):
        await elena.shortcut("jobs")

    assert any("trouble" in toast for toast in await elena.toasts())


async def test_the_state_tells_the_shortcuts_and_the_commands_words(elena: Actor) -> None:
    state = await elena.state()

    assert [each["callback_id"] for each in state["shortcuts"]] == ["jobs", "job_of_message"]
    assert {"jobs", "restart", "help"} <= set(state["commands"][0]["words"])


def values(section: str) -> Iterator[str]:
    """What stands at the list items or keys under this key of the manifest."""
    lines = iter(MANIFEST.read_text().splitlines())
    indent = next(len(line) - len(line.lstrip()) for line in lines if line.strip().startswith(f"{section}:"))
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return
        yield line.split(" #")[0].strip().removeprefix("- ").strip()


def shortcuts_of_the_manifest() -> list[Json]:
    found: list[Json] = []
    for name, _, value in (line.partition(": ") for line in values("shortcuts")):
        if name == "name":
            found.append({})
        found[-1][name] = value
    return found


@pytest.mark.rule("slack.scope.manifest")
def test_what_was_installed_is_what_the_manifest_says() -> None:
    assert shortcuts_of_the_manifest() == SHORTCUTS
    assert set(values("unfurl_domains")) == UNFURL_DOMAINS
    assert set(values("bot_events")) == set(EVENTS)
    assert set(values("bot")) <= SCOPES
    assert f"command: {COMMANDS[0]['command']}" in set(values("slash_commands"))

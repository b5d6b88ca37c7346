"""An app that is installed for a whole organisation: where its token acts, and what it is told."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from bot.sandbox.driver import Failed, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.team import CLIENT_ID, CLIENT_SECRET, NEKTON, NEUSTON, OCEAN
from tests.sandbox.slack_app import App

pytest_plugins = ["tests.sandbox.slack_fixtures"]

BACK = "https://app.example/back"
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Ask"},
    "blocks": [{"type": "divider"}],
    "submit": {"type": "plain_text", "text": "Send"},
}


@pytest.fixture
async def nekton(sandbox: Sandbox) -> AsyncIterator[SandboxDriver]:
    async with SandboxDriver(f"{sandbox.url}/nekton") as driver:
        await driver.slack.set_up_app(redirect_urls=[BACK], org_ready=True)
        yield driver


@pytest.fixture
async def neuston(sandbox: Sandbox) -> AsyncIterator[SandboxDriver]:
    async with SandboxDriver(f"{sandbox.url}/neuston") as driver:
        yield driver


async def installed(http: httpx.AsyncClient, workspace: SandboxDriver, *, everywhere: bool) -> dict[str, Any]:
    """What the app is given for an installation."""
    asked = {"client_id": CLIENT_ID, "scope": "commands,chat:write,im:history", "redirect_uri": BACK}
    page = f"https://slack.example/oauth/v2/authorize?{urlencode(asked)}"
    back = await workspace.slack.answer_page("elena", page, everywhere=everywhere)
    given = {"code": parse_qs(urlsplit(back).query)["code"][0], "redirect_uri": BACK}
    app = (CLIENT_ID, CLIENT_SECRET)
    told: dict[str, Any] = (await http.post("/slack/api/oauth.v2.access", data=given, auth=app)).json()
    return told


async def call(http: httpx.AsyncClient, token: str, method: str, **given: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    told: dict[str, Any] = (await http.post(f"/slack/api/{method}", json=given, headers=headers)).json()
    return told


async def heard(workspace: SandboxDriver, name: str) -> dict[str, Any]:
    """The newest payload of that name that the app got."""

    async def there() -> dict[str, Any] | None:
        entries = [it for it in await workspace.slack.traffic() if it["name"] == name]
        payload: dict[str, Any] | None = entries[-1]["request"]["payload"] if entries else None
        return payload

    return await wait_for(there, name)


@pytest.mark.rule("slack.org.install")
async def test_an_app_that_is_ready_is_installed_for_all_and_another_is_not(
    nekton: SandboxDriver, driver: SandboxDriver, http: httpx.AsyncClient
) -> None:
    told = await installed(http, nekton, everywhere=True)
    assert (told["team"], told["is_enterprise_install"]) == (None, True)
    assert told["enterprise"] == dict(zip(("id", "name"), OCEAN, strict=True))
    assert (await call(http, told["access_token"], "auth.test"))["is_enterprise_install"] is True

    one = await installed(http, nekton, everywhere=False)
    assert (one["team"]["id"], one["is_enterprise_install"]) == (NEKTON.id, False)
    assert one["enterprise"]["id"] == OCEAN[0]

    for workspace in (driver, nekton):
        await nekton.slack.set_up_app(org_ready=workspace is driver)
        with pytest.raises(Failed, match="org_install_not_allowed"):
            await installed(http, workspace, everywhere=True)


@pytest.mark.rule("slack.org.access")
async def test_its_token_acts_where_the_app_was_let_in(
    nekton: SandboxDriver, neuston: SandboxDriver, http: httpx.AsyncClient
) -> None:
    token = (await installed(http, nekton, everywhere=True))["access_token"]
    refused = await call(http, token, "chat.postMessage", channel="U0ELENA", text="too soon")
    assert refused["error"] == "team_access_not_granted"
    assert (await call(http, token, "auth.teams.list"))["teams"] == []

    await nekton.slack.let_in()
    await neuston.slack.let_in()
    for user in ("U0ELENA", "U0TOMAS"):
        assert (await call(http, token, "chat.postMessage", channel=user, text=f"for {user}"))["ok"]

    assert [it.text for it in await nekton.person("elena").messages()] == ["for U0ELENA"]
    assert [it.text for it in await neuston.person("tomas").messages()] == ["for U0TOMAS"]
    first = await call(http, token, "auth.teams.list", limit=1)
    cursor = first["response_metadata"]["next_cursor"]
    second = await call(http, token, "auth.teams.list", limit=1, cursor=cursor)
    assert [it["id"] for it in (*first["teams"], *second["teams"])] == [NEKTON.id, NEUSTON.id]
    assert second["response_metadata"]["next_cursor"] == ""

    await neuston.slack.let_in(is_let_in=False)
    refused = await call(http, token, "chat.postMessage", channel="U0TOMAS", text="too late")
    assert refused["error"] == "team_access_not_granted"

    await nekton.slack.uninstall(everywhere=True)
    assert (await call(http, token, "auth.test"))["error"] == "token_revoked"


@pytest.mark.rule("slack.org.access-events")
async def test_the_app_hears_which_workspaces_let_it_in_or_out(
    nekton: SandboxDriver, neuston: SandboxDriver, http: httpx.AsyncClient, app: App
) -> None:
    await neuston.slack.subscribe("team_access_granted", "team_access_revoked")
    await installed(http, nekton, everywhere=True)
    await neuston.slack.let_in()
    await neuston.slack.let_in(is_let_in=False)

    for name in ("team_access_granted", "team_access_revoked"):
        told = await heard(neuston, name)
        assert told["event"]["team_ids"] == [NEUSTON.id]
        assert told["enterprise_id"] == OCEAN[0]
        assert "team_id" not in told
        assert "authorizations" not in told


@pytest.mark.rule("slack.org.payloads")
async def test_what_people_do_tells_their_organisation(
    nekton: SandboxDriver, http: httpx.AsyncClient, app: App
) -> None:
    token = (await installed(http, nekton, everywhere=True))["access_token"]
    await nekton.slack.let_in()
    elena = nekton.person("elena")

    await elena.say("hello", elena.im)
    event = await heard(nekton, "message")
    assert (event["team_id"], event["enterprise_id"]) == (NEKTON.id, OCEAN[0])
    (authorized,) = event["authorizations"]
    where = {name: authorized[name] for name in ("enterprise_id", "team_id", "is_enterprise_install")}
    assert where == {"enterprise_id": OCEAN[0], "team_id": None, "is_enterprise_install": True}

    await elena.say("/ecotaxa help", elena.im)
    command = await heard(nekton, "slash_commands")
    assert (command["enterprise_id"], command["is_enterprise_install"]) == (OCEAN[0], "true")

    assert (await call(http, token, "views.open", trigger_id=command["trigger_id"], view=MODAL))["ok"]
    await elena.submit()
    sent = await heard(nekton, "view_submission")
    assert (sent["team"], sent["enterprise"]["id"]) == (None, OCEAN[0])
    assert (sent["user"]["team_id"], sent["view"]["app_installed_team_id"]) == (NEKTON.id, OCEAN[0])

    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    posted = await call(http, token, "chat.postMessage", channel=elena.im, text="go?", blocks=blocks)
    assert posted["ok"]
    await elena.press(await elena.wait_for_message("go?"), "Go")
    pressed = await heard(nekton, "block_actions")
    assert (pressed["team"]["id"], pressed["team"]["enterprise_id"]) == (NEKTON.id, OCEAN[0])

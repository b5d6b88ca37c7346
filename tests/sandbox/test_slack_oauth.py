"""An app that is installed by people: Slack's page, codes, tokens, and their end."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from bot.sandbox.driver import Failed, SandboxDriver
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.oauth import TOKEN_SECONDS
from bot.sandbox.slack.team import BENTHOS, CLIENT_ID, CLIENT_SECRET, PLANKTON

pytest_plugins = ["tests.sandbox.slack_fixtures"]

BACK = "https://app.example/back"
APP = (CLIENT_ID, CLIENT_SECRET)


class Clock:
    """Time as a test says."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(0, speed=50, clock=clock)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def benthos(sandbox: Sandbox) -> AsyncIterator[SandboxDriver]:
    async with SandboxDriver(f"{sandbox.url}/second") as driver:
        await driver.slack.set_up_app(redirect_urls=[BACK])
        yield driver


def page(**changed: str) -> str:
    asked = {"client_id": CLIENT_ID, "scope": "commands,chat:write", "redirect_uri": BACK, "state": "s"}
    return f"https://slack.example/oauth/v2/authorize?{urlencode(asked | changed)}"


async def code(workspace: SandboxDriver) -> str:
    back = await workspace.slack.answer_page("ada", page())
    return parse_qs(urlsplit(back).query)["code"][0]


async def access(
    http: httpx.AsyncClient, given: Mapping[str, str], *, app: tuple[str, str] = APP
) -> dict[str, Any]:
    answer = await http.post("/slack/api/oauth.v2.access", data=given, auth=app)
    told: dict[str, Any] = answer.json()
    return told


async def call(http: httpx.AsyncClient, token: str, method: str = "auth.test", **given: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return (await http.post(f"/slack/api/{method}", data=given, headers=headers)).json()


@pytest.mark.rule("slack.oauth.page")
async def test_slacks_page_is_shown_to_known_apps_and_leads_back_to_their_own_address_alone(
    benthos: SandboxDriver,
) -> None:
    for changed, error in (
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"redirect_uri": "https://thief.example/"}, "bad_redirect_uri"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),
    ):
        with pytest.raises(Failed, match=error):
            await benthos.slack.answer_page("ada", page(**changed))

    cancelled = await benthos.slack.answer_page("ada", page(), allows=False)
    assert cancelled == f"{BACK}?state=s&error=access_denied"


@pytest.mark.rule("slack.oauth.code")
async def test_a_code_gives_the_app_alone_a_token_once(
    benthos: SandboxDriver, http: httpx.AsyncClient, clock: Clock
) -> None:
    given = {"code": await code(benthos), "redirect_uri": BACK}

    assert (await access(http, given, app=("9.9", CLIENT_SECRET)))["error"] == "invalid_client_id"
    assert (await access(http, given, app=(CLIENT_ID, "guessed")))["error"] == "bad_client_secret"
    told = await access(http, given)

    assert told["team"] == {"id": BENTHOS.id, "name": BENTHOS.name}
    assert (told["token_type"], told["scope"]) == ("bot", "chat:write,commands")
    assert told["authed_user"] == {"id": "U0ADA"}
    assert (await access(http, given))["error"] == "invalid_code"
    elsewhere = {"code": await code(benthos), "redirect_uri": "https://thief.example/"}
    assert (await access(http, elsewhere))["error"] == "bad_redirect_uri"
    late = {"code": await code(benthos), "redirect_uri": BACK}
    clock.now += 601
    assert (await access(http, late))["error"] == "invalid_code"


@pytest.mark.rule("slack.oauth.token")
async def test_a_token_acts_in_its_own_workspace_alone(
    driver: SandboxDriver, benthos: SandboxDriver, http: httpx.AsyncClient
) -> None:
    token = (await access(http, {"code": await code(benthos), "redirect_uri": BACK}))["access_token"]

    assert (await call(http, token))["team_id"] == BENTHOS.id
    assert (await call(http, "xoxb-sandbox"))["team_id"] == PLANKTON.id
    await call(http, token, "chat.postMessage", channel="U0ELENA", text="for benthos")
    assert [m.text for m in await benthos.person("elena").messages()] == ["for benthos"]
    assert await driver.person("elena").messages() == []


@pytest.mark.rule("slack.oauth.rotation")
async def test_a_token_that_ends_is_renewed_once_with_what_came_along(
    benthos: SandboxDriver, http: httpx.AsyncClient, clock: Clock
) -> None:
    await benthos.slack.set_up_app(rotates=True)
    told = await access(http, {"code": await code(benthos), "redirect_uri": BACK})
    assert told["expires_in"] == TOKEN_SECONDS
    renewal = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}

    anew = await access(http, renewal)

    assert anew["access_token"] != told["access_token"]
    assert (await access(http, renewal))["error"] == "invalid_refresh_token"
    assert (await call(http, anew["access_token"]))["ok"]
    clock.now += TOKEN_SECONDS + 1
    assert (await call(http, anew["access_token"]))["error"] == "token_expired"


@pytest.mark.rule("slack.oauth.end")
@pytest.mark.parametrize("by", ["an administrator", "auth.revoke", "apps.uninstall"])
async def test_once_uninstalled_a_token_is_good_no_more_and_the_app_is_told(
    benthos: SandboxDriver, http: httpx.AsyncClient, by: str
) -> None:
    token = (await access(http, {"code": await code(benthos), "redirect_uri": BACK}))["access_token"]
    wrong = {"client_id": CLIENT_ID, "client_secret": "guessed"}
    assert (await call(http, token, "apps.uninstall", **wrong))["error"] == "bad_client_secret"
    assert (await call(http, token, "apps.uninstall"))["error"] == "invalid_client_id"

    if by == "an administrator":
        await benthos.slack.uninstall()
    else:
        app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        assert (await call(http, token, by, **app))["ok"]

    assert (await call(http, token))["error"] == "token_revoked"
    told = {entry["name"] for entry in await benthos.slack.traffic() if entry["side"] == "socket"}
    assert told == {"tokens_revoked", "app_uninstalled"}

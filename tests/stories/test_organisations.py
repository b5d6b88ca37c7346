"""One installation for an organisation: it serves the workspaces that let it in, each by itself."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.links import Person, Workspace
from bot.sandbox.driver import SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.team import CLIENT_ID, NEKTON, NEUSTON, OCEAN
from tests.stories.browser import REDIRECT_URL, Browser, set_up
from tests.stories.conftest import Start
from tests.stories.telling import saying
from tests.stories.test_workspaces import kept

ORGANISATION = Workspace(OCEAN[0], "")
ELENA, TOMAS = Person(OCEAN[0], NEKTON.id, "U0ELENA"), Person(OCEAN[0], NEUSTON.id, "U0TOMAS")


@dataclass
class Ocean:
    """Two workspaces of one organisation, and the browser of who administers it."""

    nekton: SandboxDriver
    neuston: SandboxDriver
    browser: Browser

    async def settles(self) -> None:
        """Install the bot for the organisation, let it into both workspaces, and link one person in each."""
        page = await self.browser.installs(self.nekton, everywhere=True)
        assert page.status_code == 200
        for lab, name in ((self.nekton, "elena"), (self.neuston, "tomas")):
            await lab.slack.let_in()
            await self.browser.links(lab.person(name))


@pytest.fixture
async def ocean(sandbox: Sandbox, settings: dict[str, str]) -> AsyncIterator[Ocean]:
    port = set_up(settings)
    async with AsyncExitStack() as stack:
        nekton, neuston = [
            await stack.enter_async_context(SandboxDriver(f"{sandbox.url}/{name}"))
            for name in ("nekton", "neuston")
        ]
        await nekton.slack.set_up_app(redirect_urls=[REDIRECT_URL], org_ready=True)
        browser = Browser(port)
        stack.push_async_callback(browser.close)
        yield Ocean(nekton, neuston, browser)


@pytest.fixture
async def bot(start: Start, ocean: Ocean, settings: dict[str, str]) -> AsyncIterator[app.Bot]:
    async with start() as bot:
        for lab in (ocean.nekton, ocean.neuston):
            await lab.slack.mode(f"http://127.0.0.1:{settings['HTTP_PORT']}/slack/events")
        yield bot


async def token(bot: app.Bot, workspace: Workspace = ORGANISATION) -> str | None:
    found = await bot.services.store.installations(CLIENT_ID).find_bot_in(workspace)
    return found.bot_token if found else None


async def forgotten(bot: app.Bot, *people: Person) -> None:
    """Wait until nobody of these is linked."""

    async def gone() -> bool | None:
        links = [await bot.services.store.find_link(person) for person in people]
        return None if any(links) else True

    await wait_for(gone, f"{people} to be forgotten")


def taken_out(**envelope: Any) -> dict[str, Any]:
    """The event that the app was uninstalled, as Slack might word its envelope."""
    return {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_uninstalled"}} | envelope


async def test_people_of_two_workspaces_are_told_in_their_own(
    bot: app.Bot, ocean: Ocean, driver: SandboxDriver
) -> None:
    page = await ocean.browser.installs(ocean.nekton, everywhere=True)

    assert "installed for Ocean institute" in page.text
    assert (
        f"https://app.slack.com/manage/{OCEAN[0]}/integrations/profile/A0ECOBOT/workspaces/add" in page.text
    )
    for lab, name in ((ocean.nekton, "elena"), (ocean.neuston, "tomas")):
        await lab.slack.let_in()
        await ocean.browser.links(lab.person(name))
    elena, tomas = ocean.nekton.person("elena"), ocean.neuston.person("tomas")
    for person, name in ((elena, "elena"), (tomas, "tomas")):
        job = await driver.ecotaxa.start("export", name)
        ping = await person.wait_for_message(saying(f"#{job}", "Finished"))
        assert ping.channel == person.im

    await elena.say("/ecotaxa jobs", elena.im)
    listed = await elena.wait_for_message(lambda it: "Refresh" in it.labels(), elena.im)
    await elena.press(listed, "Refresh")
    await tomas.open_home()
    await wait_for(tomas.home, "a home")
    assert await token(bot) == await token(bot, ELENA.workspace) == await token(bot, TOMAS.workspace)
    for lab in (ocean.nekton, ocean.neuston):
        assert [call for call in await lab.slack.calls() if call["error"]] == []


async def test_a_modal_and_a_shortcut_of_an_organisations_app_find_their_person(
    bot: app.Bot, ocean: Ocean
) -> None:
    await ocean.settles()
    tomas = ocean.neuston.person("tomas")

    await tomas.say("/ecotaxa notify", tomas.im)
    await tomas.wait_for_view()
    assert await tomas.submit() == {}
    await tomas.shortcut("jobs")

    await tomas.wait_for_view(lambda view: view.says("jobs"))
    assert [call for call in await ocean.neuston.slack.calls() if call["error"]] == []


async def test_a_workspace_that_is_taken_out_is_forgotten_and_the_others_stay(
    bot: app.Bot, ocean: Ocean, driver: SandboxDriver, tmp_path: Path
) -> None:
    await ocean.settles()

    await ocean.neuston.slack.let_in(is_let_in=False)

    await forgotten(bot, TOMAS)
    assert NEUSTON.id not in await kept(tmp_path)
    assert await bot.services.store.find_link(ELENA) is not None
    elena = ocean.nekton.person("elena")
    job = await driver.ecotaxa.start("export", "elena")
    await elena.wait_for_message(f"#{job}", elena.im)


async def test_late_news_of_a_workspace_that_is_in_again_harm_nobody(bot: app.Bot, ocean: Ocean) -> None:
    await ocean.settles()
    late = {
        "type": "event_callback",
        "enterprise_id": OCEAN[0],
        "event_id": "Ev1",
        "event": {"type": "team_access_revoked", "team_ids": [NEUSTON.id]},
    }

    await ocean.neuston.slack.deliver("events_api", late)

    assert await bot.services.store.find_link(TOMAS) is not None


async def test_a_workspace_with_an_installation_of_its_own_stays_when_the_organisation_leaves(
    bot: app.Bot, ocean: Ocean
) -> None:
    await ocean.settles()
    assert (await ocean.browser.installs(ocean.neuston, "tomas")).status_code == 200

    await ocean.neuston.slack.let_in(is_let_in=False)
    await ocean.nekton.slack.uninstall(everywhere=True)

    await forgotten(bot, ELENA)
    tomas = ocean.neuston.person("tomas")
    await tomas.say("/ecotaxa whoami", tomas.im)
    await tomas.wait_for_message("tomas@lab.example")


async def test_an_organisation_that_lets_the_bot_go_leaves_nothing_behind(
    bot: app.Bot, ocean: Ocean, tmp_path: Path
) -> None:
    await ocean.settles()

    await ocean.nekton.slack.uninstall(everywhere=True)

    await forgotten(bot, ELENA, TOMAS)

    async def gone() -> bool | None:
        return True if await token(bot) is None else None

    await wait_for(gone, "the token to be forgotten")
    held = await kept(tmp_path)
    assert [name for name in (OCEAN[0], NEKTON.id, NEUSTON.id) if name in held] == []


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param({"team_id": OCEAN[0], "enterprise_id": OCEAN[0]}, id="its id in a workspace's place"),
        pytest.param({"team_id": None, "enterprise_id": OCEAN[0]}, id="without a workspace"),
    ],
)
async def test_however_slack_words_that_the_organisation_left_it_is_forgotten(
    bot: app.Bot, ocean: Ocean, envelope: dict[str, Any]
) -> None:
    await ocean.settles()
    await ocean.nekton.slack.subscribe("message.im")
    await ocean.nekton.slack.uninstall(everywhere=True)

    await ocean.nekton.slack.deliver("events_api", taken_out(**envelope))

    await forgotten(bot, ELENA, TOMAS)

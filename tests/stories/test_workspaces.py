"""One bot in many workspaces: installed through Slack's page, told apart, and gone where it was let go."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import app
from bot.links import Person
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.core import APP_TOKEN
from bot.sandbox.slack.team import BENTHOS, CLIENT_ID, CLIENT_SECRET, PLANKTON
from bot.vault import Vault
from tests.processes import running_bot
from tests.stories.browser import PUBLIC_URL, REDIRECT_URL, Browser, set_up
from tests.stories.conftest import Clock, Start, link
from tests.stories.test_secrets import found


@dataclass
class Labs:
    """Two workspaces, and the way to a bot that may be in both."""

    plankton: SandboxDriver
    benthos: SandboxDriver
    port: int

    async def hear(self) -> None:
        for lab in (self.plankton, self.benthos):
            await lab.slack.mode(f"http://127.0.0.1:{self.port}/slack/events")


@pytest.fixture
async def labs(sandbox: Sandbox, driver: SandboxDriver, settings: dict[str, str]) -> AsyncIterator[Labs]:
    port = set_up(settings)
    await driver.slack.set_up_app(redirect_urls=[REDIRECT_URL])
    async with SandboxDriver(f"{sandbox.url}/second") as benthos:
        yield Labs(driver, benthos, port)


@pytest.fixture
async def bot(start: Start, labs: Labs) -> AsyncIterator[app.Bot]:
    async with start() as bot:
        await labs.hear()
        yield bot


@pytest.fixture
async def browser(labs: Labs) -> AsyncIterator[Browser]:
    browser = Browser(labs.port)
    yield browser
    await browser.close()


async def at_home(labs: Labs, browser: Browser) -> Actor:
    """Somebody who is linked in a workspace where the bot is installed."""
    await browser.installs(labs.plankton)
    elena = labs.plankton.person("elena")
    await browser.links(elena)
    return elena


async def tokens(bot: app.Bot) -> list[str | None]:
    """The bot's token in either workspace, where it has one."""
    installed = bot.services.store.installations(CLIENT_ID)
    found = [await installed.async_find_bot(enterprise_id=None, team_id=it.id) for it in (PLANKTON, BENTHOS)]
    return [it.bot_token if it else None for it in found]


async def no_tokens_left(bot: app.Bot, workspace: int) -> None:
    async def gone() -> bool | None:
        return (await tokens(bot))[workspace] is None or None

    await wait_for(gone, "the token to be forgotten")


async def test_people_with_the_same_id_in_two_workspaces_hear_of_their_own_jobs_alone(
    bot: app.Bot, labs: Labs, browser: Browser
) -> None:
    for lab, name in ((labs.plankton, "Plankton lab"), (labs.benthos, "Benthos lab")):
        page = await browser.installs(lab)

        assert page.status_code == 200
        assert f"installed in {name}" in page.text
    assert len(set(await tokens(bot))) == 2

    here, there = labs.plankton.person("elena"), labs.benthos.person("elena")
    assert (here.id, here.im) == (there.id, there.im)
    await browser.links(here)
    await there.say("/ecotaxa jobs")
    await there.wait_for_message("I don't know your EcoTaxa account yet")
    tomas = Actor(labs.benthos.slack, "elena")
    tomas.email = "tomas@lab.example"
    await browser.links(tomas)

    job = await labs.plankton.ecotaxa.start("export", "elena")
    other = await labs.plankton.ecotaxa.start("export", "tomas")
    await here.wait_for_message(f"#{job}", here.im)
    await there.wait_for_message(f"#{other}", there.im)

    assert not any(f"#{other}" in message.text for message in await here.messages())
    assert not any(f"#{job}" in message.text for message in await there.messages())
    for lab in (labs.plankton, labs.benthos):
        assert [call for call in await lab.slack.calls() if call["error"]] == []


async def test_through_one_socket_the_bot_hears_all_workspaces(
    start: Start, labs: Labs, browser: Browser, settings: dict[str, str]
) -> None:
    settings["SLACK_APP_TOKEN"] = APP_TOKEN
    async with start() as bot:
        for lab in (labs.plankton, labs.benthos):
            assert (await browser.installs(lab)).status_code == 200
            await link(lab.person("elena"))

        await labs.benthos.slack.uninstall()

        await no_tokens_left(bot, 1)
        assert (await tokens(bot))[0] is not None


async def test_who_cancels_at_slack_has_installed_nothing(bot: app.Bot, labs: Labs, browser: Browser) -> None:
    back = await labs.plankton.slack.answer_page("ada", await browser.goes(), allows=False)

    page = await browser.get(back)

    assert "You did not allow it" in page.text
    assert await tokens(bot) == [None, None]


async def test_a_way_back_is_good_once_within_ten_minutes_in_the_browser_that_went(
    bot: app.Bot, labs: Labs, browser: Browser, clock: Clock
) -> None:
    stranger = Browser(labs.port)
    back = await labs.plankton.slack.answer_page("ada", await browser.goes())
    assert "not the browser" in (await stranger.get(back)).text
    forged = re.sub(r"state=[^&]*", "state=forged", back)
    assert "not the browser" in (await browser.get(forged)).text
    assert await tokens(bot) == [None, None]

    address = await browser.goes()
    clock.forward(minutes=11)
    late = await browser.get(await labs.plankton.slack.answer_page("ada", address))
    assert (late.status_code, "longer than ten minutes" in late.text) == (401, True)
    assert await tokens(bot) == [None, None]

    back = await labs.plankton.slack.answer_page("ada", await browser.goes())
    state = parse_qs(urlsplit(back).query)["state"][0]
    twin = browser.at(labs.port)
    first, again = await asyncio.gather(browser.get(back), twin.get(back))
    assert sorted([first.status_code, again.status_code]) == [200, 401]
    await stranger.close()
    await twin.close()
    assert state not in str(await tokens(bot))


async def test_who_went_from_one_bot_may_come_back_to_another(
    start: Start, labs: Labs, browser: Browser, settings: dict[str, str]
) -> None:
    async with start():
        back = await labs.plankton.slack.answer_page("ada", await browser.goes())
        settings["HTTP_PORT"] = str(free_port())
        async with start() as other:
            there = browser.at(int(settings["HTTP_PORT"]))

            page = await there.get(back)

            assert page.status_code == 200
            assert (await tokens(other))[0] is not None
            assert (await browser.get(back)).status_code == 401, "once at whatever bot"
            await there.close()


async def test_a_code_that_slack_does_not_take_installs_nothing(
    bot: app.Bot, labs: Labs, browser: Browser
) -> None:
    back = await labs.plankton.slack.answer_page("ada", await browser.goes())

    page = await browser.get(re.sub(r"code=[^&]*", "code=guessed", back))

    assert "Nothing was installed" in page.text
    assert await tokens(bot) == [None, None]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "server" not in page.headers


async def test_a_workspace_that_lets_the_bot_go_leaves_nothing_behind(
    bot: app.Bot, labs: Labs, browser: Browser, tmp_path: Path
) -> None:
    for lab in (labs.plankton, labs.benthos):
        await browser.installs(lab)
        await browser.links(lab.person("elena"))
    store, now = bot.services.store, bot.services.clock()
    gone, stays = Person(None, BENTHOS.id, "U0ELENA"), Person(None, PLANKTON.id, "U0ELENA")
    await labs.benthos.slack.break_(
        api={"chat.postMessage": {"mode": "error", "error": "service_unavailable"}}
    )
    job = await labs.plankton.ecotaxa.start("export", "elena")
    await labs.plankton.person("elena").wait_for_message(f"#{job}", "D0ELENA")

    await labs.benthos.slack.uninstall()

    await no_tokens_left(bot, 1)
    assert await store.find_link(gone) is None
    assert await store.find_link(stays) is not None
    assert BENTHOS.id not in await kept(tmp_path)
    assert (await tokens(bot))[0] is not None
    assert [it.act for it in await store.acts_since(now) if it.person is None] == ["forget me"]

    page = await browser.installs(labs.benthos)

    assert page.status_code == 200
    elena = labs.benthos.person("elena")
    await elena.say("/ecotaxa whoami")
    await elena.wait_for_message("I don't know your EcoTaxa account yet")


async def test_late_news_of_an_uninstalled_app_harm_no_new_installation(
    bot: app.Bot, labs: Labs, browser: Browser
) -> None:
    elena = await at_home(labs, browser)
    late = {
        "type": "event_callback",
        "team_id": PLANKTON.id,
        "event_id": "Ev1",
        "event": {"type": "app_uninstalled"},
    }

    await labs.plankton.slack.deliver("events_api", late)
    tokens_of_people = {"type": "tokens_revoked", "tokens": {"oauth": ["U0ELENA"]}}
    await labs.plankton.slack.deliver("events_api", late | {"event_id": "Ev2", "event": tokens_of_people})

    assert (await tokens(bot))[0] is not None
    await elena.say("/ecotaxa whoami")
    await elena.wait_for_message("elena@lab.example")


async def test_news_that_name_no_workspace_are_about_nobody(
    bot: app.Bot, labs: Labs, browser: Browser
) -> None:
    elena = await at_home(labs, browser)
    nameless: dict[str, object] = {"type": "event_callback", "event": {"type": "app_uninstalled"}}
    envelopes: list[dict[str, object]] = [{"team_id": None}, {"team_id": "", "is_enterprise_install": True}]

    for number, envelope in enumerate(envelopes):
        await labs.plankton.slack.deliver("events_api", nameless | envelope | {"event_id": f"Ev{number}"})

    await elena.say("/ecotaxa whoami")
    await elena.wait_for_message("elena@lab.example")


async def hammered(browser: Browser, address: str) -> int:
    """How often a page is given before it is not any more."""
    given = 0
    while (answer := await browser.get(address)).status_code != 429:
        given += 1
    assert "That was a lot at once" in answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"
    return given


async def test_who_hammers_the_pages_is_put_off_and_nobody_else(
    bot: app.Bot, labs: Labs, browser: Browser, clock: Clock
) -> None:
    clock.stop()
    behind = {"X-Forwarded-For": "192.0.2.1"}
    # What stands before the proxy's own word is anybody's invention.
    liar = Browser(labs.port, **{"X-Forwarded-For": "198.51.100.9, 192.0.2.1"})
    culprit, beside = Browser(labs.port, **behind), Browser(labs.port, **behind)
    other = Browser(labs.port, **{"X-Forwarded-For": "192.0.2.2"})
    back = await labs.plankton.slack.answer_page("ada", await beside.goes())

    assert await hammered(culprit, "/slack/oauth_redirect?error=access_denied") > 5
    assert (await liar.get("/slack/install")).status_code == 429
    assert (await beside.get(back)).status_code == 429
    assert (await browser.get("/slack/install")).status_code == 302, "without a proxy"
    assert (await other.installs(labs.benthos)).status_code == 200

    clock.forward(minutes=2)
    assert (await beside.get(back)).status_code == 200, "its way back was still good"
    for one in (culprit, beside, liar, other):
        await one.close()


async def test_however_many_hammer_the_pages_there_is_an_end(bot: app.Bot, labs: Labs, clock: Clock) -> None:
    clock.stop()
    crowd = [Browser(labs.port, **{"X-Forwarded-For": f"2001:db8:0:{number:x}::1"}) for number in range(300)]

    codes = [(await one.get("/slack/install")).status_code for one in crowd]

    assert codes == sorted(codes)
    assert set(codes) == {302, 429}
    clock.forward(minutes=1)
    assert (await crowd[-1].get("/slack/install")).status_code == 302
    for one in crowd:
        await one.close()


async def test_who_has_a_network_of_addresses_is_one(bot: app.Bot, labs: Labs, clock: Clock) -> None:
    clock.stop()
    one, sibling, other = (
        Browser(labs.port, **{"X-Forwarded-For": address})
        for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1")
    )

    await hammered(one, "/slack/install")

    assert (await sibling.get("/slack/install")).status_code == 429
    assert (await other.get("/slack/install")).status_code == 302
    for browser in (one, sibling, other):
        await browser.close()


async def test_the_pages_speak_the_browsers_language(bot: app.Bot, labs: Labs) -> None:
    browser = Browser(labs.port, **{"Accept-Language": "fr-CA,fr;q=0.9"})

    page = await browser.installs(labs.plankton)

    assert '<html lang="fr">' in page.text
    assert "EcoTaxa est installé dans Plankton lab" in page.text
    await browser.close()


async def test_where_the_bot_is_not_installed_people_hear_where_to_install_it(
    start: Start, labs: Labs, settings: dict[str, str]
) -> None:
    settings["SLACK_APP_TOKEN"] = APP_TOKEN
    elena = labs.plankton.person("elena")

    async with start():
        await elena.say("/ecotaxa link")

        told = await elena.wait_for_message("I am not installed in this workspace")
        assert f"{PUBLIC_URL}/slack/install" in told.text


async def test_a_token_that_ends_is_renewed_by_one_of_two_bots_before_it_does(
    start: Start, labs: Labs, browser: Browser, clock: Clock, settings: dict[str, str]
) -> None:
    await labs.plankton.slack.set_up_app(rotates=True)
    async with start() as one:
        await labs.hear()
        await browser.installs(labs.plankton)
        before = (await tokens(one))[0]
        settings["HTTP_PORT"] = str(free_port())
        async with start() as other:
            clock.forward(hours=10, minutes=30)
            person = Person(None, PLANKTON.id, "U0ELENA")
            both = [bot.services.slack.of(person.workspace).call("auth.test") for bot in (one, other)]
            assert [told["team_id"] for told in await asyncio.gather(*both)] == [PLANKTON.id] * 2
            after = (await tokens(one))[0]

            assert before != after
            assert after is not None
            assert after.startswith("xoxe.xoxb-")
            renewed = await labs.plankton.slack.calls("oauth.v2.access")
            assert [call["error"] for call in renewed] == [None, None], "one for the code, one that renewed"

            clock.forward(hours=11)
            await other.services.slack.of(person.workspace).call("auth.test")
            assert (await tokens(one))[0] not in (before, after)


async def test_without_its_key_a_token_is_not_read_and_a_new_installation_mends_it(
    start: Start, labs: Labs, browser: Browser, settings: dict[str, str]
) -> None:
    settings["SLACK_APP_TOKEN"] = APP_TOKEN
    async with start():
        await browser.installs(labs.plankton)
    settings["TOKEN_KEYS"] = Vault.new_key()
    elena = labs.plankton.person("elena")

    async with start():
        await elena.say("/ecotaxa link")
        told = await elena.wait_for_message("I can no longer read my key to this workspace")
        assert f"{PUBLIC_URL}/slack/install" in told.text

        assert (await browser.installs(labs.plankton)).status_code == 200
        await link(elena)


async def test_no_token_and_no_secret_of_the_app_stands_in_log_or_database(
    labs: Labs, browser: Browser, settings: dict[str, str], tmp_path: Path
) -> None:
    await labs.plankton.slack.set_up_app(rotates=True)
    async with running_bot(settings | {"LOG_LEVEL": "DEBUG"}, tmp_path) as bot:
        await labs.hear()
        await browser.installs(labs.plankton)
        await browser.links(labs.plankton.person("elena"))
        back = await labs.benthos.slack.answer_page("ada", await browser.goes())
        code = parse_qs(urlsplit(back).query)["code"][0]
        spoilt = back.replace(code, code[:-4])
        assert "Nothing was installed" in (await browser.get(spoilt)).text
        bot.process.terminate()
        assert await bot.ended(30) == 0
    secrets = {"client secret": CLIENT_SECRET, "token": f"xoxb-{PLANKTON.id}", "renewal": "xoxe-1-"}
    secrets |= {"code": code[:-4]}

    held = await kept(tmp_path)
    assert PLANKTON.id in held
    assert "installed" in bot.output
    assert found(bot.output, secrets) == {}
    assert found(held, secrets) == {}


async def kept(folder: Path) -> str:
    """All that stands in rows of the database."""
    dump = await asyncio.create_subprocess_exec(
        "python3", "-c",
        "import sqlite3,sys;print('\\n'.join(sqlite3.connect(sys.argv[1]).iterdump()))",
        str(folder / "demo.sqlite3"), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await dump.communicate()
    return out.decode()

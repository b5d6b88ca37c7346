"""Several bots over HTTP behind a balancer, on one database: whoever is asked, it is one bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.links import Person
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.slack.people import TEAM_ID
from bot.store import Store
from handlers.front import WAIT_SECONDS
from tests.conftest import empty
from tests.stories.balancer import Balancer
from tests.stories.browser import asked_for, browser
from tests.stories.conftest import Start, comes_to, looked

GENERAL = "C0GENERAL"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, settings: dict[str, str]) -> None:
    """What both share."""
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres")
        await empty(settings["DATABASE_URL"])


@pytest.fixture
async def stores() -> list[Store]:
    """Those of the two bots, once they run."""
    return []


@pytest.fixture
async def balancer(
    database: None, settings: dict[str, str], start: Start, driver: SandboxDriver, stores: list[Store]
) -> AsyncIterator[Balancer]:
    """What brings each request to the other of two bots."""
    ports = [free_port() for _ in range(3)]
    balancer = Balancer([f"http://127.0.0.1:{port}" for port in ports[1:]])
    settings |= {"SLACK_MODE": "http", "PUBLIC_URL": f"http://127.0.0.1:{ports[0]}"}
    async with AsyncExitStack() as stack:
        for port in ports[1:]:
            settings["HTTP_PORT"] = str(port)
            stores.append((await stack.enter_async_context(start())).services.store)
        await stack.enter_async_context(balancer.open(ports[0]))
        await driver.slack.mode(f"{balancer.origin}/slack/events")
        yield balancer


async def said(person: Actor, channel: str, words: str) -> int:
    """In how many messages these words stand."""
    return sum(words in message.text for message in await person.messages(channel))


async def linked_on_page(person: Actor) -> None:
    async with browser() as visitor:
        await visitor.get(await asked_for(person))
        assert (await visitor.send(person.email, "plankton")).status_code == 200


async def test_two_bots_in_turns_are_one(driver: SandboxDriver, balancer: Balancer) -> None:
    elena = driver.person("elena")
    await linked_on_page(elena)
    await looked(driver, 4)
    job_id = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
    ping = await elena.wait_for_message(f"#{job_id}", elena.im)
    await elena.press(ping, "Answer")
    view = await elena.wait_for_view("could not match")
    row = next(block for block in view.blocks if block["type"] == "input")["label"]["text"]
    await elena.choose(view, row, "Cyclopoida")
    assert await elena.submit() == {}
    await comes_to(driver, job_id, "F")
    await elena.wait_for_message(lambda m: f"#{job_id}" in m.text and "Finished" in m.text, elena.im)

    assert min(balancer.brought.values()) >= 3
    assert await said(elena, elena.im, "just linked on my page") == 1


async def test_what_slack_sends_again_to_the_other_is_done_once(
    driver: SandboxDriver, balancer: Balancer
) -> None:
    elena = driver.person("elena")
    await linked_on_page(elena)
    await driver.slack.break_(repeat_deliveries=True)
    await elena.say("whoami", elena.im)
    await elena.wait_for_message("You are *Elena", elena.im)
    before = dict(balancer.brought)
    await driver.slack.break_(lose_acknowledgements={"events_api": 1})
    await elena.say("help", elena.im)
    await elena.wait_for_message("/ecotaxa unlink", elena.im)

    async def came_again() -> bool | None:
        entries = [it for it in await driver.slack.traffic() if it["side"] == "http"]
        again = [it for it in entries if it["name"] == "message" and it["request"]["retry_attempt"]]
        return len(again) >= 2 or None

    await wait_for(came_again, "what Slack sends again")
    await asyncio.sleep(WAIT_SECONDS + 0.3)
    assert all(balancer.brought[door] > before[door] for door in before), "each had a part in it"
    assert await said(elena, elena.im, "You are *Elena") == 1
    assert await said(elena, elena.im, "/ecotaxa unlink") == 1


async def test_one_address_links_once_however_often_and_wherever_it_is_sent(
    driver: SandboxDriver, balancer: Balancer, stores: list[Store]
) -> None:
    elena = driver.person("elena")
    address = await asked_for(elena)
    async with browser() as visitor:
        await visitor.get(address)
        names = ("elena", "tomas", "amelie", "ada")
        sent = [visitor.send_to(address, email=f"{name}@lab.example", password="plankton") for name in names]
        codes = [answer.status_code for answer in await asyncio.gather(*sent)]

    assert sorted(codes) == [200, 410, 410, 410]
    person = Person(None, TEAM_ID, elena.id)
    first, second = [await store.find_link(person) for store in stores]
    assert first is not None
    assert first == second
    assert first.email == f"{names[codes.index(200)]}@lab.example"
    await elena.wait_for_message("just linked on my page", elena.im)
    assert await said(elena, elena.im, "just linked on my page") == 1

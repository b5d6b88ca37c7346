"""Linking an account on the bot's own page: the password never goes through Slack."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode, urlsplit

import pytest

from bot import app, gate
from bot.acts import CameTo, Did
from bot.links import Link, Person
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.slack.people import TEAM_ID
from bot.tickets import PATH, Ticket, Tickets
from bot.vault import Vault
from handlers import linking
from tests.stories.browser import OPENS, Browser, address_on, asked_for, browser
from tests.stories.conftest import Clock, Start, link, looked
from tests.stories.forgery import press

GENERAL, UNDO = "C0GENERAL", "That was not me"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def origin(settings: dict[str, str]) -> str:
    """Where a bot with a page of its own is."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    settings |= {"SLACK_MODE": "http", "HTTP_PORT": str(port), "PUBLIC_URL": origin}
    return origin


@pytest.fixture
async def bot(origin: str, start: Start, driver: SandboxDriver) -> AsyncIterator[app.Bot]:
    async with start() as bot:
        await driver.slack.mode(f"{origin}/slack/events")
        yield bot


@pytest.fixture
async def visitor() -> AsyncIterator[Browser]:
    async with browser() as visitor:
        yield visitor


def person(actor: Actor) -> Person:
    return Person(None, TEAM_ID, actor.id)


async def link_of(bot: app.Bot, actor: Actor) -> Link | None:
    return await bot.services.store.find_link(person(actor))


async def logins(driver: SandboxDriver) -> int:
    """How often EcoTaxa was asked whose password something is."""
    return sum(entry["path"].endswith("/login") for entry in (await driver.ecotaxa.traffic())["entries"])


async def linked_on_page(actor: Actor, visitor: Browser, as_whom: str = "elena") -> str:
    """Link somebody on the page, to their own account or another's: the address, which is used up."""
    address = await asked_for(actor, actor.im)
    await visitor.get(address)
    answer = await visitor.send(f"{as_whom}@lab.example", "plankton")
    assert answer.status_code == 200
    return address


async def test_linking_on_the_page_goes_on_with_what_was_asked(
    elena: Actor, driver: SandboxDriver, visitor: Browser
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await elena.say("/ecotaxa jobs")
    unlinked = await elena.wait_for_message("I don't know your EcoTaxa account yet")
    await elena.press(unlinked, "Link my account")
    shown = await elena.wait_for_message(lambda m: OPENS in str(m.blocks), GENERAL)
    address = address_on(shown)
    assert shown.ephemeral
    assert PATH not in shown.text, "it would stand on a locked screen"

    await visitor.get(address)
    assert "@elena (plankton-lab)" in visitor.page
    answer = await visitor.send(elena.email, "plankton")

    assert answer.status_code == 200
    assert "Elena Rodriguez" in answer.text
    listed = await elena.wait_for_message(f"#{job_id}", GENERAL)
    assert listed.id == unlinked.id, "it takes the button's place"
    told = await elena.wait_for_message("just linked on my page", elena.im)
    assert "Elena Rodriguez" in told.text
    assert UNDO in str(told.blocks)


async def test_looking_uses_nothing_up_and_linking_does(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, visitor: Browser
) -> None:
    address = await asked_for(elena)
    async with browser() as scanner:
        for _ in range(3):
            assert (await scanner.get(address)).status_code == 200
        assert (await scanner.ask("HEAD", address)).status_code == 200
    await visitor.get(address)
    form = visitor.proof

    assert (await visitor.send(elena.email, "plankton")).status_code == 200
    first = await link_of(bot, elena)
    again = await visitor.send_to(address, proof=form, email="tomas@lab.example", password="plankton")
    reopened = await visitor.get(address)

    assert first is not None
    assert first.email == elena.email
    assert await link_of(bot, elena) == first
    assert await logins(driver) == 1
    for answer in (again, reopened):
        assert answer.status_code == 410
        assert "was used already" in answer.text
        assert "<form" not in answer.text


async def test_a_wrong_password_is_told_in_place_and_the_address_stays_good(
    elena: Actor, bot: app.Bot, visitor: Browser
) -> None:
    await visitor.get(await asked_for(elena))

    wrong = await visitor.send(elena.email, "hunter<2>")
    empty = await visitor.send(elena.email, "")

    assert (wrong.status_code, empty.status_code) == (422, 422)
    assert "EcoTaxa did not accept this e-mail and password." in wrong.text
    assert "<title>Error: " in wrong.text
    assert f'value="{elena.email}"' in wrong.text
    assert "hunter" not in wrong.text
    assert await link_of(bot, elena) is None
    assert (await visitor.send(elena.email, "plankton")).status_code == 200
    assert await link_of(bot, elena) is not None


async def test_nobody_guesses_passwords_on_the_page(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, visitor: Browser, clock: Clock
) -> None:
    clock.stop()
    await visitor.get(await asked_for(elena))
    tries = [await visitor.send("tomas@lab.example", f"guess {number}") for number in range(6)]
    async with browser() as other:
        await other.get(await asked_for(elena))
        tries.append(await other.send("tomas@lab.example", "plankton"))

    assert [it.status_code for it in tries] == [422] * 5 + [429] * 2
    assert "That was tried often" in tries[-1].text
    assert await logins(driver) == 5
    assert await link_of(bot, elena) is None


async def test_an_ecotaxa_that_is_away_is_told_and_the_address_stays_good(
    elena: Actor, driver: SandboxDriver, visitor: Browser
) -> None:
    await visitor.get(await asked_for(elena))
    await driver.ecotaxa.break_(paths="login", status=503)

    away = await visitor.send(elena.email, "plankton")
    await driver.ecotaxa.heal()

    assert away.status_code == 503
    assert "EcoTaxa does not answer right now" in away.text
    assert (await visitor.send(elena.email, "plankton")).status_code == 200


async def test_who_signs_in_while_the_bot_stops_is_linked_and_told_so_by_the_next(
    origin: str, start: Start, driver: SandboxDriver, visitor: Browser
) -> None:
    elena = driver.person("elena")
    async with start() as bot:
        await driver.slack.mode(f"{origin}/slack/events")
        await visitor.get(await asked_for(elena))
        await driver.ecotaxa.break_(paths="login", slow=1)
        sent = asyncio.create_task(visitor.send(elena.email, "plankton"))

        async def asked() -> bool | None:
            return bot.services.work.is_under_way("check account") or None

        await wait_for(asked, "the bot to ask EcoTaxa")
    await asyncio.wait({sent})

    async with start() as bot:
        assert await link_of(bot, elena) is not None
        await elena.wait_for_message("just linked on my page", elena.im)


async def test_words_that_lead_back_to_the_page_show_the_way_once_more(
    elena: Actor, driver: SandboxDriver, visitor: Browser
) -> None:
    await driver.slack.deliver("interactive", press(elena, "link.open", "link"))
    shown = await elena.wait_for_message(lambda m: OPENS in str(m.blocks))
    await visitor.get(address_on(shown))

    assert (await visitor.send(elena.email, "plankton")).status_code == 200

    again = await elena.wait_for_message(lambda m: OPENS in str(m.blocks), after=shown)
    assert "@U0ELENA" in (await visitor.get(address_on(again))).text


async def test_an_address_that_is_old_changed_or_from_elsewhere_opens_nothing(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, visitor: Browser, clock: Clock, origin: str
) -> None:
    good = await asked_for(elena)
    await visitor.get(good)
    proof = visitor.proof
    elsewhere = Tickets(Vault([Vault.new_key()]), origin, clock).address(Ticket(person(elena), "@elena"))
    bad = {
        "changed": good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:],
        "cut off": good[:-5],
        "of a bot with other keys": elsewhere,
        "nothing at all": f"{origin}{PATH}x",
        "somebody's stored token": f"{origin}{PATH}{Vault([Vault.new_key()]).seal(person(elena), 'a.b.c')}",
    }
    clock.forward(minutes=9)
    assert (await visitor.get(good)).status_code == 200
    clock.forward(minutes=2)
    bad["old"] = good

    for name, address in bad.items():
        for answer in (
            await visitor.get(address),
            await visitor.send_to(address, proof=proof, email=elena.email, password="plankton"),
        ):
            assert (name, answer.status_code) == (name, 404)
            assert "works for ten minutes" in answer.text
            assert "<code>/ecotaxa link</code>" in answer.text
    assert await logins(driver) == 0
    assert await link_of(bot, elena) is None


async def test_only_the_form_of_this_page_from_this_browser_is_taken(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, visitor: Browser
) -> None:
    typed = {"email": elena.email, "password": "plankton"}
    address, other = await asked_for(elena), await asked_for(elena)
    await visitor.get(other)
    of_other = visitor.proof
    await visitor.get(address)
    async with browser() as stranger:
        answers = [
            await stranger.send_to(address, **typed, proof=visitor.proof),
            await visitor.send_to(address, **typed, proof=of_other),
            await visitor.send_to(address, **typed, proof=""),
        ]

    assert [it.status_code for it in answers] == [403] * 3
    assert all("Allow cookies" in it.text for it in answers)
    assert await logins(driver) == 0
    assert (await visitor.send(**typed)).status_code == 200, "the form that was shown again is this page's"
    assert await link_of(bot, elena) is not None


async def test_what_is_no_form_is_turned_away_with_a_word(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.2)
    address = await asked_for(elena)
    await visitor.get(address)
    good = urlencode({"proof": visitor.proof, "email": elena.email, "password": "plankton"}).encode()
    sent: Mapping[str, tuple[int, str, bytes]] = {
        "JSON": (415, "application/json", good),
        "text": (415, "text/plain", good),
        "a file": (415, "multipart/form-data; boundary=x", good),
        "too large": (413, FORM, good + b"&more=" + b"x" * linking.MOST_BYTES),
        "too many fields": (422, FORM, good + b"&a=b" * linking.MOST_FIELDS),
        "no UTF-8": (422, FORM, b"\xff\xfe" + good),
    }

    for name, (status, kind, body) in sent.items():
        answer = await visitor.ask("POST", address, content=body, headers={"Content-Type": kind})
        assert (name, answer.status_code) == (name, status)
        assert "could not be read" in answer.text

    parts = urlsplit(address)

    async def begun(more: str, body: bytes) -> int:
        """What is answered to this head and a body that has more to come."""
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines = (f"POST {parts.path} HTTP/1.1", "Host: here", f"Content-Type: {FORM}", more, "", "")
        writer.write("\r\n".join(lines).encode() + body)
        try:
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()

    assert await begun("Content-Length: 500", good[:20]) == 408
    assert await begun("Content-Length: 99999999999", b"") == 413
    assert await begun("Transfer-Encoding: chunked", b"124f80\r\n" + b"x" * 1_200_000) == 413
    assert (await visitor.ask("PUT", address, content=good)).status_code == 405
    assert await logins(driver) == 0
    assert await link_of(bot, elena) is None


async def test_the_page_is_kept_nowhere_framed_nowhere_and_runs_nothing(
    elena: Actor, visitor: Browser
) -> None:
    address = await asked_for(elena)

    for answer in (await visitor.get(address), await visitor.get(f"{address}x"[:-4])):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in answer.headers
        assert "<script" not in answer.text
    cookie = (await visitor.get(address)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_over_tls_the_cookie_is_this_hosts_alone(
    settings: dict[str, str], origin: str, start: Start, driver: SandboxDriver, visitor: Browser
) -> None:
    settings["PUBLIC_URL"] = "https://bot.lab.example"
    async with start():
        await driver.slack.mode(f"{origin}/slack/events")
        address = await asked_for(driver.person("elena"))
        assert address.startswith(f"https://bot.lab.example{PATH}")

        answer = await visitor.ask(
            "GET", f"{origin}{urlsplit(address).path}", headers={"Host": "evil.example"}
        )

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-link=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "evil" not in answer.text, "what a stranger calls the host is nowhere used"


async def test_that_was_not_me_forgets_what_was_linked_and_says_so_once_more(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, visitor: Browser
) -> None:
    await linked_on_page(elena, visitor, as_whom="tomas")
    told = await elena.wait_for_message("just linked on my page", elena.im)
    assert "Tomás Silva" in told.text
    pressed = press(elena, "link.undo", told.find(UNDO)[1]["value"])

    await elena.press(told, UNDO)

    await elena.wait_for_message(lambda m: m.id == told.id and "I have forgotten that account" in m.text)
    assert await link_of(bot, elena) is None
    await elena.say("/ecotaxa jobs")
    await elena.wait_for_message("I don't know your EcoTaxa account yet", GENERAL)
    await driver.slack.deliver("interactive", pressed)
    await bot.services.work.rest(10)
    acts = [act for act in await bot.services.store.acts_since(None) if act.act == Did.UNLINK]
    assert [act.outcome for act in acts] == [CameTo.DONE, CameTo.NOTHING]


async def test_that_was_not_me_is_for_its_person_and_its_link_alone(
    elena: Actor, bot: app.Bot, driver: SandboxDriver, visitor: Browser
) -> None:
    tomas = driver.person("tomas")
    await linked_on_page(tomas, visitor, as_whom="tomas")
    await linked_on_page(elena, visitor)
    told = await elena.wait_for_message("just linked on my page", elena.im)
    value = told.find(UNDO)[1]["value"]
    await linked_on_page(elena, visitor)
    second = await link_of(bot, elena)

    for sender, what in ((tomas, value), (elena, value), (elena, "yesterday"), (elena, "9999-12-31")):
        await driver.slack.deliver("interactive", press(sender, "link.undo", what))
    await bot.services.work.rest(10)

    assert await link_of(bot, tomas) is not None
    assert await link_of(bot, elena) == second


async def test_the_page_speaks_the_language_of_whoever_asked_for_it(
    elena: Actor, driver: SandboxDriver, visitor: Browser, origin: str
) -> None:
    await driver.slack.locale("elena", "fr-FR")
    await elena.say("/ecotaxa link")
    shown = await elena.wait_for_message(lambda m: "Ouvrir la page" in str(m.blocks))
    address = str(shown.find("Ouvrir la page")[1]["url"])

    await visitor.get(address)
    assert '<html lang="fr">' in visitor.page
    assert "Mot de passe EcoTaxa" in visitor.page
    wrong = await visitor.send(elena.email, "wrong")
    assert "<title>Erreur" in wrong.text
    unknown = await visitor.ask("GET", f"{origin}{PATH}x", headers={"Accept-Language": "zh-CN,en;q=0.8"})
    assert '<html lang="zh">' in unknown.text


async def test_on_the_home_the_way_to_the_page_opens_in_a_modal(
    elena: Actor, bot: app.Bot, visitor: Browser
) -> None:
    await elena.open_home()
    home = await wait_for(elena.home, "the home")

    await elena.press(home, "Link my account")

    shown = await elena.wait_for_view("Link your EcoTaxa account on my own page")
    await visitor.get(address_on(shown))
    assert (await visitor.send(elena.email, "plankton")).status_code == 200
    assert await link_of(bot, elena) is not None


async def test_a_word_in_a_conversation_leads_there_too(elena: Actor, visitor: Browser) -> None:
    await elena.say("link", elena.im)
    offered = await elena.wait_for_message("Press the button", elena.im)
    await elena.press(offered, "Link my account")

    shown = await elena.wait_for_message(lambda m: OPENS in str(m.blocks), elena.im)
    assert shown.ephemeral
    assert (await visitor.get(address_on(shown))).status_code == 200


@pytest.mark.parametrize("gone", ["PUBLIC_URL", "SLACK_MODE"])
async def test_without_an_address_or_through_a_socket_the_modal_asks(
    settings: dict[str, str], origin: str, start: Start, driver: SandboxDriver, visitor: Browser, gone: str
) -> None:
    del settings[gone]
    elena = driver.person("elena")
    async with start():
        if gone == "PUBLIC_URL":
            await driver.slack.mode(f"{origin}/slack/events")
            assert (await visitor.get(f"{origin}{PATH}x")).status_code == 404
            assert visitor.page.startswith("404"), "nothing is served there"
        await link(elena)
        await looked(driver)

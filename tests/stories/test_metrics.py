"""What people do and what fails shows in the figures that Prometheus reads, and nobody's name does."""

import math
import sqlite3
from pathlib import Path

import pytest

from bot import app
from bot.metrics import Metrics
from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, SandboxDriver
from tests.scraping import Scraper
from tests.stories.conftest import Clock, Start, comes_to, link, looked
from tests.stories.test_limits import used_up

REQUESTS = "ecotaxa_bot_requests_total"
NOTIFICATIONS = "ecotaxa_bot_notifications_total"
ERRORS = "ecotaxa_bot_errors_total"


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    return settings | {"HEALTH_PORT": str(free_port())}


@pytest.fixture
def figures(settings: dict[str, str]) -> Scraper:
    """Where the bot tells its figures."""
    return Scraper(f"http://127.0.0.1:{settings['HEALTH_PORT']}/metrics")


async def test_a_good_day_shows_in_the_figures(
    linked: Actor, driver: SandboxDriver, figures: Scraper
) -> None:
    before = await figures.page()
    assert before.number(REQUESTS, kind="form", outcome="done") == 1, "the account was linked"
    assert before.number("ecotaxa_bot_linked_accounts", state="active") == 1

    export = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{export}", linked.im)
    await linked.say("/ecotaxa jobs")
    listed = await linked.wait_for_message("Your 1 job", "C0GENERAL")
    await linked.press(listed, "Refresh")

    after = await figures.shows(REQUESTS, kind="press", outcome="done")
    assert after.number(REQUESTS, kind="command", outcome="done") == 2
    for name in ("acknowledgement", "answer"):
        assert after.number(f"ecotaxa_bot_{name}_seconds_count", kind="command") == 2
    assert after.number("ecotaxa_bot_transitions_total", event="finished") == 1
    assert after.number(NOTIFICATIONS, outcome="sent") == 1
    assert after.number("ecotaxa_bot_notifications_due") == 0
    good = {"of": "account", "outcome": "good"}
    looks = "ecotaxa_bot_look_seconds_count"
    assert after.number(looks, **good) > before.number(looks, **good) > 0
    asked = "ecotaxa_bot_ecotaxa_request_seconds_count"
    assert after.number(asked, operation="POST /login", status="2xx") == 1
    assert after.number(asked, operation="GET /jobs/", status="2xx") > 0
    called = "ecotaxa_bot_slack_request_seconds_count"
    assert after.number(called, method="chat.postMessage", status="2xx") == 1
    assert after.number(called, method="response_url", status="2xx") >= 2
    assert after.number(called, method="socket", status="1xx") == 1
    assert after.number("ecotaxa_bot_event_loop_lag_seconds_count") > 0
    assert after.number("process_resident_memory_bytes") > 0
    assert after.number(ERRORS) == 0


async def test_what_is_asked_for_in_vain_is_counted_by_what_was_told(
    elena: Actor, driver: SandboxDriver, figures: Scraper
) -> None:
    await elena.say("/ecotaxa jobs")
    await figures.shows(REQUESTS, kind="command", outcome="NotLinked")
    await elena.say("/ecotaxa frobnicate 12")
    await link(elena)
    await elena.say("/ecotaxa job 999999")
    page = await figures.shows(ERRORS, peer="ecotaxa", kind="NotFound")

    assert (await figures.shows(REQUESTS, kind="command", outcome="NotFound")).number(REQUESTS) >= 4
    assert page.number(REQUESTS, outcome="failed") == 0


async def test_an_ecotaxa_that_is_down_shows_as_errors_and_looks_that_failed(
    linked: Actor, driver: SandboxDriver, figures: Scraper
) -> None:
    await driver.ecotaxa.break_(down=True)
    await linked.say("/ecotaxa jobs")
    await figures.shows(REQUESTS, kind="command", outcome="Unavailable")
    await figures.shows("ecotaxa_bot_look_seconds_count", of="account", outcome="failed")
    page = await figures.shows("ecotaxa_bot_ecotaxa_request_seconds_count", status="none")

    assert page.number(ERRORS, peer="ecotaxa", kind="Unavailable") >= 2
    assert page.number(ERRORS, peer="slack") == 0
    await driver.ecotaxa.heal()


async def test_a_token_that_was_revoked_is_counted_once_with_its_link(
    linked: Actor, driver: SandboxDriver, figures: Scraper
) -> None:
    await driver.ecotaxa.new_secret()
    page = await figures.shows("ecotaxa_bot_tokens_rejected_total", reason="refused")
    await linked.wait_for_message("no longer accepts your sign-in", linked.im)

    assert page.number(ERRORS, peer="ecotaxa", kind="TokenRejected") >= 1
    later = await figures.shows("ecotaxa_bot_linked_accounts", state="rejected")
    assert later.number("ecotaxa_bot_linked_accounts", state="active") == 0
    assert later.number("ecotaxa_bot_tokens_rejected_total") == 1


async def test_what_slack_does_not_take_is_owed_and_counted_until_it_is_sent(
    linked: Actor, driver: SandboxDriver, clock: Clock, figures: Scraper
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "error", "error": "ratelimited"}})
    export = await driver.ecotaxa.start("export")
    await comes_to(driver, export, "F")
    page = await figures.shows(NOTIFICATIONS, outcome="postponed")
    assert page.number(ERRORS, peer="slack", kind="SlackBusy") >= 1
    assert page.number(NOTIFICATIONS, outcome="sent") == 0

    await driver.slack.heal()
    clock.forward(minutes=1)
    page = await figures.shows(NOTIFICATIONS, outcome="sent")
    assert page.number(NOTIFICATIONS, outcome="dead") == 0


@pytest.mark.parametrize(("mode", "outcome"), [("post_then_500", "found"), ("http", "not_found")])
async def test_what_nobody_knows_to_have_arrived_is_counted_until_it_is_known(
    linked: Actor, driver: SandboxDriver, clock: Clock, figures: Scraper, mode: str, outcome: str
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": mode, "times": 1}})
    await driver.ecotaxa.start("export")
    page = await figures.shows(NOTIFICATIONS, outcome="uncertain")
    assert page.number(ERRORS, peer="slack", kind="DeliveryUnknown") == 1

    clock.forward(minutes=1)
    page = await figures.shows(NOTIFICATIONS, outcome=outcome)
    assert page.number(NOTIFICATIONS, outcome="dead") == 0


async def test_what_slack_refuses_for_good_is_counted_as_dead(
    linked: Actor, driver: SandboxDriver, figures: Scraper
) -> None:
    await driver.slack.break_(api={"chat.postMessage": {"mode": "error", "error": "user_disabled"}})
    await driver.ecotaxa.start("export")

    page = await figures.shows(NOTIFICATIONS, outcome="dead")
    assert page.number(ERRORS, peer="slack", kind="PlaceGone") >= 1
    assert page.number(NOTIFICATIONS, outcome="sent") == 0


async def test_what_is_too_much_is_counted_and_not_timed(
    elena: Actor, bot: app.Bot, clock: Clock, figures: Scraper
) -> None:
    used_up(bot.services.limits.acts, elena, clock)
    await elena.say("/ecotaxa help")

    page = await figures.shows(REQUESTS, kind="command", outcome="put_off")
    assert page.number("ecotaxa_bot_answer_seconds_count", kind="command") == 0
    assert page.number("ecotaxa_bot_acknowledgement_seconds_count", kind="command") == 1


async def test_a_database_that_does_not_answer_leaves_the_other_figures(
    linked: Actor, figures: Scraper, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "demo.sqlite3", timeout=20) as database:
        # A statement that reads before it writes is refused at once where the bot wrote meanwhile.
        database.execute("BEGIN IMMEDIATE")
        database.execute("ALTER TABLE notices RENAME TO gone")
    database.close()

    await figures.shows(ERRORS, peer="database", kind="OperationalError")
    page = await figures.page()
    assert math.isnan(page.number("ecotaxa_bot_notifications_due"))
    assert page.number(REQUESTS, kind="form", outcome="done") == 1


async def test_with_an_administrators_token_looks_at_everybody_are_counted_apart(
    start: Start, driver: SandboxDriver, settings: dict[str, str], figures: Scraper
) -> None:
    settings["ECOTAXA_ADMIN_TOKEN"] = await driver.ecotaxa.token("ada")
    async with start():
        await figures.shows("ecotaxa_bot_look_seconds_count", of="everybody", outcome="good")


async def test_every_metric_is_declared_with_its_labels_and_none_names_anybody(
    linked: Actor, driver: SandboxDriver, figures: Scraper, settings: dict[str, str]
) -> None:
    export = await driver.ecotaxa.start("export")
    await linked.wait_for_message(f"#{export}", linked.im)
    for words in (f"job {export}", f"log {export}", f"file {export}", "jobs in project 42"):
        await linked.say(f"/ecotaxa {words}", linked.im)
    await looked(driver)
    await figures.shows("ecotaxa_bot_slack_request_seconds_count", method="upload", status="2xx")
    page = await figures.shows("ecotaxa_bot_ecotaxa_request_seconds_count", operation="GET /jobs/{id}/log")

    declared = Metrics().labels
    assert {name for name in page.names if not name.startswith("process_")} == declared.keys()
    assert all(labels <= set(declared.get(name, ())) for name, labels in page.labels.items())
    assert page.strange == set()
    assert "lena" not in page.text
    assert settings["TOKEN_KEYS"] not in page.text

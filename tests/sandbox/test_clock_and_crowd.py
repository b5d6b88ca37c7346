"""A sandbox whose time is told by somebody else, and one with many people."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import crowd
from bot.sandbox.driver import SandboxDriver
from bot.sandbox.server import Sandbox
from tests.sandbox.slack_app import refusal

pytest_plugins = ["tests.sandbox.slack_fixtures"]

PASSWORD = "plankton"
MORNING = datetime(2024, 3, 1, 6, tzinfo=UTC).timestamp()
HOUR, DAY = 3600, 86_400


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(0, speed=50, clock=clock, crowd=200)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


async def listed(sandbox: Sandbox, token: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as http:
        return await http.get("/ecotaxa/api/jobs/", headers={"Authorization": f"Bearer {token}"})


async def test_messages_and_their_edit_window_go_by_the_given_clock(
    bot: AsyncWebClient, driver: SandboxDriver, clock: Clock
) -> None:
    sent = await bot.chat_postMessage(channel="U0ELENA", text="x")
    await driver.slack.circumstances(edit_seconds=HOUR)
    place = {"channel": sent["channel"], "ts": sent["ts"]}

    assert float(sent["ts"]) == pytest.approx(MORNING, abs=1)
    assert (await bot.chat_update(**place, text="y"))["ok"]
    clock.now += HOUR + 1
    assert (await refusal(bot.chat_update(**place, text="z")))["error"] == "edit_window_closed"
    assert (await driver.slack.traffic())[-1]["at"] == clock.now


async def test_rate_limits_go_by_the_given_clock(
    bot: AsyncWebClient, driver: SandboxDriver, clock: Clock
) -> None:
    await driver.slack.break_(rate_limits={"users.info": 1})
    await bot.users_info(user="U0ELENA")
    assert (await refusal(bot.users_info(user="U0ELENA")))["error"] == "ratelimited"

    clock.now += 60
    assert (await bot.users_info(user="U0ELENA"))["ok"]


async def test_what_slack_hands_out_ages_by_the_given_clock(sandbox: Sandbox, clock: Clock) -> None:
    tickets = sandbox.slack.tickets
    key = tickets.response_url("U0ELENA", "D0ELENA")
    assert tickets.use_response_url(key).user == "U0ELENA"

    clock.now += 31 * 60
    with pytest.raises(Exception, match="expired_url"):
        tickets.use_response_url(key)


async def test_jobs_tokens_and_the_purge_go_by_the_given_clock(
    driver: SandboxDriver, sandbox: Sandbox, clock: Clock
) -> None:
    token = await driver.ecotaxa.token("elena")
    [job_id] = await driver.ecotaxa.jobs(1, "elena", state="F", days=0)
    assert (await driver.ecotaxa.job(job_id))["creation_date"].startswith("2024-03-01T06:00:00")
    assert "_20240301_0600" in (await driver.ecotaxa.job(job_id))["result"]["out_file"]

    clock.now += 8 * DAY
    assert (await driver.ecotaxa.post("purge", {}))["job_ids"] == [job_id]
    assert (await listed(sandbox, token)).status_code == 200
    clock.now += 24 * DAY
    assert (await listed(sandbox, token)).status_code == 401


async def test_a_jobs_state_is_set_by_hand_and_only_a_touch_moves_its_date(
    driver: SandboxDriver, clock: Clock
) -> None:
    [job_id] = await driver.ecotaxa.jobs(1, "p007", state="R", type="FileImport", project=5, days=0)
    clock.now += HOUR
    await driver.ecotaxa.set(job_id, state="R", progress_pct=60, progress_msg="Half", freeze=True)
    untouched = await driver.ecotaxa.job(job_id)
    await driver.ecotaxa.set(job_id, state="E", errors=["no"], result={"rowcount": 0}, touch=True)
    touched = await driver.ecotaxa.job(job_id)

    shown = (
        untouched["type"],
        untouched["params"]["prj_id"],
        untouched["progress_pct"],
        untouched["progress_msg"],
    )
    assert shown == ("FileImport", 5, 60, "Half")
    assert (touched["state"], touched["errors"], touched["result"]) == ("E", ["no"], {"rowcount": 0})
    assert touched["creation_date"] == untouched["creation_date"]
    moved = datetime.fromisoformat(touched["updated_on"]) - datetime.fromisoformat(touched["creation_date"])
    assert moved == timedelta(hours=1)


async def test_several_jobs_end_in_the_same_moment(driver: SandboxDriver) -> None:
    jobs = await driver.ecotaxa.jobs(3, "p007", state="R", days=0)
    other = await driver.ecotaxa.jobs(1, "p008", state="R", days=0)

    await driver.ecotaxa.set_all(jobs[:2] + other, state="F", progress_msg="Done")

    states = {job["id"]: job["state"] for job in (await driver.ecotaxa.state())["jobs"]}
    assert [states[job_id] for job_id in jobs + other] == ["F", "F", "R", "F"]


async def test_everybody_of_the_crowd_is_in_slack_and_in_ecotaxa(
    bot: AsyncWebClient, driver: SandboxDriver, sandbox: Sandbox
) -> None:
    assert crowd.names(200)[0] == "p001"
    last = driver.person(crowd.names(200)[-1])
    await bot.chat_postMessage(channel=last.id, text="you are many")
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as http:
        body = {"username": last.email, "password": PASSWORD}
        token = (await http.post("/ecotaxa/api/login", json=body)).json()
    [job_id] = await driver.ecotaxa.jobs(1, last.name)

    assert [message.text for message in await last.messages(last.im)] == ["you are many"]
    assert [job["id"] for job in (await listed(sandbox, token)).json()] == [job_id]


async def test_another_sandbox_has_no_crowd() -> None:
    assert "U0P001" not in Sandbox().slack.workspace.directory.people

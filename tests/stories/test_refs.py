"""One id goes from what somebody did through the log to EcoTaxa, and back to who asks what went wrong."""

import json
import re
from typing import Any

import pytest

from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from tests.processes import Process
from tests.stories.conftest import link, looked

REF = r"[0-9a-f]{8}"


@pytest.fixture
async def elena(driver: SandboxDriver, process: Process) -> Actor:
    elena = driver.person("elena")
    await link(elena)
    await looked(driver)
    return elena


def logged(process: Process) -> list[dict[str, Any]]:
    """The entries of its log so far."""
    return [json.loads(line) for line in process.lines]


async def asked(driver: SandboxDriver, since: int = 0) -> list[dict[str, Any]]:
    """The requests that the bot made to EcoTaxa after that one."""
    return list((await driver.ecotaxa.traffic(since))["entries"])


async def test_what_failed_is_found_in_the_log_and_at_ecotaxa_by_what_the_person_was_told(
    elena: Actor, driver: SandboxDriver, process: Process
) -> None:
    job_id = await driver.ecotaxa.start("prediction")
    await elena.say(f"/ecotaxa job {job_id}")
    details = await elena.wait_for_message("Created", "C0GENERAL")
    await driver.ecotaxa.break_(garbage=True, paths=f"jobs/{job_id}/$")

    await elena.press(details, "Refresh")

    sorry = await elena.wait_for_message("tell whoever runs this bot", "C0GENERAL")
    found = re.search(rf"tell whoever runs this bot: `({REF})`", str(sorry.blocks))
    assert found is not None
    told = [entry for entry in logged(process) if entry.get("ref") == found[1]]
    assert "told an error" in [entry["event"] for entry in told]
    made = [entry["path"] for entry in await asked(driver) if entry["request_id"] == found[1]]
    assert made == [f"/jobs/{job_id}/"]


async def test_each_request_look_and_delivery_has_an_id_of_its_own(
    elena: Actor, driver: SandboxDriver, process: Process
) -> None:
    since = (await driver.ecotaxa.traffic())["seq"]
    await looked(driver, 3)
    looks = [entry["request_id"] for entry in await asked(driver, since)]
    assert len(set(looks)) == len(looks) > 2
    assert all(re.fullmatch(REF, it) for it in looks)
    await driver.slack.break_(api={"chat.postMessage": {"mode": "error", "error": "fatal_error", "times": 2}})

    await driver.ecotaxa.jobs(1, state="F")

    def undelivered() -> list[str]:
        return [entry.get("ref", "") for entry in logged(process) if entry["event"] == "not delivered"]

    async def twice() -> bool | None:
        return len(undelivered()) > 1 or None

    await wait_for(twice, "two deliveries that fail", 30)
    first, second = undelivered()[:2]
    assert first != second
    looks = [entry["request_id"] for entry in await asked(driver) if entry["path"] == "/jobs/"]
    assert not {first, second} & set(looks)


async def test_what_slack_delivers_again_has_an_id_of_its_own_and_says_that_it_came_again(
    elena: Actor, driver: SandboxDriver, process: Process
) -> None:
    await driver.slack.break_(repeat_deliveries=True)

    await elena.say("/ecotaxa jobs")

    async def again() -> dict[str, Any] | None:
        return next((entry for entry in logged(process) if entry.get("again")), None)

    entry = await wait_for(again, "a line about what came again")
    assert (entry["event"], entry["again"]) == ("delivered again", "1")
    assert re.fullmatch(REF, entry["ref"])
    assert entry["ref"] not in [it["request_id"] for it in await asked(driver)]

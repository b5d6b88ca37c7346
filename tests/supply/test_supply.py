"""What users install is known by name, version and hash, and looked up for known vulnerabilities."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from cyclonedx.model.bom import Bom

from bot.sandbox.demo import free_port
from tests.supply.audit import audit
from tests.supply.bill import LOCK, bill

FLAW = {
    "id": "PYSEC-2026-7",
    "affected": [
        {
            "package": {"name": "krill", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.4"}]}],
        }
    ],
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    lock = tmp_path / "run.txt"
    hashes = f"--hash=sha256:{'a' * 64}"
    lock.write_text("".join(f"{name}==1.2.3 \\\n    {hashes}\n" for name in ("copepod", "krill")))
    return lock


@pytest.fixture
async def osv(flawed: bool) -> AsyncIterator[str]:
    """A database of vulnerabilities that knows one of krill's, or none: its address."""

    async def query(request: web.Request) -> web.Response:
        asked = json.loads(await request.text())
        assert asked["version"] == "1.2.3"
        return web.json_response({"vulns": [FLAW]} if flawed and asked["package"]["name"] == "krill" else {})

    app = web.Application()
    app.router.add_post("/v1/query", query)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1/query"
    await runner.cleanup()


@pytest.mark.parametrize("flawed", [True, False])
async def test_a_known_vulnerability_is_told_with_the_release_that_mends_it(
    osv: str, lock: Path, flawed: bool
) -> None:
    found = ["krill 1.2.3 has PYSEC-2026-7, mended in 1.2.4"] if flawed else []

    assert await asyncio.to_thread(audit, [lock], url=osv) == (
        not flawed,
        [*found, f"pip-audit: 2 of 2 packages looked up, known vulnerabilities: {len(found)}"],
    )


def test_an_audit_that_could_not_be_done_is_told_aloud(lock: Path) -> None:
    good, lines = audit([lock], url=f"http://127.0.0.1:{free_port()}/v1/query")

    assert good
    assert len(lines) == 1
    assert lines[0].startswith("pip-audit WAS NOT RUN, nobody looked for known vulnerabilities: ")


def test_the_bill_names_each_locked_package_with_its_version_and_hashes() -> None:
    lock = LOCK.read_text()

    made = bill(lock)

    pins = re.findall(r"^([\w.-]+)==(\S+)", lock, re.M)
    assert [(it["name"], it["version"]) for it in made["components"]] == pins
    hashes = [hashed["content"] for it in made["components"] for hashed in it["hashes"]]
    assert hashes == re.findall(r"--hash=sha256:(\w+)", lock)
    assert all(it["hashes"] for it in made["components"])


def test_the_bill_says_what_needs_what() -> None:
    needs = {
        it["ref"].partition("@")[0]: {
            on.partition("@")[0].removeprefix("pkg:pypi/") for on in it["dependsOn"]
        }
        for it in bill(LOCK.read_text())["dependencies"]
    }

    assert {"httpx", "cryptography", "slack-bolt"} <= needs["ecotaxa-bot"]
    assert needs["pkg:pypi/cryptography"] == {"cffi"}
    assert set().union(*needs.values()) | {"ecotaxa-bot"} == {it.removeprefix("pkg:pypi/") for it in needs}


def test_the_bill_is_read_by_others_and_names_no_machine() -> None:
    text = json.dumps(bill(LOCK.read_text()))

    read = Bom.from_json(json.loads(text))  # type: ignore[attr-defined]  # a decorator of the library's adds it

    assert read.validate()
    assert len(read.components) == len(bill(LOCK.read_text())["components"]) > 30
    assert json.dumps(bill(LOCK.read_text())) == text
    assert re.findall(r"\w+://[^\"]*", text) == ["http://cyclonedx.org/schema/bom-1.6.schema.json"]
    assert str(Path.home()) not in text

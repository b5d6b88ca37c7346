"""The sandbox on a port of its own, and everybody who talks to it over real sockets."""

from collections.abc import AsyncIterator

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.server import Sandbox
from tests.sandbox.slack_app import App


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(0, speed=50)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def driver(sandbox: Sandbox) -> AsyncIterator[SandboxDriver]:
    async with SandboxDriver(sandbox.url) as driver:
        yield driver


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as http:
        yield http


@pytest.fixture
def bot(sandbox: Sandbox) -> AsyncWebClient:
    """The bot's own Web API client; it never tries again by itself."""
    return AsyncWebClient("xoxb-sandbox", base_url=f"{sandbox.url}/slack/api/", retry_handlers=[])


@pytest.fixture
async def app(bot: AsyncWebClient) -> AsyncIterator[App]:
    app = App(bot)
    await app.connect()
    yield app
    await app.socket.close()


@pytest.fixture
def elena(driver: SandboxDriver) -> Actor:
    return driver.person("elena")


@pytest.fixture
def amelie(driver: SandboxDriver) -> Actor:
    return driver.person("amelie")

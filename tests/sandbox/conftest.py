"""An EcoTaxa stand-in on a port of its own, and somebody who talks to it over real sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.sandbox.ecotaxa import KEEPALIVE_SECONDS, EcoTaxa
from tests.sandbox.lab import Lab, Open

FAST = 50.0
"""How many seconds pass in the lab while one passes outside."""


def pytest_configure(config: pytest.Config) -> None:
    """Know the marker that ties a test to the rules that it holds a stand-in to."""
    config.addinivalue_line("markers", "rule(*keys): what of tests/sandbox/rules.txt this test checks")


@pytest.fixture
async def open_lab() -> AsyncIterator[Open]:
    """Open a lab at a speed of one's own; whatever was opened is closed in the end."""
    closing: list[Callable[[], Awaitable[None]]] = []

    async def open_one(speed: float = FAST, **settings: Any) -> Lab:
        app = web.Application()
        EcoTaxa(speed, **settings).add_to(app)
        runner = web.AppRunner(app, keepalive_timeout=KEEPALIVE_SECONDS, access_log=None, shutdown_timeout=1)
        await runner.setup()
        closing.append(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        http = httpx.AsyncClient(
            base_url=f"http://{host}:{port}",
            timeout=10,
            limits=httpx.Limits(keepalive_expiry=2),
            verify=False,  # there is no TLS on loopback, and loading certificates takes longer than a test
        )
        closing.append(http.aclose)
        return Lab(http)

    yield open_one
    for close in reversed(closing):
        await close()


@pytest.fixture
async def lab(open_lab: Open) -> Lab:
    """A lab where a second is fifty."""
    return await open_lab()

"""A browser on the running demo: one browser for all tests, and the two processes behind the page."""

import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, async_playwright

from tests.e2e.browsers import NoBrowser, launch
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage, staged

BUILD = Path(__file__).parents[2] / "build"
SPEED = 5
"""How much faster than real the stand-in's jobs run: a long export takes six seconds."""

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}

ON_BOTH_WIDTHS = pytest.mark.parametrize(
    "screen", [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone")], indirect=True
)
"""For a module: each of its tests is seen on both, each of the two with a stage of its own."""

SitDown = Callable[..., AbstractAsyncContextManager[Desk]]

_missing: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that no browser was at hand."""
    for reason in _missing:
        terminalreporter.write_line(f"The browser tests were skipped: {reason}.", yellow=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser belongs to the loop that started it, so its tests share the loop of their module."""
    async with async_playwright() as playwright:
        try:
            browser = await launch(playwright)
        except NoBrowser as missing:
            _missing[:] = [str(missing)]
            pytest.skip(str(missing))
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the page is seen on, as options of a browser's context: a desktop, when nothing else is said."""
    chosen: dict[str, Any] = getattr(request, "param", DESKTOP)
    return chosen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, screen: dict[str, Any]
) -> AsyncIterator[Stage]:
    """One for a module and a screen: its tests are about different people."""
    async with staged(tmp_path_factory.mktemp("stage"), speed=SPEED) as stage:
        yield stage


@pytest.fixture
def sit_down(
    browser: Browser, stage: Stage, screen: dict[str, Any], request: pytest.FixtureRequest
) -> SitDown:
    """Sit down at the page as somebody, with the tour or without; takes any option of a browser's context.

    Fails when the page complained of something; a failure leaves a picture and both logs behind.
    """
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")
    pictures = BUILD / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    failures = BUILD / "failures" / name
    shutil.rmtree(failures, ignore_errors=True)

    @contextlib.asynccontextmanager
    async def seated(person: str = "elena", *, tour: bool = False, **context: Any) -> AsyncIterator[Desk]:
        context = screen | {"color_scheme": "light", "locale": "en-GB"} | context
        async with await browser.new_context(**context) as window:
            page = await window.new_page()
            desk = Desk(page, pictures, name, is_phone=bool(context.get("is_mobile")))
            desk.listen()
            try:
                await desk.open(stage.url, person, tour=tour)
                yield desk
                assert desk.complaints == []
            except BaseException:
                failures.mkdir(parents=True, exist_ok=True)
                stage.keep_logs(failures)
                with contextlib.suppress(Error):  # what failed may be the page itself
                    await page.screenshot(path=failures / "page.png")
                raise

    return seated

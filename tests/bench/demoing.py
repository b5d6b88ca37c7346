"""How soon one can use the demo: from its command to a page on which the bot answers."""

import asyncio
import statistics
import time

from playwright.async_api import Browser, async_playwright

from bot.sandbox.demo import free_port
from bot.sandbox.driver import SandboxDriver
from tests.bench import cast
from tests.bench.figures import Figure
from tests.e2e.browsers import launch

BAR = 10.0
"""Seconds for which a person who is curious still looks at a terminal."""
ROUNDS = 3


async def measure() -> Figure:
    """The median of demos that are started one after the other, all of them installed; raises NoBrowser."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        rounds = [await _started(browser) for _ in range(ROUNDS)]
        await browser.close()
    usable = [usable for _told, usable in rounds]
    more = {
        "address_told": round(statistics.median(told for told, _usable in rounds), 3),
        "max": round(max(usable), 3),
        "rounds": ROUNDS,
    }
    return Figure("demo", statistics.median(usable), "s", BAR, more)


async def _started(browser: Browser) -> tuple[float, float]:
    """Seconds after which the demo told its address, and after which one could type and was heard."""
    began = time.monotonic()
    async with cast.running("bot", "demo", "--port", str(free_port()), talks=True) as demo:
        url = await _address(demo)
        told = time.monotonic() - began
        page = await browser.new_page()
        await page.goto(url)
        await page.locator(".composer textarea").wait_for()
        async with SandboxDriver(url) as driver:
            await cast.listening(driver, "elena")
        usable = time.monotonic() - began
        await page.close()
    return told, usable


async def _address(demo: asyncio.subprocess.Process) -> str:
    """Where the page is, as the demo prints it; raises RuntimeError when it ends without."""
    assert demo.stdout is not None
    async for line in demo.stdout:
        _before, found, address = line.decode().partition("http://")
        if found:
            return found + address.strip()
    raise RuntimeError("the demo ended before it told where its page is")

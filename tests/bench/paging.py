"""The sandbox's page: what it weighs, and how soon a person sees it."""

import statistics
from typing import Any

from playwright.async_api import Browser, async_playwright

from tests.bench import cast
from tests.bench.figures import Figure
from tests.e2e.browsers import launch

ROUNDS = 5
BAR_MS = 1_000.0
"""What a person still takes for at once."""

_PAINT = """() => performance.getEntriesByType("paint")
  .filter((entry) => entry.name === "first-contentful-paint").map((entry) => entry.startTime)[0]"""


async def measure() -> Figure:
    """The median first paint of a page that no cache helps, in milliseconds; raises NoBrowser."""
    async with cast.sandboxes(1, 0) as (url,), async_playwright() as playwright:
        browser = await launch(playwright)
        rounds = [await _opened(browser, url) for _ in range(ROUNDS)]
        await browser.close()
    paints = [paint for paint, _ready, _requests, _weight in rounds]
    _paint, _ready, requests, weight = rounds[-1]
    ready = statistics.median(ready for _, ready, _, _ in rounds)
    more = {"usable_ms": round(ready, 1), "requests": requests, "bytes": weight, "rounds": ROUNDS}
    return Figure("page", statistics.median(paints), "ms", BAR_MS, more)


async def _opened(browser: Browser, url: str) -> tuple[float, float, int, int]:
    """When it was painted first and when one could type (ms), its requests, and their bytes over the wire."""
    context = await browser.new_context()
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    weights: list[int] = []

    def arrived(told: dict[str, Any]) -> None:
        weights.append(int(told["encodedDataLength"]))

    session.on("Network.loadingFinished", arrived)
    await page.goto(url)
    await page.locator(".composer textarea").wait_for()
    ready = await page.evaluate("performance.now()")
    paint = await page.evaluate(_PAINT)
    await context.close()
    return float(paint), float(ready), len(weights), sum(weights)

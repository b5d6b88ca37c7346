"""`python -m tests.e2e.screenshots`: make the README's pictures, from the running sandbox."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Locator, async_playwright, expect

from tests.e2e.browsers import NoBrowser, launch
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage, staged

PICTURES = Path(__file__).parents[2] / "deploy" / "pictures"

LARGEST = 150_000
"""Bytes that a picture in the repository may have."""


async def main() -> None:
    """Make them all; raises NoBrowser, and ValueError when a picture became too large."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-pictures-") as folder:
            async with staged(Path(folder)) as stage:
                page = await browser.new_page(
                    viewport={"width": 900, "height": 1000},
                    device_scale_factor=1.5,
                    color_scheme="light",
                    locale="en-GB",
                )
                desk = Desk(page, PICTURES, "")
                await _some_history(stage)
                await desk.open(stage.url)
                await desk.press(page.get_by_role("button", name="Dismiss what to try"))
                await _ping(desk, stage)
                await _answer(desk)
                await _jobs(desk, stage)
        await browser.close()


async def _some_history(stage: Stage) -> None:
    """Old jobs, which nobody is told of since they ended before the link."""
    ecotaxa = stage.hand.ecotaxa
    await ecotaxa.jobs(2, state="F", type="GeneralExport")
    await stage.linked()
    await ecotaxa.speed(20)


async def _ping(desk: Desk, stage: Stage) -> None:
    for kind, says in (("long-export", "48,213 rows"), ("ask", "could not match 1 user and 2 taxa")):
        job_id = await stage.hand.ecotaxa.start(kind)
        await expect(desk.about(job_id).last).to_contain_text(says)
    await _keep(desk, "ping", desk.messages.first, desk.messages.last)


async def _answer(desk: Desk) -> None:
    await desk.messages.last.get_by_role("button", name="Answer").click()
    await expect(desk.modal).to_contain_text("could not match")
    await desk.type_ahead("e. rodriguez", "elena", "Elena Rodriguez")
    await desk.asked("oncaeid").press_sequentially("oncae")
    await expect(desk.option("Oncaeidae")).to_be_visible()
    await _keep(desk, "answer", desk.modal, desk.page.locator(".options"), margin=12)
    await desk.page.keyboard.press("Escape")
    await desk.close_modal()


async def _jobs(desk: Desk, stage: Stage) -> None:
    ecotaxa = stage.hand.ecotaxa
    failed = await ecotaxa.start("bad-import")
    await expect(desk.about(failed)).to_contain_text("Failed")
    running = await ecotaxa.start("long-export")
    words = {"progress_pct": 62, "progress_msg": "Copying images", "state": "R"}
    await ecotaxa.set(running, freeze=True, **words)
    await desk.enter("general")
    await desk.say("/ecotaxa jobs")
    shown = desk.message("Running", "62 %", "6 jobs")
    await expect(shown).to_be_visible()
    await _keep(desk, "jobs", shown)


async def _keep(desk: Desk, name: str, *parts: Locator, margin: float = 0) -> None:
    """Keep the part of the page that these take up, with a margin of so many pixels around it."""
    await desk.page.mouse.move(0, 0)
    boxes = [box for part in parts if (box := await part.bounding_box())]
    left = min(box["x"] for box in boxes) - margin
    top = min(box["y"] for box in boxes) - margin
    right = max(box["x"] + box["width"] for box in boxes) + margin
    bottom = max(box["y"] + box["height"] for box in boxes) + margin
    file = PICTURES / f"{name}.png"
    await desk.page.screenshot(
        path=file,
        clip={"x": left, "y": top, "width": right - left, "height": bottom - top},
        animations="disabled",
    )
    size = file.stat().st_size
    sys.stdout.write(f"{file.name}: {size:,} bytes\n")
    if size > LARGEST:
        raise ValueError(f"{file.name} has {size:,} bytes, more than {LARGEST:,}")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except NoBrowser as missing:
        sys.exit(f"No pictures were made: {missing}.")

"""`python -m tests.e2e.screenshots`: make the README's pictures, from the running sandbox."""

import asyncio
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Locator, async_playwright, expect

from tests.e2e.browsers import NoBrowser, launch
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage, staged

PICTURES = Path(__file__).parents[2] / "deploy" / "pictures"

LARGEST = {".png": 150_000, ".gif": 600_000}
"""Bytes that a picture in the repository may have."""

STORY: dict[str, Any] = {
    "viewport": {"width": 780, "height": 620},
    "color_scheme": "light",
    "locale": "en-GB",
}
SECONDS_A_FRAME = 1.1
COLOURS = 128
"""Few enough for small files: the page has few colours of its own, the rest is the edges of letters."""


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
                await _ping(desk, stage)
                await _answer(desk)
                await _jobs(desk, stage)
                await _home(desk)
                await _story(browser, stage)
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


async def _home(desk: Desk) -> None:
    await desk.enter("EcoTaxa")
    await desk.press(desk.page.get_by_role("tab", name="Home"))
    sheet = desk.page.locator(".sheet")
    await expect(sheet).to_contain_text("Elena Rodriguez")
    await _keep(desk, "home", sheet)


async def _story(browser: Browser, stage: Stage) -> None:
    """The main flow as an animated picture: a list that moves, a ping, an answer."""
    jobs = stage.hand.ecotaxa
    await jobs.jobs(1, "amelie", state="F", type="SummaryExport")
    await stage.linked("amelie")
    frames: list[bytes] = []
    page = await browser.new_page(**STORY)
    desk = Desk(page, PICTURES, "")
    await desk.open(stage.url, "amelie")

    async def frame() -> None:
        await page.mouse.move(0, 0)
        frames.append(await page.screenshot(animations="disabled", caret="initial"))

    running = await jobs.start("long-export", "amelie")
    for percent, says in ((24, "Extracting objects"), (71, "Copying images")):
        await jobs.set(running, freeze=True, state="R", progress_pct=percent, progress_msg=says)
        if percent == 24:
            await desk.say("/ecotaxa jobs")
        await expect(desk.about(running).first).to_contain_text(f"{percent} %")
        await frame()
    await jobs.set(running, freeze=False)
    await expect(desk.message("Finished", f"#{running}", "48,213 rows", "Get the file")).to_be_visible()
    await frame()
    asking = await jobs.start("ask", "amelie")
    ping = desk.about(asking).last
    await expect(ping).to_contain_text("could not match 1 user and 2 taxa")
    await frame()
    await ping.get_by_role("button", name="Answer").click()
    await expect(desk.modal).to_contain_text("could not match")
    await desk.type_ahead("e. rodriguez", "elena", "Elena Rodriguez")
    await desk.asked("oncaeid").press_sequentially("oncae")
    await expect(desk.option("Oncaeidae")).to_be_visible()
    await frame()
    await desk.option("Oncaeidae").click()
    await desk.modal.get_by_role("button", name="Answer", exact=True).click()
    await expect(desk.modal).to_contain_text("You answered 3 names")
    await frame()
    await desk.close_modal()
    await expect(desk.message("Finished", f"#{asking}", "312 rows")).to_be_visible()
    await frame()
    _animate("story", frames)
    await page.close()


async def _keep(desk: Desk, name: str, *parts: Locator, margin: float = 0) -> None:
    """Keep the part of the page that these take up, with a margin of so many pixels around it."""
    await desk.page.mouse.move(0, 0)
    boxes = [box for part in parts if (box := await part.bounding_box())]
    left = min(box["x"] for box in boxes) - margin
    top = min(box["y"] for box in boxes) - margin
    right = max(box["x"] + box["width"] for box in boxes) + margin
    bottom = max(box["y"] + box["height"] for box in boxes) + margin
    shot = await desk.page.screenshot(
        clip={"x": left, "y": top, "width": right - left, "height": bottom - top},
        animations="disabled",
    )
    file = PICTURES / f"{name}.png"
    _few_colours(Image.open(io.BytesIO(shot))).save(file, optimize=True)
    _weigh(file)


def _animate(name: str, shots: list[bytes]) -> None:
    """Keep the frames as one picture that runs for ever, with one palette, so that no colour flickers."""
    frames = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    width, height = frames[0].size
    strip = Image.new("RGB", (width, height * len(frames)))
    for at, each in enumerate(frames):
        strip.paste(each, (0, at * height))
    palette = _few_colours(strip)
    first, *rest = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    file = PICTURES / f"{name}.gif"
    first.save(
        file, save_all=True, append_images=rest, duration=int(SECONDS_A_FRAME * 1000), loop=0, optimize=True
    )
    _weigh(file)


def _few_colours(picture: Image.Image) -> Image.Image:
    return picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def _weigh(file: Path) -> None:
    size, most = file.stat().st_size, LARGEST[file.suffix]
    sys.stdout.write(f"{file.name}: {size:,} bytes\n")
    if size > most:
        raise ValueError(f"{file.name} has {size:,} bytes, more than {most:,}")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except NoBrowser as missing:
        sys.exit(f"No pictures were made: {missing}.")

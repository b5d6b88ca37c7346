"""The browser that the tests and the pictures use: an installed Chromium or Chrome, else Playwright's own."""

import os
import shutil
from pathlib import Path

from playwright.async_api import Browser, Playwright

MISSING = "no Chromium or Chrome was found: install one, or name it in CHROMIUM"

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLACES = (
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowser(Exception):
    """There is no browser on this machine."""


def _installed(playwright: Playwright) -> str:
    if named := os.environ.get("CHROMIUM"):
        return named
    on_path = filter(None, map(shutil.which, _NAMES))
    usual = (place for place in (*_PLACES, playwright.chromium.executable_path) if Path(place).exists())
    found = next(on_path, None) or next(usual, None)
    if found is None:
        raise NoBrowser(MISSING)
    return found


async def launch(playwright: Playwright) -> Browser:
    """Start a browser without a window; raises NoBrowser."""
    # Chromium's own sandbox refuses to work for root, which is what a container's tests run as.
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return await playwright.chromium.launch(
        executable_path=_installed(playwright), headless=True, args=[*_FLAGS, *root]
    )

"""A page of the bot's own in a browser: how it looks, whether everybody can use it, what it complains of."""

from playwright.async_api import Locator, Page

from tests.e2e import axe
from tests.e2e.conftest import BUILD


class Visit:
    """The page as somebody sees it; what it complains of is remembered.

    `name` is what its pictures and its report are called after, `is_phone` whether it is touched.
    """

    def __init__(self, page: Page, name: str, *, is_phone: bool) -> None:
        self.page, self.is_phone = page, is_phone
        self.looked: list[axe.Looked] = []
        self._complaints: list[str] = []
        self._name = f"{name}-{'phone' if is_phone else 'desktop'}"
        page.on("console", lambda said: self._complaints.append(said.text))
        page.on("pageerror", lambda error: self._complaints.append(str(error)))

    @property
    def complaints(self) -> list[str]:
        """What the browser remarked but an answer's status: a style, or a form, that was held back."""
        return [said for said in self._complaints if "Failed to load resource" not in said]

    @property
    def findings(self) -> list[object]:
        """What keeps somebody from using the page, as far as it was looked at."""
        return [found for looked in self.looked for found in looked.findings]

    async def press(self, what: Locator) -> None:
        """Touch it or click it."""
        await (what.tap() if self.is_phone else what.click())

    async def look(self, place: str) -> None:
        """See that everybody can use the page as it stands, in both colours, and keep a picture of each."""
        for scheme in ("dark", "light"):
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.looked.append(await axe.look(self.page, f"{self._name}, {place}, {scheme}"))
            file = BUILD / "screenshots" / f"{self._name}-{place}-{scheme}.png"
            await self.page.screenshot(path=file, animations="disabled")
        axe.report(BUILD, self._name, self.looked)
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

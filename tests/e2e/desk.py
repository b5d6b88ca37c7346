"""A person at the sandbox's page: what they see and do there, by the names that they see."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import ConsoleMessage, Error, Locator, Page, Response, expect

WAIT_MS = 15_000
"""How long a person waits for something to appear."""

expect.set_options(timeout=WAIT_MS)


@dataclass
class Desk:
    """One open page; `is_phone` is a narrow one that is touched.

    `pictures` is where `picture` puts what is seen, under names that begin with `title`.
    """

    page: Page
    pictures: Path
    title: str
    is_phone: bool = False
    complaints: list[str] = field(default_factory=list)
    _taken: int = 0

    @property
    def composer(self) -> Locator:
        """Where one types."""
        return self.page.locator(".composer textarea")

    @property
    def modal(self) -> Locator:
        """The open modal."""
        return self.page.get_by_role("dialog")

    @property
    def messages(self) -> Locator:
        """All messages of the conversation shown."""
        return self.page.locator("article.message")

    @property
    def panel(self) -> Locator:
        """EcoTaxa's side."""
        return self.page.get_by_role("complementary", name="EcoTaxa")

    def message(self, *words: str) -> Locator:
        """The newest message in which all these words stand, in this order."""
        pattern = ".*".join(map(re.escape, words))
        return self.messages.filter(has_text=re.compile(pattern, re.DOTALL)).last

    def about(self, job_id: int) -> Locator:
        """The messages in which this job stands, oldest first."""
        return self.messages.filter(has_text=re.compile(rf"#{job_id}\b"))

    def asked(self, name: str) -> Locator:
        """The type-ahead field of the open modal that asks for a name."""
        return self.modal.get_by_role("combobox", name=name)

    def option(self, name: str) -> Locator:
        """The first option offered that says so."""
        return self.page.get_by_role("option", name=name).first

    @property
    def tour(self) -> Locator:
        """The card of the guided tour."""
        return self.page.get_by_role("region", name=re.compile("^Tour"))

    async def open(self, url: str, person: str = "elena", *, tour: bool = False) -> None:
        """Open the page as somebody, and wait until the chat stands there; the tour comes if wanted."""
        if not tour:
            await self.page.add_init_script("localStorage.setItem('sandbox.tour', 'over')")
        await self.page.goto(f"{url}/#U0{person.upper()}")
        await expect(self.composer).to_be_visible()

    async def press(self, what: Locator) -> None:
        """Touch it or click it."""
        await (what.tap() if self.is_phone else what.click())

    async def say(self, text: str) -> None:
        """Type something and send it."""
        await self.composer.press_sequentially(text)
        await self.press(self.page.get_by_role("button", name="Send", exact=True))
        await expect(self.composer).to_have_value("")

    async def enter(self, channel: str) -> None:
        """Go to another conversation."""
        if self.is_phone:
            await self.press(self.page.get_by_role("button", name="Conversations"))
        sidebar = self.page.get_by_role("navigation", name="Conversations")
        await self.press(sidebar.get_by_role("button", name=re.compile(f"^{channel}")))
        await expect(self.page.get_by_role("main", name=channel)).to_be_visible()

    async def start_job(self, kind: str) -> int:
        """Start a job in the EcoTaxa panel, by what its button says: its number."""
        await self.show_ecotaxa()
        jobs = self.panel.locator("[data-job-id]")
        await expect(self.panel.get_by_text("Start a job as")).to_be_visible()
        before = await jobs.count()
        await self.press(self.panel.get_by_role("button", name=kind, exact=True))
        await expect(jobs).to_have_count(before + 1)
        number = await jobs.first.get_attribute("data-job-id")
        if self.is_phone:
            await self.press(self.page.get_by_role("button", name="Chat"))
        return int(number or 0)

    async def show_ecotaxa(self) -> None:
        """Turn to the EcoTaxa panel: a phone shows it in the chat's place."""
        if self.is_phone:
            parts = self.page.get_by_role("navigation", name="Parts of the page")
            await self.press(parts.get_by_role("button", name="EcoTaxa"))
        await expect(self.panel).to_be_visible()

    async def link(self, name: str = "elena", password: str = "plankton") -> None:
        """Fill the modal that links an account, and send it."""
        await self.modal.get_by_label("E-mail").fill(f"{name}@lab.example")
        await self.modal.get_by_label("Password").fill(password)
        await self.press(self.modal.get_by_role("button", name="Link", exact=True))

    async def close_modal(self) -> None:
        """Close it by its cross."""
        await self.press(self.modal.get_by_role("button", name="Close").first)
        await expect(self.modal).to_have_count(0)

    async def type_ahead(self, name: str, typed: str, option: str) -> None:
        """Choose an option for a name by the keyboard alone: type, go down to it, Enter."""
        box = self.asked(name)
        await box.focus()
        await box.press("ControlOrMeta+a")
        await box.press_sequentially(typed)
        wanted = self.option(option)
        await expect(wanted).to_be_visible()
        while not await wanted.evaluate("(node) => node.classList.contains('active')"):
            await box.press("ArrowDown")
        await box.press("Enter")
        await expect(box).to_have_value(re.compile(f"^{re.escape(option)}"))

    async def picture(self, name: str) -> None:
        """Keep what is seen now."""
        self._taken += 1
        file = self.pictures / f"{self.title}-{self._taken:02d}-{name}.png"
        await self.page.screenshot(path=file, animations="disabled", caret="initial")

    def listen(self) -> None:
        """Remember everything that the page complains of from now on."""
        self.page.on("pageerror", self._raised)
        self.page.on("console", self._wrote)
        self.page.on("response", self._got)

    def _raised(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _wrote(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"{said.type}: {said.text}")

    def _got(self, answer: Response) -> None:
        if answer.status >= 500:
            self.complaints.append(f"{answer.status}: {answer.url}")

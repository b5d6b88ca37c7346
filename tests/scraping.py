"""A bot's figures, as Prometheus reads them."""

import re
from collections import defaultdict
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bot.sandbox.driver import wait_for

_WORD = re.compile(r"[A-Za-z_.]{1,40}|(GET|POST|PUT|DELETE) [a-z_/{}.]{1,40}|[1-5]xx")
"""A word, one of Slack's methods, or one of EcoTaxa's operations; or the class of an answer."""


@dataclass(frozen=True)
class Page:
    """What `/metrics` told: `names` are those of all metrics, also of those without a number yet."""

    text: str

    @property
    def names(self) -> set[str]:
        """The metrics as the bot names them."""
        return {line.split()[2] for line in self.text.splitlines() if line.startswith("# TYPE ")}

    @property
    def labels(self) -> dict[str, set[str]]:
        """The labels that each metric's numbers carry, but for a bucket's `le`."""
        found: dict[str, set[str]] = defaultdict(set)
        for family in text_string_to_metric_families(self.text):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] |= {label for it in family.samples for label in it.labels} - {"le"}
        return found

    @property
    def strange(self) -> set[str]:
        """What stands in labels and is no word of the bot's: a number or an id, somebody's name."""
        samples = [it for family in text_string_to_metric_families(self.text) for it in family.samples]
        known = {"le", "version"}
        told = {value for it in samples for label, value in it.labels.items() if label not in known}
        return {value for value in told if not _WORD.fullmatch(value)}

    def number(self, name: str, **labels: str) -> float:
        """The sum of the numbers of that name that carry these labels."""
        families = text_string_to_metric_families(self.text)
        return sum(
            it.value
            for family in families
            for it in family.samples
            if it.name == name and labels.items() <= it.labels.items()
        )


@dataclass(frozen=True)
class Scraper:
    """Whoever reads the figures of the bot at `url`."""

    url: str

    async def page(self) -> Page:
        """All of them as they are now."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(self.url)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return Page(answer.text)

    async def shows(self, name: str, at_least: float = 1, **labels: str) -> Page:
        """Wait until a number has come so far."""

        async def so() -> Page | None:
            page = await self.page()
            return page if page.number(name, **labels) >= at_least else None

        return await wait_for(so, f"{at_least} of {name} {labels}")

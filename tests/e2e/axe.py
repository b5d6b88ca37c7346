"""What axe-core finds on the page, and the report of it in `build/`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

GRAVE = frozenset({"serious", "critical"})
"""What axe calls the impact of findings that keep people from using a page."""


@dataclass(frozen=True)
class Finding:
    """A rule of axe's that something on the page breaks: where it was, and which elements."""

    where: str
    rule: str
    impact: str
    help: str
    elements: list[str]

    @property
    def is_grave(self) -> bool:
        """Whether it must not be."""
        return self.impact in GRAVE


@dataclass(frozen=True)
class Looked:
    """A place that was looked at: which axe, how many of its rules were kept there, and which were not."""

    where: str
    axe: str
    kept: int
    findings: list[Finding]


async def look(page: Page, where: str) -> Looked:
    """Let axe look at the page as it stands."""
    told = (await Axe().run(page, options=None)).response
    findings = [
        Finding(
            where, broken["id"], broken["impact"], broken["help"], [str(n["target"]) for n in broken["nodes"]]
        )
        for broken in told["violations"]
    ]
    return Looked(where, told["testEngine"]["version"], len(told["passes"]), findings)


def report(folder: Path, name: str, looked: Sequence[Looked]) -> None:
    """Keep what was found under `name`, and write the whole report anew: `axe.json` and `axe.md`."""
    parts = folder / "axe"
    parts.mkdir(parents=True, exist_ok=True)
    (parts / f"{name}.json").write_text(json.dumps([asdict(each) for each in looked], indent=1))
    every = [each for part in sorted(parts.glob("*.json")) for each in json.loads(part.read_text())]
    (folder / "axe.json").write_text(json.dumps(every, indent=1))
    rows = [
        f"| {each['where']} | {each['kept']} | {_count(each, grave=True)} | {_count(each, grave=False)} |"
        for each in every
    ]
    head = f"# axe-core {looked[0].axe}\n\n| where | rules kept | serious or critical | lesser |"
    lesser = {f"- {f['rule']} ({f['impact']}): {f['help']}" for each in every for f in each["findings"]}
    (folder / "axe.md").write_text(
        "\n".join([head, "| --- | --- | --- | --- |", *rows, "", *sorted(lesser)]) + "\n"
    )


def _count(looked: dict[str, list[dict[str, str]]], *, grave: bool) -> int:
    return sum((finding["impact"] in GRAVE) is grave for finding in looked["findings"])

"""What `/ecotaxa doctor` found, each by sign and word, with what to do about it; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from slackblocks import Block

from bot import __version__
from bot.messages.blocks import Message, actions, context, message, note, section
from bot.messages.buttons import link_button
from bot.messages.words import count


class Health(StrEnum):
    """How something is, by sign and word."""

    GOOD = "✅ Good"
    POOR = "⚠️ Look at this"
    BAD = "❌ Not working"
    OPEN = "❔ Not known"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: mrkdwn of ours, foreign words in it made safe before.

    `advice` is what to do about it; `needs_link` says that linking the account is what helps.
    """

    health: Health
    says: str
    advice: str = ""
    needs_link: bool = False


def diagnosis(findings: Mapping[str, Finding]) -> Message:
    """All that was found, by what it is about: first how much of it needs a look."""
    ill = sum(finding.health in (Health.POOR, Health.BAD) for finding in findings.values())
    first = (
        f"{count(ill, 'thing needs', 'things need')} a look." if ill else "Everything I can check is well."
    )
    lines = [f"*{it.health}* · {about}: {it.says}{_advice(it)}" for about, it in findings.items()]
    small = f"ecotaxa-bot {__version__}"
    blocks: list[Block] = [section(first), *(section(line) for line in lines), context(small)]
    if any(finding.needs_link for finding in findings.values()):
        blocks.insert(-1, actions(link_button("doctor")))
    return message([first, *lines, small], blocks)


def test_message() -> Message:
    """The message whose arrival is the test."""
    return note("✅ A test from `/ecotaxa doctor`: my direct messages reach you.")


def _advice(finding: Finding) -> str:
    return f"\n→ {finding.advice}" if finding.advice else ""

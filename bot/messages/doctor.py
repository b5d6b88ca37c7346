"""What `/ecotaxa doctor` found, each by sign and word, with what to do about it; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from slackblocks import Block

from bot import __version__
from bot.language import mark, say, say_n
from bot.messages.blocks import Message, actions, context, message, note, section
from bot.messages.buttons import link_button


class Health(StrEnum):
    """How something is, by sign and word (marked)."""

    GOOD = mark("✅ Good")
    POOR = mark("⚠️ Look at this")
    BAD = mark("❌ Not working")
    OPEN = mark("❔ Not known")


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
    """All that was found, by what it is about (marked): first how much of it needs a look."""
    ill = sum(finding.health in (Health.POOR, Health.BAD) for finding in findings.values())
    first = (
        say_n("{n} thing needs a look.", "{n} things need a look.", ill)
        if ill
        else say("Everything I can check is well.")
    )
    lines = [_line(about, finding) for about, finding in findings.items()]
    small = f"ecotaxa-bot {__version__}"
    blocks: list[Block] = [section(first), *(section(line) for line in lines), context(small)]
    if any(finding.needs_link for finding in findings.values()):
        blocks.insert(-1, actions(link_button("doctor")))
    return message([first, *lines, small], blocks)


def test_message() -> Message:
    """The message whose arrival is the test."""
    return note(say("✅ A test from `/ecotaxa doctor`: my direct messages reach you."))


def _line(about: str, finding: Finding) -> str:
    health = say(finding.health.value)
    said = say("*{health}* · {about}: {finding}", health=health, about=say(about), finding=finding.says)
    return f"{said}\n→ {finding.advice}" if finding.advice else said

"""What a message is made of: a fallback that says it alone, and blocks within Slack's limits; no I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slackblocks import (
    ActionsBlock,
    Block,
    Button,
    ConfirmationDialogue,
    ContextBlock,
    Element,
    Markdown,
    MessageResponse,
    PlainText,
    SectionBlock,
)

FALLBACK_BYTES = 4_000
"""Slack's limit for an ephemeral message's `text` in bytes; updated ones may have as many code points."""
_LABEL = 75


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready for Slack: `text` stands for the whole where blocks are not shown or read aloud."""

    text: str
    blocks: list[dict[str, Any]]


def message(lines: Iterable[str], blocks: Sequence[Block]) -> Message:
    """A message of blocks, whose fallback has as many of `lines` (mrkdwn, most important first) as fit."""
    # MessageResponse is the package's public door to plain dicts; it checks what a message may hold.
    resolved = MessageResponse(blocks=list(blocks)).to_dict()["blocks"]
    # Without a block_id Slack makes a new one at each update, as its documentation wants.
    return Message(_fallback(lines), [{k: v for k, v in b.items() if k != "block_id"} for b in resolved])


def note(text: str) -> Message:
    """A message of one section: `text` is mrkdwn of our own, foreign words in it made safe before."""
    return message([text], [section(text)])


def section(*lines: str, button: Button | None = None) -> SectionBlock:
    """A section of mrkdwn lines; empty ones are left out."""
    return SectionBlock(Markdown("\n".join(filter(None, lines)), verbatim=True), accessory=button)


def fields(*pairs: tuple[str, str]) -> SectionBlock:
    """A section of names and values (mrkdwn), two columns wide where there is room."""
    return SectionBlock(fields=[Markdown(f"*{name}*\n{value}", verbatim=True) for name, value in pairs])


def context(text: str) -> ContextBlock:
    """A small line of mrkdwn."""
    return ContextBlock([Markdown(text, verbatim=True)])


def actions(*elements: Element) -> ActionsBlock:
    """A row of buttons and menus."""
    return ActionsBlock(list(elements))


def button(
    text: str,
    action_id: str,
    *,
    value: object = None,
    url: str | None = None,
    style: Literal["primary", "danger"] | None = None,
    label: str | None = None,
    confirm: ConfirmationDialogue | None = None,
) -> Button:
    """A button; `label` is what a screen reader says instead of `text` (it is cut to what Slack takes),
    `confirm` asks before it acts.
    """
    return Button(
        text,
        action_id=str(action_id),
        value=None if value is None else str(value),
        url=url,
        style=style,
        accessibility_label=label and label[:_LABEL],
        confirm=confirm,
    )


def confirm(title: str, text: str, yes: str, no: str) -> ConfirmationDialogue:
    """The question before something that cannot be undone; all four are plain text of ours."""
    return ConfirmationDialogue(title, PlainText(text), yes, no, style="danger")


def _fallback(lines: Iterable[str]) -> str:
    kept: list[str] = []
    room = FALLBACK_BYTES - len("\n…".encode())
    for line in filter(None, lines):
        room -= len(line.encode()) + 1
        if room < 0:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)

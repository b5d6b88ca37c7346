"""What a test sees on a person's screen: messages and views, and the elements in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Self

from bot.sandbox.slack import inputs

Json = dict[str, Any]


class _Blocks:
    """What a message and a view have in common: blocks, with elements to use."""

    blocks: list[Json]

    @property
    def all_blocks(self) -> list[Json]:
        """The blocks, also those of cards under a message's links."""
        return self.blocks

    @property
    def words(self) -> str:
        """All text of the blocks, one piece a line."""
        return "\n".join(_texts(self.all_blocks))

    def labels(self) -> list[str]:
        """The texts of the buttons."""
        return [e["text"]["text"] for _, e in inputs.elements(self.all_blocks) if e["type"] == "button"]

    def find(self, what: str) -> tuple[Json, Json]:
        """The block and element whose ids or label are, or else begin with, `what`; raises LookupError."""
        pairs = list(inputs.elements(self.all_blocks))
        for fits in (_is_named, _starts_with):
            for block, element in pairs:
                if fits(block, element, what):
                    return block, element
        raise LookupError(f"no {what!r} among {[e.get('action_id') for _, e in pairs]}")


@dataclass(frozen=True)
class Message(_Blocks):
    """A message as its reader sees it."""

    id: str
    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json]
    ephemeral: bool
    edited: bool
    thread_ts: str | None
    broadcast: bool
    metadata: Json | None
    files: list[Json]
    attachments: list[Json] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)

    @property
    def all_blocks(self) -> list[Json]:
        """Its own blocks and those of the cards under its links."""
        return [*self.blocks, *(b for card in self.attachments for b in card.get("blocks", []))]

    def says(self, text: str) -> bool:
        """Whether `text` stands in the message's text or blocks, or in a card under it."""
        return text in self.text or text in self.words

    @classmethod
    def of(cls, given: Json) -> Self:
        """The message that the control interface tells of."""
        names = {each.name for each in fields(cls)}
        shown = {name: value for name, value in given.items() if name in names}
        return cls(**shown | {"blocks": given["blocks"] or []})


@dataclass(frozen=True)
class View(_Blocks):
    """A modal or home tab as it is on the screen."""

    id: str
    callback_id: str
    title: str
    blocks: list[Json]
    values: inputs.Values
    errors: dict[str, str]
    raw: Json = field(repr=False)

    def says(self, text: str) -> bool:
        """Whether `text` stands in the title or the blocks."""
        return text in self.title or text in self.words

    @classmethod
    def of(cls, given: Json) -> Self:
        """The view that the control interface tells of."""
        return cls(
            id=given["id"],
            callback_id=given["callback_id"],
            title=(given["title"] or {}).get("text", ""),
            blocks=given["blocks"],
            values=given["state"]["values"],
            errors=given["errors"],
            raw=given,
        )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for item in value.values():
            if isinstance(item, dict | list):
                yield from _texts(item)


def _label(block: Json, element: Json) -> str:
    label: Json = element.get("text") or block.get("label") or {}
    return str(label.get("text", ""))


def _is_named(block: Json, element: Json, what: str) -> bool:
    return what in (element.get("action_id"), block["block_id"], _label(block, element))


def _starts_with(block: Json, element: Json, what: str) -> bool:
    return element.get("action_id", "").startswith(what) or _label(block, element).startswith(what)

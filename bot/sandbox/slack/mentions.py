"""Whom a message pings when it is posted: the references in it that are alive."""

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.refusal import Json

_REFERENCE = re.compile(r"<(?:@(U\w+)|!(channel|here|everyone))(?:\|[^<>]*)?>")
_BARE = re.compile(r"(?<![\w.@<])@(channel|here|everyone)\b")


def pinged(text: str, blocks: list[Json] | None) -> list[str]:
    """The ids of the people, or `channel`, `here` and `everyone`, that a new message pings, sorted.

    Blocks count instead of the text when there are any.  In mrkdwn that is not `verbatim` a bare
    `@here` comes alive too; plain text and code-like elements ping nobody.
    """
    if blocks:
        return sorted(set(_in_blocks(blocks)))
    return sorted(set(_references(text)))


def _references(text: str) -> Iterator[str]:
    for person, group in _REFERENCE.findall(text):
        yield person or group


def _in_blocks(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _in_blocks(item)
    if not isinstance(value, dict):
        return
    match value.get("type"):
        case "mrkdwn":
            yield from _references(value["text"])
            yield from () if value.get("verbatim") else _BARE.findall(value["text"])
        case "user" if "user_id" in value:
            yield value["user_id"]
        case "broadcast":
            yield value["range"]
    for item in value.values():
        yield from _in_blocks(item)

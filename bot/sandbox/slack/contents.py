"""What a message may say, however it is sent."""

from dataclasses import dataclass

from bot.sandbox.slack import inputs
from bot.sandbox.slack.blockkit.surfaces import check_message_blocks
from bot.sandbox.slack.refusal import Json, Refused

POSTED_CHARACTERS = 40_000
UPDATED_CHARACTERS = 4_000
EPHEMERAL_BYTES = 4_000


@dataclass(frozen=True, slots=True)
class Contents:
    """A message's text and blocks, found good."""

    text: str
    blocks: list[Json] | None


def contents(given: Json, *, characters: int = POSTED_CHARACTERS, size: int | None = None) -> Contents:
    """The text and blocks of `given`, with Slack's ids filled in; `size` is a limit in bytes.

    Raises Refused with `no_text`, `msg_too_long`, `invalid_blocks`, `msg_blocks_too_long`, ….
    """
    text, blocks = given.get("text") or "", given.get("blocks")
    if not isinstance(text, str):
        raise Refused("invalid_arguments", ["[ERROR] must provide a string [json-pointer:/text]"])
    if not text and not blocks:
        raise Refused("no_text")
    if len(text) > characters or (size is not None and len(text.encode()) > size):
        raise Refused("msg_too_long")
    if blocks is not None:
        check_message_blocks(blocks)
    return Contents(text, inputs.with_ids(blocks) if blocks else None)

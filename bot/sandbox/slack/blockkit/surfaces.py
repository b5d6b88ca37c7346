"""What Slack refuses of a whole message, view, options answer or piece of metadata."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from bot.sandbox.slack.blockkit.blocks import BLOCKS, ON_HOME, ON_MESSAGE, ON_MODAL
from bot.sandbox.slack.blockkit.elements import ID, OPTION, OPTION_GROUP, plain
from bot.sandbox.slack.blockkit.schema import (
    Fields,
    Findings,
    Needed,
    anything,
    boolean,
    items,
    just_one_of,
    one_of,
    record,
    string,
    typed,
)
from bot.sandbox.slack.refusal import Json, Refused

MESSAGE_BLOCKS_TEXT = 13_000
"""Characters that all blocks of one message may hold together (bolt-js issue 2509)."""

MARKDOWN_TEXT = 12_000
DATA_TABLE_TEXT = 20_000
VIEW_BYTES = 250_000
METADATA_BYTES = 8_000

_MOST_A_MESSAGE = {
    "table": (1, "only_one_table_allowed"),
    "data_visualization": (2, "no more than 2 data visualizations allowed"),
}


def check_message_blocks(blocks: Any) -> None:
    """Raise Refused when `blocks` may not be a message's."""
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    findings = _check_blocks(blocks, ON_MESSAGE, 50, "/blocks")
    for name, (most, error) in _MOST_A_MESSAGE.items():
        if len(_blocks_of(blocks, name)) > most:
            findings.add(error, "/blocks")
    if _text_in(_blocks_of(blocks, "data_table")) > DATA_TABLE_TEXT:
        findings.add(f"data tables must hold less than {DATA_TABLE_TEXT + 1} characters", "/blocks")
    if findings:
        raise Refused("invalid_blocks", findings)
    if _text_in(_blocks_of(blocks, "markdown")) > MARKDOWN_TEXT:
        raise Refused("msg_blocks_too_long")
    if _text_in([block for block in blocks if block["type"] != "data_table"]) > MESSAGE_BLOCKS_TEXT:
        raise Refused("msg_blocks_too_long")


_VIEW_FIELDS: Fields = {
    "type": Needed(one_of("modal", "home")),
    "blocks": Needed(anything),
    "private_metadata": string(3000),
    "callback_id": ID,
    "external_id": ID,
}
_MODAL = record(
    {
        **_VIEW_FIELDS,
        "title": Needed(plain(24)),
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    }
)
_HOME = record(_VIEW_FIELDS)


def check_view(view: Any, kind: str) -> None:
    """Raise Refused when `view` may not be a view of this kind (`modal` or `home`)."""
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", ["[ERROR] must provide an object [json-pointer:/view]"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise Refused("view_too_large")
    findings = Findings()
    if view.get("type") != kind:
        findings.add(f"unsupported type: {view.get('type')}", "/view/type")
    check = _MODAL if kind == "modal" else _HOME
    check(view, "/view", findings)
    surface = ON_MODAL if kind == "modal" else ON_HOME
    findings += _check_blocks(view.get("blocks"), surface, 100, "/view/blocks")
    blocks = view.get("blocks")
    if (
        kind == "modal"
        and isinstance(blocks, list)
        and _blocks_of(blocks, "input")
        and not view.get("submit")
    ):
        findings.add("missing required field: submit", "/view")
    if findings:
        raise Refused("invalid_arguments", findings)


_OPTIONS_ANSWER = record(
    {"options": items(OPTION, 0, 100), "option_groups": items(OPTION_GROUP, 0, 100)},
    just_one_of("options", "option_groups"),
)


def check_options(answer: Any) -> None:
    """Raise Refused when `answer` is not what an options request may be answered with."""
    findings = Findings()
    _OPTIONS_ANSWER(answer, "", findings)
    if findings:
        raise Refused("invalid_options", findings)


_METADATA = record(
    {"event_type": Needed(string(255, 1)), "event_payload": Needed(anything), "entities": anything}
)


def check_metadata(metadata: Any) -> None:
    """Raise Refused when `metadata` may not be a message's."""
    if not isinstance(metadata, dict):
        raise Refused("metadata_must_be_sent_as_json")
    if not metadata:
        return
    findings = Findings()
    _METADATA(metadata, "/metadata", findings)
    if findings or not isinstance(metadata["event_payload"], dict):
        raise Refused("invalid_metadata_format", findings)
    if len(json.dumps(metadata["event_payload"], ensure_ascii=False).encode()) > METADATA_BYTES:
        raise Refused("metadata_too_large")


def _check_blocks(blocks: Any, surface: Collection[str], most: int, where: str) -> Findings:
    findings = Findings()
    items(typed(BLOCKS, surface), 0, most)(blocks, where, findings)
    if isinstance(blocks, list) and not findings:
        _check_unique(blocks, "block_id", where, findings)
        _check_unique(blocks, "action_id", where, findings)
        if sum(1 for part in _parts(blocks) if part.get("focus_on_load")) > 1:
            findings.add("only one element may have focus_on_load", where)
    return findings


def _check_unique(blocks: list[Json], name: str, where: str, findings: Findings) -> None:
    seen = set()
    for part in _parts(blocks):
        value = part.get(name)
        if value is not None and value in seen:
            findings.add(f"{name} `{value}` already exists", where)
        seen.add(value)


def _parts(value: Any) -> Iterator[Json]:
    """Every object inside `value`, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _parts(item)


def _blocks_of(blocks: list[Any], name: str) -> list[Json]:
    return [block for block in blocks if isinstance(block, dict) and block.get("type") == name]


def _text_in(blocks: list[Json]) -> int:
    texts = (part.get("text") for part in _parts(blocks))
    return sum(len(text) for text in texts if isinstance(text, str))

"""What a person has typed and picked: which elements keep what, and how it is remembered."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.refusal import Json

Values = dict[str, dict[str, Json]]
"""`state.values`: block_id → action_id → what the element holds."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where an element's value is in the state, and where its initial value is in the element."""

    key: str
    initial: str
    holds: type = str
    nothing: Any = None


_TEXT = Keeping("value", "initial_value")
_OPTION = Keeping("selected_option", "initial_option", dict)
_OPTIONS = Keeping("selected_options", "initial_options", list, [])

KEEPS: dict[str, Keeping] = {
    "plain_text_input": _TEXT,
    "email_text_input": _TEXT,
    "url_text_input": _TEXT,
    "number_input": _TEXT,
    "rich_text_input": Keeping("rich_text_value", "initial_value", dict),
    "static_select": _OPTION,
    "external_select": _OPTION,
    "radio_buttons": _OPTION,
    "multi_static_select": _OPTIONS,
    "multi_external_select": _OPTIONS,
    "checkboxes": _OPTIONS,
    "users_select": Keeping("selected_user", "initial_user"),
    "multi_users_select": Keeping("selected_users", "initial_users", list, []),
    "channels_select": Keeping("selected_channel", "initial_channel"),
    "multi_channels_select": Keeping("selected_channels", "initial_channels", list, []),
    "conversations_select": Keeping("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Keeping("selected_conversations", "initial_conversations", list, []),
    "datepicker": Keeping("selected_date", "initial_date"),
    "timepicker": Keeping("selected_time", "initial_time"),
    "datetimepicker": Keeping("selected_date_time", "initial_date_time", int),
    "file_input": Keeping("files", "initial_files", list, []),
}


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks with the ids that Slack makes up where the app gave none."""
    return [_with_ids(block) for block in blocks]


def _with_ids(block: Json) -> Json:
    block = {"block_id": _made_up(), **block}
    if "element" in block:
        block["element"] = {"action_id": _made_up(), **block["element"]}
    if block.get("accessory", {}).get("type", "image") != "image":
        block["accessory"] = {"action_id": _made_up(), **block["accessory"]}
    if block["type"] in ("actions", "context_actions"):
        block["elements"] = [{"action_id": _made_up(), **element} for element in block["elements"]]
    if block["type"] == "card" and "actions" in block:
        block["actions"] = [{"action_id": _made_up(), **element} for element in block["actions"]]
    for nest in ("child_blocks", "elements"):
        if block["type"] in ("container", "carousel") and nest in block:
            block[nest] = with_ids(block[nest])
    return block


def _made_up() -> str:
    return secrets.token_urlsafe(4)


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element that a person can use, with the block that it stands in."""
    for block in blocks:
        match block["type"]:
            case "input":
                yield block, block["element"]
            case "section" if "action_id" in block.get("accessory", {}):
                yield block, block["accessory"]
            case "actions" | "context_actions":
                yield from ((block, element) for element in block["elements"])
            case "card":
                yield from ((block, element) for element in block.get("actions", []))
            case "container":
                yield from elements(block["child_blocks"])
            case "carousel":
                yield from elements(block["elements"])


def find(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    """The block and the element with these ids, or None when they are not there (any more)."""
    for block, element in elements(blocks):
        if (block["block_id"], element.get("action_id")) == (block_id, action_id):
            return block, element
    return None


def initial(element: Json) -> Json:
    """What an element holds before anybody touched it."""
    keeps = KEEPS[element["type"]]
    return {"type": element["type"], keeps.key: element.get(keeps.initial, keeps.nothing)}


def held(element: Json, given: Any) -> Json:
    """The state of `element` after a person gave it `given`: the bare value, or an object with its key.

    Raises ValueError when an element of this type cannot hold that.
    """
    keeps = KEEPS[element["type"]]
    value = given[keeps.key] if isinstance(given, dict) and keeps.key in given else given
    if value == "":
        value = None
    if value is not None and not isinstance(value, keeps.holds):
        raise ValueError(f"{element['type']} cannot hold {value!r}")
    return {"type": element["type"], keeps.key: keeps.nothing if value is None else value}


def values(blocks: list[Json], before: Values | None = None) -> Values:
    """The state of these blocks; what stood in `before` under the same ids and type is kept.

    So an `initial_option` has no effect on an element that is already on the screen: to put another
    value before a person, the app gives the block a new `block_id`.
    """
    result: Values = {}
    for block, element in elements(blocks):
        if element["type"] not in KEEPS:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        kept = (before or {}).get(block_id, {}).get(action_id)
        same = kept is not None and kept["type"] == element["type"]
        result.setdefault(block_id, {})[action_id] = kept if kept and same else initial(element)
    return result


def is_empty(element: Json, state: Json) -> bool:
    """Whether nothing is typed or picked in `element`."""
    return state[KEEPS[element["type"]].key] in (None, "", [])


def complaint(block: Json, state: Json) -> str | None:
    """What Slack's client says at an input block before it lets a form go, or None."""
    element = block["element"]
    if is_empty(element, state):
        return None if block.get("optional") else "Please complete this required field."
    value = state[KEEPS[element["type"]].key]
    match element["type"]:
        case "plain_text_input":
            return _length_complaint(element, value)
        case "email_text_input" if "@" not in value.strip("@"):
            return "Please enter a valid email address."
        case "url_text_input" if "://" not in value:
            return "Please enter a valid URL."
        case "number_input":
            return _number_complaint(element, value)
    return None


def _length_complaint(element: Json, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"This entry must be at least {element['min_length']} characters."
    if len(value) > (most := element.get("max_length", 3000)):
        return f"This entry must be at most {most} characters."
    return None


def _number_complaint(element: Json, value: str) -> str | None:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Please enter a valid number."
    if number < float(element.get("min_value", "-inf")) or number > float(element.get("max_value", "inf")):
        return "Please enter a number within the allowed range."
    return None

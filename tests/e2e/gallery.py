"""One of every block and element that Slack takes, as an app would send it."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    """Text without formatting."""
    return {"type": "plain_text", "text": text}


def _option(text: str) -> Json:
    return {"text": plain(text), "value": text.lower()}


def _rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


NOT_DRAWN = frozenset({"video", "file", "file_input", "workflow_button"})
"""What the page only names: it has no network, no files of its own, and no workflows."""

PICTURES = "https://pictures.example"
"""Where the pictures are said to be; a browser without a network needs another place for them."""

_PICTURE = f"{PICTURES}/page/emoji.svg"
_OPTIONS = [_option("Calanus"), _option("Oithona"), _option("Acartia")]
_CONFIRM = {
    "title": plain("Are you sure?"),
    "text": plain("It cannot be undone."),
    "confirm": plain("Do it"),
    "deny": plain("Leave it"),
}

_FIELDS: dict[str, Json] = {
    "image": {"image_url": _PICTURE, "alt_text": "A copepod"},
    "button": {"text": plain("Press me"), "confirm": _CONFIRM},
    "workflow_button": {"text": plain("Run it"), "workflow": {}},
    "overflow": {"options": _OPTIONS[:2]},
    "static_select": {"options": _OPTIONS, "placeholder": plain("Pick one"), "confirm": _CONFIRM},
    "multi_static_select": {"options": _OPTIONS, "placeholder": plain("Pick some")},
    "external_select": {"placeholder": plain("Type a taxon")},
    "multi_external_select": {"placeholder": plain("Type taxa")},
    "users_select": {"placeholder": plain("Pick a person")},
    "multi_users_select": {"placeholder": plain("Pick people")},
    "conversations_select": {"placeholder": plain("Pick a conversation")},
    "multi_conversations_select": {"placeholder": plain("Pick conversations")},
    "channels_select": {"placeholder": plain("Pick a channel")},
    "multi_channels_select": {"placeholder": plain("Pick channels")},
    "checkboxes": {"options": _OPTIONS[:2]},
    "radio_buttons": {"options": _OPTIONS[:2]},
    "datepicker": {"initial_date": "2026-05-13"},
    "timepicker": {"initial_time": "14:05"},
    "datetimepicker": {"initial_date_time": 1_778_680_000},
    "plain_text_input": {},
    "email_text_input": {},
    "url_text_input": {},
    "number_input": {"is_decimal_allowed": False},
    "rich_text_input": {},
    "file_input": {},
    "feedback_buttons": {
        "positive_button": {"text": plain("Good"), "value": "good"},
        "negative_button": {"text": plain("Bad"), "value": "bad"},
    },
    "icon_button": {"icon": "trash", "text": plain("Throw it away")},
    "url": {"url": "https://example.org", "text": "A source"},
}

ELEMENTS: dict[str, Json] = {
    name: {"type": name, **fields, **({} if name in ("image", "url") else {"action_id": f"gallery.{name}"})}
    for name, fields in _FIELDS.items()
}

_SERIES = [
    {"name": name, "data": [{"label": "May", "value": n}, {"label": "June", "value": 9 - n}]}
    for name, n in (("Calanus", 3), ("Oithona", 7))
]
_TASK = {"task_id": "t1", "title": "Read the files", "status": "complete"}
_ROWS = [
    [{"type": "raw_text", "text": "Taxon"}, {"type": "raw_text", "text": "Objects"}],
    [{"type": "raw_text", "text": "Calanus"}, {"type": "raw_number", "value": 12}],
]

BLOCKS: dict[str, Json] = {
    "section": {"text": {"type": "mrkdwn", "text": "A *section*"}},
    "header": {"text": plain("A header")},
    "divider": {},
    "context": {"elements": [plain("A small line")]},
    "actions": {"elements": [ELEMENTS["button"], ELEMENTS["overflow"], ELEMENTS["static_select"]]},
    "context_actions": {"elements": [ELEMENTS["feedback_buttons"], ELEMENTS["icon_button"]]},
    "input": {"label": plain("What do you think?"), "element": ELEMENTS["plain_text_input"]},
    "image": {"image_url": _PICTURE, "alt_text": "A copepod", "title": plain("A copepod")},
    "markdown": {"text": "# Some **Markdown**"},
    "rich_text": {"elements": _rich("Some rich text")["elements"]},
    "file": {"external_id": "F1", "source": "remote"},
    "video": {
        "title": plain("A copepod swims"),
        "alt_text": "A copepod",
        "thumbnail_url": "https://example.org/thumbnail.png",
        "video_url": "https://example.org/video",
    },
    "alert": {"text": plain("Careful"), "level": "warning"},
    "card": {"title": plain("A card"), "body": plain("What it says"), "subtext": plain("Small print")},
    "carousel": {"elements": [{"type": "card", "title": plain("One card of a row")}]},
    "container": {
        "title": plain("A container"),
        "child_blocks": [{"type": "section", "text": plain("What is in it")}],
    },
    "table": {"rows": _ROWS},
    "data_table": {"caption": "Objects by taxon", "rows": _ROWS},
    "data_visualization": {
        "title": "Objects by month",
        "chart": {"type": "bar", "series": _SERIES, "axis_config": {"categories": ["May", "June"]}},
    },
    "task_card": _TASK,
    "plan": {"title": "What I do", "tasks": [_TASK, {**_TASK, "task_id": "t2", "status": "pending"}]},
}


def block(name: str) -> Json:
    """The block of this type, with an id."""
    return {"type": name, "block_id": f"gallery-{name}", **BLOCKS[name]}


def field(name: str) -> Json:
    """An input block around the element of this type."""
    element = ELEMENTS[name]
    return {"type": "input", "block_id": f"field-{name}", "label": plain(name), "element": element}

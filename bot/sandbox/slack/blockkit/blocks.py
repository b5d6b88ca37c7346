"""Every block, and the surfaces it may stand on."""

from typing import Any

from bot.sandbox.slack.blockkit.charts import CHART
from bot.sandbox.slack.blockkit.elements import (
    CONTEXT_ELEMENTS,
    ELEMENTS,
    ID,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    SLACK_FILE,
    plain,
    words,
)
from bot.sandbox.slack.blockkit.rich_text import RICH_TEXT
from bot.sandbox.slack.blockkit.schema import (
    Check,
    Fields,
    Findings,
    Kind,
    Needed,
    anything,
    boolean,
    items,
    just_one_of,
    not_both,
    number,
    one_of,
    record,
    some_of,
    string,
    typed,
    web_address,
)

_rich_text_elements = Needed(items(typed(RICH_TEXT), 1))
_rich_text: Check = typed({"rich_text": Kind({"block_id": ID, "elements": _rich_text_elements})})
_picture: Check = typed(ELEMENTS, {"image"})

_TASK: Fields = {
    "task_id": Needed(string(least=1)),
    "title": Needed(string(least=1)),
    "status": Needed(one_of("pending", "in_progress", "complete", "error")),
    "details": _rich_text,
    "output": _rich_text,
    "sources": items(typed(ELEMENTS, {"url"})),
}


def _same_width(block: dict[str, Any], where: str, findings: Findings) -> None:
    rows = [row for row in block.get("rows", []) if isinstance(row, list)]
    if len({len(row) for row in rows}) > 1:
        findings.add("all rows must have the same number of cells", f"{where}/rows")


def _not_pending(block: dict[str, Any], where: str, findings: Findings) -> None:
    if block.get("status") == "pending":
        findings.add("only a task of a plan may be pending", f"{where}/status")


_CELL = typed(
    {
        "raw_text": Kind({"text": Needed(string(least=1))}),
        "raw_number": Kind({"value": Needed(number(whole=False)), "text": string()}),
        "rich_text": Kind({"elements": _rich_text_elements, "block_id": ID}),
    }
)

BLOCKS: dict[str, Kind] = {
    "section": Kind(
        {
            "text": words(3000),
            "fields": items(words(2000), 1, 10),
            "accessory": typed(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
        (some_of("text", "fields"),),
    ),
    "header": Kind({"text": Needed(plain(150))}),
    "divider": Kind({}),
    "context": Kind({"elements": Needed(items(typed(CONTEXT_ELEMENTS), 1, 10))}),
    "actions": Kind({"elements": Needed(items(typed(ELEMENTS, IN_ACTIONS), 1, 25))}),
    "context_actions": Kind(
        {"elements": Needed(items(typed(ELEMENTS, {"feedback_buttons", "icon_button"}), 1, 5))}
    ),
    "input": Kind(
        {
            "label": Needed(plain(2000)),
            "element": Needed(typed(ELEMENTS, IN_INPUT)),
            "hint": plain(2000),
            "optional": boolean,
            "dispatch_action": boolean,
        }
    ),
    "image": Kind(
        {
            "alt_text": Needed(string(2000)),
            "image_url": web_address(3000),
            "slack_file": SLACK_FILE,
            "title": plain(2000),
        },
        (just_one_of("image_url", "slack_file"),),
    ),
    "markdown": Kind({"text": Needed(string(12_000, 1))}),
    "rich_text": Kind({"elements": _rich_text_elements}),
    "file": Kind({"external_id": Needed(string(least=1)), "source": Needed(one_of("remote"))}),
    "video": Kind(
        {
            "alt_text": Needed(string(2000)),
            "title": Needed(plain(200)),
            "thumbnail_url": Needed(web_address(3000)),
            "video_url": Needed(web_address(3000)),
            "author_name": string(50),
            "description": plain(200),
            "provider_name": string(50),
            "provider_icon_url": web_address(2000),
            "title_url": web_address(2000),
        }
    ),
    "alert": Kind(
        {
            "text": Needed(words(200)),
            "level": one_of("default", "info", "warning", "error", "success"),
        }
    ),
    "card": Kind(
        {
            "title": words(150),
            "subtitle": words(150),
            "body": words(200),
            "subtext": words(200),
            "hero_image": _picture,
            "icon": _picture,
            "slack_icon": anything,
            "actions": items(typed(ELEMENTS, {"button"}), 0, 3),
        },
        (some_of("hero_image", "title", "actions", "body"), not_both("icon", "slack_icon")),
    ),
    "table": Kind(
        {
            "rows": Needed(items(items(_CELL, 1, 20), 1, 100)),
            "column_settings": items(anything, 0, 20),
        }
    ),
    "data_table": Kind(
        {
            "rows": Needed(items(items(_CELL, 1, 20), 2, 201)),
            "caption": Needed(string(least=1)),
            "page_size": number(1, 100),
            "row_header_column_index": number(0, 19),
        },
        (_same_width,),
    ),
    "data_visualization": Kind({"title": Needed(string(50, 1)), "chart": Needed(CHART)}),
    "task_card": Kind(_TASK, (_not_pending,)),
    "plan": Kind({"title": Needed(string(least=1)), "tasks": Needed(items(record(_TASK), 0, 50))}),
}

_IN_CONTAINER = {"actions", "context", "divider", "header", "image", "rich_text", "section", "table"}

BLOCKS["carousel"] = Kind({"elements": Needed(items(typed(BLOCKS, {"card"}), 1, 10))})
BLOCKS["container"] = Kind(
    {
        "title": plain(150),
        "rich_text_title": _rich_text,
        "subtitle": words(150),
        "child_blocks": Needed(items(typed(BLOCKS, _IN_CONTAINER), 1, 10)),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": _picture,
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    (some_of("title", "rich_text_title"),),
)

# Whatever a block is, it may carry a block_id.
for _name, _kind in BLOCKS.items():
    BLOCKS[_name] = Kind({**_kind.fields, "block_id": ID}, _kind.rules)

ON_MESSAGE = frozenset(
    {
        "actions", "card", "carousel", "container", "context", "context_actions", "data_table",
        "data_visualization", "divider", "file", "header", "image", "input", "markdown", "plan",
        "rich_text", "section", "table", "task_card", "video",
    }
)  # fmt: skip
ON_MODAL = frozenset(
    {
        "actions", "alert", "card", "context", "divider", "header", "image", "input", "rich_text",
        "section", "video",
    }
)  # fmt: skip
ON_HOME = frozenset(
    {
        "actions", "card", "carousel", "container", "context", "data_table", "data_visualization",
        "divider", "header", "image", "input", "rich_text", "section", "table", "video",
    }
)  # fmt: skip

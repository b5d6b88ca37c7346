"""Slack's rules for messages and modals, judged apart from what builds them; nasty jobs to try them."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.jobs import Job
from bot.messages import Message

WEB = "https://ecotaxa.example"

_DATE = re.compile(r"<!date\^\d+\^[^<>|^]*\|[^<>|^]*>")
_WEB_LINK = re.compile(r"<https://ecotaxa\.example(?:/prj/\d+|/gui/job/show/\d+)?\|[\w. #]+>")
_MENTION = re.compile(r"<@U0[A-Z]+>")
_CHANNEL = re.compile(r"<#[CG]0[A-Z]+>")  # G: a private one of old
_CODE = re.compile(r"`[^`\n]+`")

FRAGMENTS = [
    "<!channel>", "<!here>", "<@U1>", "<#C1|general>", "<https://evil.example|click>", "@here", "@channel",
    "*bold*", "_it_", "~gone~", "`", "```", "&", "&amp;", "&lt;!channel&gt;", ">", "<", ":smile:", "\n",
    "\r\n", "\t", "\x00", "\u202e", "\u200b", "\ufeff", "\u2028", "\ud800", "|", "ada@example.org",
    "/srv/data/x.tsv", "<br>", "<b>x</b>", "'users'", "[SQL: SELECT 1]", "DETAIL:", "part<Annelida",
    "\U0001d518" * 50, "x" * 500, " ", "In [base]/a.tsv:", " - line 3: wrong", "3 error(s) during run",
    '  File "a.py", line 1, in f\n    g()\n', "Killed",
]  # fmt: skip

nasty_text = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=20), max_size=8).map(
    "".join
) | st.sampled_from(["<!channel>" * 400, "&" * 4_000, "`" * 3_000, "\u200b" * 50, "\U0001d518" * 3_000])

_junk: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats()
    | nasty_text
    | st.just([])
    | st.just({})
)


def _or_junk(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return good | good | good | _junk


_names = _or_junk(st.lists(_or_junk(nasty_text), max_size=40))
_whole = st.integers(-3, 2**31)
_dates = st.datetimes().map(lambda date: date.isoformat())

job_json = st.fixed_dictionaries(
    {"id": st.integers(1, 2**31 - 1)},
    optional={
        "state": _or_junk(st.sampled_from("PRAEFX")),
        "type": _or_junk(st.sampled_from(["FileImport", "GeneralExport", "SimpleImport", "NewKindOfJob"])),
        "owner_id": _or_junk(_whole),
        "progress_pct": _or_junk(st.integers(-10, 200)),
        "progress_msg": _or_junk(nasty_text),
        "creation_date": _or_junk(_dates),
        "updated_on": _or_junk(_dates),
        "errors": _or_junk(st.lists(_or_junk(nasty_text), max_size=12)),
        "question": _or_junk(
            st.fixed_dictionaries({}, optional={"missing_users": _names, "missing_taxa": _names})
        ),
        "inside": _junk,
        "params": _or_junk(
            st.fixed_dictionaries(
                {},
                optional={
                    "prj_id": _or_junk(_whole),
                    "req": _or_junk(
                        st.fixed_dictionaries(
                            {"project_id": _or_junk(st.sampled_from(["1,2", "1,2,3,4,5", 7]))}
                        )
                    ),
                },
            )
        ),
        "result": _or_junk(
            st.fixed_dictionaries(
                {},
                optional={
                    "rowcount": _or_junk(_whole),
                    "out_file": _or_junk(nasty_text),
                    "infos": _or_junk(st.lists(_or_junk(nasty_text), max_size=5)),
                    "wrns": _or_junk(st.lists(_or_junk(nasty_text), max_size=5)),
                },
            )
        ),
    },
)
any_job = job_json.map(Job.parse)


def check_message(message: Message) -> None:
    """Raise AssertionError where Slack would refuse the message, or foreign text could come alive in it."""
    assert message.text.strip()
    assert len(message.text) <= 4_000
    assert len(message.text.encode()) <= 4_000
    _check_mrkdwn(message.text)
    assert 1 <= len(message.blocks) <= 50
    _check_blocks(message.blocks)
    assert sum(len(text["text"]) for text in _texts(message.blocks)) < 12_000


def check_home(view: dict[str, Any]) -> None:
    """Raise AssertionError where Slack would refuse the home tab."""
    assert view["type"] == "home"
    assert 1 <= len(view["blocks"]) <= 100
    assert len(view.get("private_metadata", "")) <= 3_000
    assert len(json.dumps(view)) <= 250_000
    _check_blocks(view["blocks"])


def check_options(options: list[dict[str, Any]]) -> None:
    """Raise AssertionError where Slack would not offer these options while somebody types."""
    assert 1 <= len(options) <= 100
    for option in options:
        _check_option(option)
    json.dumps(options, ensure_ascii=False).encode()


def check_modal(view: dict[str, Any]) -> None:
    """Raise AssertionError where Slack would refuse the modal."""
    assert view["type"] == "modal"
    for name in ("title", "submit", "close"):
        if name in view:
            assert view[name]["type"] == "plain_text"
            assert 1 <= len(view[name]["text"]) <= 24
    assert 1 <= len(view["blocks"]) <= 100
    assert "submit" in view or all(block["type"] != "input" for block in view["blocks"])
    assert 1 <= len(view["callback_id"]) <= 255
    assert len(view.get("private_metadata", "")) <= 3_000
    assert len(json.dumps(view)) <= 250_000
    _check_blocks(view["blocks"])


def _check_blocks(blocks: list[dict[str, Any]]) -> None:
    json.dumps(blocks, ensure_ascii=False).encode()
    for block in blocks:
        _CHECKS[block["type"]](block)
    for name, texts in (("block_id", blocks), ("action_id", list(_elements(blocks)))):
        twice = [key for key, n in Counter(str(t[name]) for t in texts if name in t).items() if n > 1]
        # The inputs of a modal are told apart by their blocks.
        assert not twice or (name == "action_id" and all("block_id" in block for block in blocks))
    for text in _texts(blocks):
        assert text["text"].strip()
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            _check_mrkdwn(text["text"])
    # The SDK does not know charts.
    for parsed in Block.parse_all([it for it in blocks if it["type"] != "data_visualization"]):
        parsed.validate_json()


def _check_section(block: dict[str, Any]) -> None:
    assert "text" in block or block["fields"]
    assert len(block.get("text", {}).get("text", "")) <= 3_000
    assert len(block.get("fields", [])) <= 10
    assert all(len(field["text"]) <= 2_000 for field in block.get("fields", []))
    if "accessory" in block:
        _check_element(block["accessory"])


def _check_context(block: dict[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 10


def _check_actions(block: dict[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 25
    for element in block["elements"]:
        _check_element(element)


def _check_element(element: dict[str, Any]) -> None:
    """Buttons, menus and everything else that a person can use outside a form or in one."""
    assert element["type"] in _BUTTONS | _OPTION_LISTS | _PICKERS
    assert 1 <= len(element["action_id"]) <= 255
    assert 1 <= len(element.get("placeholder", {}).get("text", "-")) <= 150
    if "confirm" in element:
        _check_confirm(element["confirm"])
    if element["type"] == "button":
        _check_button(element)
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(option for group in groups for option in group["options"])]
    most = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}.get(element["type"], 100)
    if element["type"] in _OPTION_LISTS - {"external_select", "multi_external_select"}:
        assert 1 <= len(options) <= most
    for option in [*options, *element.get("initial_options", []), element.get("initial_option")]:
        if option is not None:
            _check_option(option)


_BUTTONS = {"button"}
_OPTION_LISTS = {
    "static_select", "external_select", "multi_static_select", "multi_external_select", "overflow",
    "radio_buttons", "checkboxes",
}  # fmt: skip
_PICKERS = {
    "plain_text_input", "email_text_input", "number_input", "users_select", "conversations_select",
    "channels_select", "datepicker", "timepicker",
}  # fmt: skip


def _check_option(option: dict[str, Any]) -> None:
    assert 1 <= len(option["text"]["text"]) <= 75
    assert 1 <= len(option.get("value", "-")) <= 150
    assert 1 <= len(option.get("description", {}).get("text", "-")) <= 75


def _check_confirm(confirm: dict[str, Any]) -> None:
    assert 1 <= len(confirm["title"]["text"]) <= 100
    assert 1 <= len(confirm["text"]["text"]) <= 300
    assert 1 <= len(confirm["confirm"]["text"]) <= 30
    assert 1 <= len(confirm["deny"]["text"]) <= 30


def _check_button(button: dict[str, Any]) -> None:
    assert button["type"] == "button"
    assert len(button["text"]["text"]) <= 75
    assert 1 <= len(button["action_id"]) <= 255
    assert 1 <= len(button.get("value", "-")) <= 2_000
    assert len(button.get("url", "")) <= 3_000
    assert 1 <= len(button.get("accessibility_label", "-")) <= 75
    assert button.get("style", "primary") in ("primary", "danger")


def _check_input(block: dict[str, Any]) -> None:
    element = block["element"]
    assert 1 <= len(block["label"]["text"]) <= 2_000
    assert len(block.get("hint", {}).get("text", "")) <= 2_000
    assert element["type"] != "button"
    _check_element(element)
    assert len(str(element.get("initial_value", ""))) <= 3_000


def _check_header(block: dict[str, Any]) -> None:
    assert 1 <= len(block["text"]["text"]) <= 150


def _check_chart(block: dict[str, Any]) -> None:
    """A bar chart, as https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block has it."""
    chart = block["chart"]
    categories = chart["axis_config"]["categories"]
    assert 1 <= len(block["title"]) <= 50
    assert chart["type"] == "bar"
    assert 1 <= len(chart["series"]) <= 6
    assert 1 <= len(categories) <= 20
    assert len(set(categories)) == len(categories)
    assert all(1 <= len(name) <= 20 for name in (*categories, *(it["name"] for it in chart["series"])))
    for series in chart["series"]:
        assert [point["label"] for point in series["data"]] == categories


_CHECKS = {
    "header": _check_header,
    "divider": lambda _block: None,
    "section": _check_section,
    "context": _check_context,
    "data_visualization": _check_chart,
    "actions": _check_actions,
    "input": _check_input,
}


def _check_mrkdwn(text: str) -> None:
    """Only our own dates, links and mentions (of people U0…, channels C0…) may be between angle brackets.

    And no code span may stay open.
    """
    bare = _CHANNEL.sub("", _MENTION.sub("", _WEB_LINK.sub("", _DATE.sub("", text))))
    assert "<" not in bare
    assert ">" not in bare
    assert "`" not in _CODE.sub("", bare)
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in text)
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)


def _texts(thing: Any) -> Iterator[dict[str, Any]]:
    if isinstance(thing, dict):
        if thing.get("type") in ("mrkdwn", "plain_text"):
            yield thing
        for value in thing.values():
            yield from _texts(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _texts(value)


def _elements(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block.get("elements", [])
        yield from (block[name] for name in ("accessory", "element") if name in block)

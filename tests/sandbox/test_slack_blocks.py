"""Block Kit: each rule refuses what is one too many, and takes what is just right."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slackblocks import HeaderBlock, SectionBlock

from bot.sandbox.slack.blockkit.blocks import BLOCKS, ON_HOME, ON_MESSAGE, ON_MODAL
from bot.sandbox.slack.blockkit.surfaces import (
    check_message_blocks,
    check_metadata,
    check_options,
    check_view,
)
from bot.sandbox.slack.refusal import Refused
from tests.sandbox.slack_app import (
    Json,
    actions,
    button,
    field,
    modal,
    mrkdwn,
    option,
    plain,
    refusal,
    section,
)

pytest_plugins = ["tests.sandbox.slack_fixtures"]

IMAGE = {"type": "image", "image_url": "https://lab.example/x.png", "alt_text": "a copepod"}
RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "x", "style": {"bold": True}},
                {"type": "link", "url": "https://lab.example", "text": "x"},
                {"type": "user", "user_id": "U0ELENA"},
                {"type": "emoji", "name": "shrimp"},
                {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "x"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
        },
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}], "border": 1},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "x"}]},
    ],
}
CELL = {"type": "raw_text", "text": "x"}
PIE = {"type": "pie", "segments": [{"label": "x", "value": 1}]}
TASK = {"task_id": "1", "title": "x", "status": "complete"}

GOOD: dict[str, Json] = {
    "section": section(fields=[mrkdwn("x")] * 10, accessory=button(), expand=True),
    "header": {"type": "header", "text": plain("x" * 150)},
    "divider": {"type": "divider", "block_id": "d" * 255},
    "context": {"type": "context", "elements": [mrkdwn("x"), plain("x"), IMAGE]},
    "actions": actions(button(value="v" * 2_000, url="https://lab.example", style="danger")),
    "context_actions": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "positive_button": {"text": plain("+"), "value": "p"},
                "negative_button": {"text": plain("-"), "value": "n"},
            }
        ],
    },
    "input": field(hint=plain("x"), optional=True, dispatch_action=True),
    "image": {**IMAGE, "title": plain("x")},
    "markdown": {"type": "markdown", "text": "x" * 12_000},
    "rich_text": RICH_TEXT,
    "file": {"type": "file", "external_id": "x", "source": "remote"},
    "video": {
        "type": "video",
        "title": plain("x"),
        "alt_text": "x",
        "thumbnail_url": "https://lab.example/x.png",
        "video_url": "https://lab.example/x",
    },
    "alert": {"type": "alert", "text": plain("x" * 200), "level": "warning"},
    "card": {"type": "card", "title": plain("x"), "actions": [button()]},
    "carousel": {"type": "carousel", "elements": [{"type": "card", "body": mrkdwn("x")}]},
    "container": {"type": "container", "title": plain("x"), "child_blocks": [section()]},
    "table": {"type": "table", "rows": [[CELL] * 20] * 100},
    "data_table": {"type": "data_table", "caption": "x", "rows": [[CELL] * 2] * 201, "page_size": 100},
    "data_visualization": {"type": "data_visualization", "title": "x", "chart": PIE},
    "task_card": {"type": "task_card", **TASK},
    "plan": {"type": "plan", "title": "x", "tasks": [TASK]},
}


def refused(blocks: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        check_message_blocks(blocks)
    return caught.value


def on_a_view(surface: str, *blocks: Json) -> Json:
    return modal(*blocks) if surface == "modal" else {"type": "home", "blocks": list(blocks)}


def test_every_kind_of_block_has_a_good_example() -> None:
    assert set(GOOD) == set(BLOCKS)


@pytest.mark.rule("slack.block.surfaces")
@pytest.mark.parametrize("kind", sorted(BLOCKS))
@pytest.mark.parametrize(
    ("surface", "allowed"),
    [("message", ON_MESSAGE), ("modal", ON_MODAL), ("home", ON_HOME)],
    ids=lambda x: str(x)[:7],
)
def test_a_block_stands_only_where_slack_allows_it(surface: str, allowed: frozenset[str], kind: str) -> None:
    def check() -> None:
        if surface == "message":
            check_message_blocks([GOOD[kind]])
        else:
            check_view(on_a_view(surface, GOOD[kind]), surface)

    if kind in allowed:
        check()
        return
    with pytest.raises(Refused) as caught:
        check()
    assert any(f"unsupported type: {kind}" in message for message in caught.value.messages)


OPTIONS = [option("a"), option("b")]


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": OPTIONS, **more}


def within(element: Json) -> Json:
    return actions(element)


def as_input(**element: Any) -> Json:
    return field(element={"type": "plain_text_input", "action_id": "a", **element})


def confirm(**more: str) -> Json:
    texts = {"title": "t", "text": "t", "confirm": "c", "deny": "d"} | more
    return within(button(confirm={name: plain(text) for name, text in texts.items()}))


RULE_OF_CASE = {
    "section": "slack.size.section",
    "text": "slack.size.section",
    "field": "slack.size.field",
    "fields": "slack.size.field",
    "header": "slack.size.header",
    "markdown": "slack.size.markdown",
    "context": "slack.size.context",
    "actions": "slack.size.actions",
    "context_actions": "slack.size.context-actions",
    "button": "slack.size.button",
    "option": "slack.size.option",
    "options": "slack.size.options",
    "groups": "slack.size.options",
    "initial": "slack.size.options",
    "placeholder": "slack.size.placeholder",
    "min_query_length": "slack.size.min-query-length",
    "overflow": "slack.size.overflow",
    "checkboxes": "slack.size.checkboxes",
    "radio": "slack.size.checkboxes",
    "block_id": "slack.size.ids",
    "action_id": "slack.size.ids",
    "confirm": "slack.size.confirm",
    "input": "slack.size.input",
    "table": "slack.size.table",
    "data_table": "slack.size.data-table",
}

TOO_MUCH: list[tuple[str, Json, str]] = [
    ("section text 3,000", section("x" * 3_001), "must be less than 3001 characters"),
    ("field text 2,000", {"type": "section", "fields": [mrkdwn("x" * 2_001)]}, "less than 2001"),
    ("fields 10", {"type": "section", "fields": [mrkdwn("x")] * 11}, "no more than 10 items"),
    ("section needs text or fields", {"type": "section"}, "must provide one of: text, fields"),
    ("text may not be empty", section(""), "must be more than 0 characters"),
    ("header 150", {"type": "header", "text": plain("x" * 151)}, "less than 151"),
    ("header is plain", {"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    ("markdown 12,000", {"type": "markdown", "text": "x" * 12_001}, "less than 12001"),
    ("context 10", {"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10 items"),
    ("context holds no buttons", {"type": "context", "elements": [button()]}, "unsupported type: button"),
    ("actions 25", actions(*(button(f"b{n}") for n in range(26))), "no more than 25 items"),
    ("actions 1", actions(), "must have at least 1 items"),
    ("actions hold no inputs", within({"type": "plain_text_input"}), "unsupported type: plain_text_input"),
    (
        "context_actions 5",
        {
            "type": "context_actions",
            "elements": [{"type": "icon_button", "icon": "trash", "text": plain("x")}] * 6,
        },
        "no more than 5 items",
    ),
    ("button text 75", within(button(text="x" * 76)), "less than 76"),
    ("button text is plain", within(button() | {"text": mrkdwn("x")}), "unsupported type: mrkdwn"),
    ("button value 2,000", within(button(value="x" * 2_001)), "less than 2001"),
    ("button url 3,000", within(button(url="https://" + "x" * 2_993)), "less than 3001"),
    ("button url is one", within(button(url="lab.example")), "must be a valid URL"),
    ("button label 75", within(button(accessibility_label="x" * 76)), "less than 76"),
    ("button style", within(button(style="loud")), "must be a valid enum value"),
    ("button needs text", within({"type": "button"}), "missing required field: text"),
    ("option text 75", within(select(options=[option("x" * 76, "v")])), "less than 76"),
    ("option value 150", within(select(options=[option("x", "v" * 151)])), "less than 151"),
    (
        "option description 75",
        within(select(options=[option("x") | {"description": plain("x" * 76)}])),
        "less than 76",
    ),
    ("options 100", within(select(options=[option(str(n)) for n in range(101)])), "no more than 100 items"),
    ("options 1", within(select(options=[])), "must have at least 1 items"),
    (
        "groups 100",
        within({"type": "static_select", "option_groups": [{"label": plain("x"), "options": OPTIONS}] * 101}),
        "no more than 100 items",
    ),
    ("options or groups", within({"type": "static_select"}), "exactly one of: options, option_groups"),
    ("initial option is offered", within(select(initial_option=option("c"))), "must exactly match"),
    ("placeholder 150", within(select(placeholder=plain("x" * 151))), "less than 151"),
    (
        "min_query_length 0",
        within({"type": "external_select", "min_query_length": -1}),
        "must be a number from 0",
    ),
    (
        "overflow 5",
        within({"type": "overflow", "options": [option(str(n)) for n in range(6)]}),
        "no more than 5",
    ),
    (
        "checkboxes 10",
        within({"type": "checkboxes", "options": [option(str(n)) for n in range(11)]}),
        "more than 10",
    ),
    (
        "radio 10",
        within({"type": "radio_buttons", "options": [option(str(n)) for n in range(11)]}),
        "more than 10",
    ),
    ("block_id 255", section(block_id="x" * 256), "less than 256"),
    ("action_id 255", within(button("x" * 256)), "less than 256"),
    ("confirm title 100", confirm(title="x" * 101), "less than 101"),
    ("confirm text 300", confirm(text="x" * 301), "less than 301"),
    ("confirm yes 30", confirm(confirm="x" * 31), "less than 31"),
    ("confirm no 30", confirm(deny="x" * 31), "less than 31"),
    ("input 3,000", as_input(max_length=3_001), "must be a number from 1 to 3000"),
    ("input initial 3,000", as_input(initial_value="x" * 3_001), "less than 3001"),
    ("input bounds", as_input(min_length=5, max_length=4), "min_length must not be more than max_length"),
    ("input holds no buttons", field(element=button()), "unsupported type: button"),
    (
        "input label",
        {"type": "input", "element": {"type": "plain_text_input"}},
        "missing required field: label",
    ),
    ("unknown block", {"type": "jumbotron"}, "unsupported type: jumbotron"),
    ("unknown element", within({"type": "lever"}), "unsupported type: lever"),
    ("unknown field", section(colour="red"), "invalid additional property: colour"),
    (
        "emoji is for plain text",
        section() | {"text": mrkdwn("x") | {"emoji": True}},
        "additional property: emoji",
    ),
    ("image needs alt_text", {"type": "image", "image_url": "https://x"}, "missing required field: alt_text"),
    ("image needs a source", {"type": "image", "alt_text": "x"}, "exactly one of: image_url, slack_file"),
    ("table 100 rows", {"type": "table", "rows": [[CELL]] * 101}, "no more than 100 items"),
    ("table 20 columns", {"type": "table", "rows": [[CELL] * 21]}, "no more than 20 items"),
    ("data_table 201 rows", GOOD["data_table"] | {"rows": [[CELL]] * 202}, "no more than 201 items"),
    ("data_table 2 rows", GOOD["data_table"] | {"rows": [[CELL]]}, "must have at least 2 items"),
    ("data_table 20 columns", GOOD["data_table"] | {"rows": [[CELL] * 21] * 2}, "no more than 20 items"),
    ("data_table page 100", GOOD["data_table"] | {"page_size": 101}, "must be a number from 1 to 100"),
    ("data_table caption", {"type": "data_table", "rows": [[CELL]] * 2}, "missing required field: caption"),
    ("data_table is square", GOOD["data_table"] | {"rows": [[CELL], [CELL] * 2]}, "same number of cells"),
    (
        "data_table 20,000 characters",
        GOOD["data_table"] | {"rows": [[{"type": "raw_text", "text": "x" * 10_001}]] * 2},
        "less than 20001 characters",
    ),
    (
        "a lone task is never pending",
        {"type": "task_card", **TASK, "status": "pending"},
        "only a task of a plan",
    ),
    ("no string", {"type": "markdown", "text": 7}, "must provide a string"),
    ("no boolean", section(expand="yes"), "must provide a boolean"),
    ("no number", as_input(max_length="long"), "must provide a number"),
    ("no array", {"type": "actions", "elements": button()}, "must provide an array"),
    ("no option", within(select(options=["a"])), "must provide an object"),
    ("no text", {"type": "header", "text": "x"}, "must provide an object"),
    (
        "one icon",
        {"type": "card", "title": plain("x"), "icon": IMAGE, "slack_icon": {}},
        "both icon and slack_icon",
    ),
    ("no object", "words", "must provide an object"),  # type: ignore[list-item]  # that is what is wrong with it
]


def held_to(case: str) -> pytest.MarkDecorator:
    """The rule that a case is about, which its first word names."""
    return pytest.mark.rule(RULE_OF_CASE.get(case.split(maxsplit=1)[0], "slack.block.well-formed"))


@pytest.mark.parametrize(
    ("block", "complaint"),
    [pytest.param(*case[1:], id=case[0], marks=held_to(case[0])) for case in TOO_MUCH],
)
def test_a_block_that_breaks_a_rule_is_refused_with_its_reason(block: Json, complaint: str) -> None:
    refusal = refused([block])

    assert refusal.error == "invalid_blocks"
    assert any(complaint in message for message in refusal.messages)


JUST_RIGHT: list[tuple[str, Json]] = [
    ("section text", section("🦐" * 3_000)),
    ("button text", within(button(text="x" * 75))),
    ("option", within(select(options=[option("x" * 75, "v" * 150)]))),
    ("options", within(select(options=[option(str(n)) for n in range(100)]))),
    ("overflow 1", within({"type": "overflow", "options": [option("a")]})),
    ("overflow 5", within({"type": "overflow", "options": [option(str(n)) for n in range(5)]})),
    ("initial option", within(select(initial_option=option("b")))),
    ("min_query_length", within({"type": "external_select", "min_query_length": 0})),
    ("confirm", confirm(title="x" * 100, text="x" * 300, confirm="x" * 30, deny="x" * 30)),
    (
        "drawn options may be mrkdwn",
        within({"type": "checkboxes", "options": [{"text": mrkdwn("x"), "value": "v"}]}),
    ),
    ("actions", actions(*(button(f"b{n}") for n in range(25)))),
    ("number", as_input(type="number_input", is_decimal_allowed=False, min_value="1")),
]


@pytest.mark.parametrize("block", [case[1] for case in JUST_RIGHT], ids=[case[0] for case in JUST_RIGHT])
def test_a_block_that_just_keeps_the_rules_is_taken(block: Json) -> None:
    check_message_blocks([block])


@pytest.mark.rule("slack.block.well-formed")
def test_a_reason_tells_the_place() -> None:
    refusal = refused([section(), actions(button(text="x" * 76))])

    assert refusal.messages == [
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]"
    ]


@pytest.mark.rule("slack.size.message-blocks")
def test_a_message_has_fifty_blocks() -> None:
    check_message_blocks([section("x") for _ in range(50)])

    assert "no more than 50 items allowed [json-pointer:/blocks]" in refused([section("x")] * 51).messages[0]


@pytest.mark.rule("slack.size.blocks-text")
def test_all_blocks_of_a_message_hold_thirteen_thousand_characters() -> None:
    check_message_blocks([section("x" * 2_600) for _ in range(5)])

    assert refused([section("x" * 2_601) for _ in range(5)]).error == "msg_blocks_too_long"


@pytest.mark.rule("slack.size.markdown")
def test_the_markdown_of_a_message_holds_twelve_thousand_characters() -> None:
    assert refused([{"type": "markdown", "text": "x" * 6_001}] * 2).error == "msg_blocks_too_long"


@pytest.mark.rule("slack.size.table")
def test_a_message_has_one_table() -> None:
    table = {"type": "table", "rows": [[CELL]]}

    assert "only_one_table_allowed" in refused([table, table]).messages[0]


@pytest.mark.rule("slack.size.unique-ids")
@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([section(block_id="b"), section(block_id="b")], "block_id `b` already exists"),
        ([actions(button("a"), button("a"))], "action_id `a` already exists"),
        ([actions(button("a")), section(accessory=button("a"))], "action_id `a` already exists"),
        (
            [field("a", element={"type": "plain_text_input", "focus_on_load": True}),
             field("b", element={"type": "plain_text_input", "focus_on_load": True})],
            "only one element may have focus_on_load",
        ),
    ],
)  # fmt: skip
def test_ids_are_unique_on_a_surface(blocks: list[Json], complaint: str) -> None:
    assert complaint in refused(blocks).messages[0]
    with pytest.raises(Refused, match="invalid_arguments"):
        check_view(modal(*blocks), "modal")


@pytest.mark.rule(
    "slack.size.modal-words",
    "slack.size.modal-submit",
    "slack.size.private-metadata",
    "slack.size.view-blocks",
    "slack.size.ids",
)
@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters"),
        (modal(close=plain("x" * 25)), "must be less than 25 characters"),
        (modal(callback_id="x" * 256), "must be less than 256 characters"),
        (modal(private_metadata="x" * 3_001), "must be less than 3001 characters"),
        ({"type": "modal", "blocks": []}, "missing required field: title"),
        ({"type": "modal", "title": plain("x"), "blocks": [field()]}, "missing required field: submit"),
        (modal(*([section("x")] * 101)), "no more than 100 items allowed"),
        (modal() | {"type": "home"}, "unsupported type: home"),
        (modal(shape="round"), "invalid additional property: shape"),
        (modal() | {"blocks": None}, "must provide an array"),
        ("words", "must provide an object"),
    ],
)
def test_a_modal_that_breaks_a_rule_is_refused_with_its_reason(view: Any, complaint: str) -> None:
    with pytest.raises(Refused) as caught:
        check_view(view, "modal")

    assert caught.value.error == "invalid_arguments"
    assert any(complaint in message for message in caught.value.messages)


@pytest.mark.rule("slack.size.view-blocks", "slack.size.private-metadata")
def test_a_modal_may_have_a_hundred_blocks_and_full_metadata() -> None:
    check_view(modal(*([section("x")] * 100), private_metadata="x" * 3_000, title=plain("x" * 24)), "modal")


@pytest.mark.rule("slack.size.view")
def test_a_view_weighs_250_kilobytes() -> None:
    with pytest.raises(Refused, match="view_too_large"):
        check_view(modal(*[section("🦐" * 3_000)] * 25), "modal")


@pytest.mark.rule("slack.block.surfaces")
def test_a_home_tab_has_neither_title_nor_submit() -> None:
    check_view({"type": "home", "blocks": [section()]}, "home")

    with pytest.raises(Refused, match="invalid_arguments"):
        check_view({"type": "home", "title": plain("x"), "blocks": [section()]}, "home")


@pytest.mark.rule("slack.size.option", "slack.size.options")
@pytest.mark.parametrize(
    "answer",
    [
        {"options": [option("x" * 76, "v")]},
        {"options": [option("x", "v" * 151)]},
        {"options": [option(str(n)) for n in range(101)]},
        {"options": [{"text": mrkdwn("x"), "value": "v"}]},
        {"option_groups": [{"label": plain("x" * 76), "options": [option("a")]}]},
        {},
        {"text": "words"},
    ],
)
def test_an_options_answer_that_breaks_a_rule_is_refused(answer: Json) -> None:
    with pytest.raises(Refused, match="invalid_options"):
        check_options(answer)


def test_an_options_answer_may_have_a_hundred_options_or_none() -> None:
    check_options({"options": [option("x" * 75, "v" * 150) for _ in range(100)]})
    check_options({"options": []})
    check_options({"option_groups": [{"label": plain("x"), "options": [option("a")]}]})


@pytest.mark.rule("slack.size.metadata")
@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("words", "metadata_must_be_sent_as_json"),
        ({"event_type": "e"}, "invalid_metadata_format"),
        ({"event_type": "e", "event_payload": "words"}, "invalid_metadata_format"),
        ({"event_type": "e", "event_payload": {"k": "🦐" * 2_000}}, "metadata_too_large"),
    ],
)
def test_bad_metadata_is_refused(metadata: Any, error: str) -> None:
    with pytest.raises(Refused, match=error):
        check_metadata(metadata)


async def test_the_reasons_come_in_the_answers_metadata(bot: AsyncWebClient) -> None:
    answer = await refusal(bot.chat_postMessage(channel="C0GENERAL", text="x", blocks=[section("")]))

    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_what_slackblocks_builds_is_taken(bot: AsyncWebClient) -> None:
    blocks = [block._resolve() for block in (HeaderBlock("Jobs"), SectionBlock("*two* running"))]

    assert (await bot.chat_postMessage(channel="C0GENERAL", text="x", blocks=blocks))["ok"]

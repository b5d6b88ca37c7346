"""Charts in messages: what Slack takes, and what it refuses."""

from typing import Any

import pytest

from bot.sandbox.slack.blockkit.surfaces import check_message_blocks, check_view
from bot.sandbox.slack.refusal import Refused
from tests.sandbox.slack_app import Json

pytestmark = pytest.mark.rule("slack.size.chart")

MONTHS = ["May", "June"]
LONG = "x" * 21


def line(name: str = "s", *labels: str, value: Any = -1.5) -> Json:
    return {"name": name, "data": [{"label": label, "value": value} for label in labels or MONTHS]}


def lines(count: int) -> list[Json]:
    return [line(f"s{number}") for number in range(count)]


def chart(*series: Json, kind: str = "bar", axis: Any = None, title: str = "x") -> Json:
    drawn = {"type": kind, "series": list(series), "axis_config": axis or {"categories": MONTHS}}
    return {"type": "data_visualization", "title": title, "chart": drawn}


def pie(*values: float, label: str = "x") -> Json:
    segments = [{"label": label, "value": value} for value in values]
    return {"type": "data_visualization", "title": "x", "chart": {"type": "pie", "segments": segments}}


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (chart(line(), title="x" * 51), "must be less than 51 characters"),
        (chart(line(), kind="radar"), "unsupported type: radar"),
        (chart(line(), axis="x"), "must provide an object"),
        (chart(line(), axis={"x_label": "Month"}), "missing required field: categories"),
        (chart(line(), axis={"categories": [LONG]}), "must be less than 21 characters"),
        (chart(line(), axis={"categories": MONTHS, "x_label": "x" * 51}), "must be less than 51 characters"),
        (chart(line(), axis={"categories": MONTHS, "y_label": "x" * 51}), "must be less than 51 characters"),
        (chart(), "must have at least 1 items"),
        (chart(*lines(7)), "no more than 6 items"),
        (chart(line(), line()), "series names must be unique"),
        (chart(line(LONG)), "must be less than 21 characters"),
        (chart(line("s", "May")), "labels must match the categories"),
        (chart(line("s", "May", "May")), "labels must match the categories"),
        (chart(line("s", *map(str, range(21)))), "no more than 20 items"),
        (chart(line(value="1")), "must provide a number"),
        (pie(), "must have at least 1 items"),
        (pie(*range(1, 8)), "no more than 6 items"),
        (pie(1, 0), "must be greater than 0"),
        (pie(1, label=LONG), "must be less than 21 characters"),
        (pie(1) | {"chart": {"type": "pie"}}, "missing required field: segments"),
        (pie(1) | {"subtitle": "x"}, "invalid additional property: subtitle"),
    ],
)
def test_a_chart_that_breaks_a_rule_is_refused_with_its_reason(block: Json, complaint: str) -> None:
    with pytest.raises(Refused) as caught:
        check_message_blocks([block])

    assert caught.value.error == "invalid_blocks"
    assert any(complaint in message for message in caught.value.messages)


def test_a_message_has_two_charts() -> None:
    check_message_blocks([pie(1), pie(2)])
    with pytest.raises(Refused) as caught:
        check_message_blocks([pie(1), pie(2), pie(3)])

    assert "no more than 2 data visualizations" in caught.value.messages[0]


@pytest.mark.parametrize("kind", ["bar", "line", "area"])
def test_the_largest_charts_are_taken_in_any_order_of_their_points(kind: str) -> None:
    days = [f"day {number}" for number in range(20)]
    axis = {"categories": days, "x_label": "x" * 50, "y_label": "y" * 50}
    large = [line(f"s{number}", *reversed(days)) for number in range(6)]
    check_message_blocks(
        [chart(*large, kind=kind, axis=axis, title="x" * 50), pie(*range(1, 7), label="x" * 20)]
    )


def test_a_home_may_hold_a_chart_and_a_modal_may_not() -> None:
    check_view({"type": "home", "blocks": [pie(1)]}, "home")
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [pie(1)]}
    with pytest.raises(Refused):
        check_view(modal, "modal")

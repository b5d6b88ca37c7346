"""What Slack's answers mean, and where answers may be sent."""

from itertools import combinations

import pytest

from bot.errors import (
    DeliveryUnknown,
    MessageGone,
    MessageRefused,
    PlaceGone,
    SlackBusy,
    SlackError,
    UnknownRefusal,
    WorkspaceGone,
)
from bot.slack import CODES, Slack, meaning


def test_every_code_has_one_class() -> None:
    assert CODES.keys() == set(SlackError.__subclasses__())
    for one, other in combinations(CODES.values(), 2):
        assert one.isdisjoint(other)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, "", SlackBusy),
        (200, "ratelimited", SlackBusy),
        (503, "service_unavailable", SlackBusy),
        (200, "channel_not_found", PlaceGone),
        (200, "user_disabled", PlaceGone),
        (200, "restricted_action_read_only_channel", PlaceGone),
        (200, "message_not_found", MessageGone),
        (200, "invalid_blocks", MessageRefused),
        (200, "too_many_attachments", MessageRefused),
        (200, "a_code_of_tomorrow", UnknownRefusal),
        (400, "a_code_of_tomorrow", UnknownRefusal),
        (200, "token_revoked", WorkspaceGone),
        (200, "messages_tab_disabled", WorkspaceGone),
        (200, "restricted_action", WorkspaceGone),
        (200, "accesslimited", WorkspaceGone),
        (200, "internal_error", DeliveryUnknown),
        (500, "", DeliveryUnknown),
        (502, "a_code_of_tomorrow", DeliveryUnknown),
    ],
)
def test_what_an_unhappy_answer_means(status: int, code: str, error: type[SlackError]) -> None:
    assert type(meaning(status, code)) is error


def test_a_busy_slack_says_for_how_long() -> None:
    told, untold = meaning(429, "ratelimited", 30.0), meaning(429, "ratelimited")

    assert isinstance(told, SlackBusy)
    assert told.retry_after == 30
    assert isinstance(untold, SlackBusy)
    assert untold.retry_after > 0


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://hooks.slack.com/actions/T1/2/3", True),
        ("https://hooks.slack-gov.com/actions/T1/2/3", True),
        ("http://hooks.slack.com/actions/T1/2/3", False),
        ("https://hooks.slack.com.example.org/x", False),
        ("https://evilslack.com/x", False),
        ("https://slack.com@example.org/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
async def test_answers_go_to_slack_alone(url: str, own: bool) -> None:
    slack = Slack.connect(token="xoxb-1", api_url="https://slack.com/api")
    try:
        assert slack.is_own(url) is own
    finally:
        await slack.close()


async def test_where_slack_is_configured_to_be_counts_as_slack() -> None:
    slack = Slack.connect(token="xoxb-1", api_url="http://127.0.0.1:8765/slack/api")
    try:
        assert slack.is_own("http://127.0.0.1:8765/slack/respond/abc")
        assert not slack.is_own("http://127.0.0.1:8766/slack/respond/abc")
    finally:
        await slack.close()

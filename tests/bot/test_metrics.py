"""What is counted and timed, and how it is told."""

import itertools
import math

import pytest

from bot import __version__
from bot.bolt import kind_of
from bot.errors import NotFound, SlackBusy
from bot.metrics import Metrics, Standing
from tests.scraping import Page


def page(metrics: Metrics, standing: Standing | None = None) -> Page:
    return Page(metrics.page(standing).decode())


def test_a_request_is_counted_by_what_came_of_it_and_timed_where_something_was_done() -> None:
    metrics = Metrics(itertools.count(0, 0.5).__next__)

    with metrics.answering("command") as answered:
        answered.outcome = "done"
    with metrics.answering("command") as answered:
        answered.outcome = "again"
    with pytest.raises(ZeroDivisionError), metrics.answering("press"):
        raise ZeroDivisionError

    told = page(metrics)
    assert told.number("ecotaxa_bot_requests_total", kind="command", outcome="done") == 1
    assert told.number("ecotaxa_bot_requests_total", kind="command", outcome="again") == 1
    assert told.number("ecotaxa_bot_requests_total", kind="press", outcome="failed") == 1
    assert told.number("ecotaxa_bot_answer_seconds_sum", kind="command") == 0.5
    assert told.number("ecotaxa_bot_answer_seconds_count", kind="command") == 1


def test_a_request_to_ecotaxa_is_timed_by_what_it_is_for_and_not_about_whom() -> None:
    metrics = Metrics(itertools.count(0, 0.2).__next__)

    with metrics.asking_ecotaxa("GET", "/jobs/1234/log") as asked:
        asked.answered(200)
    with metrics.asking_ecotaxa("GET", "/jobs/5678/log") as asked:
        asked.answered(503)
    with pytest.raises(OSError, match="gone"), metrics.asking_ecotaxa("GET", "/jobs/9/log"):
        raise OSError("gone")

    told, name = page(metrics), "ecotaxa_bot_ecotaxa_request_seconds_bucket"
    for status in ("2xx", "5xx", "none"):
        told_of = {"operation": "GET /jobs/{id}/log", "status": status}
        assert told.number(name, le="0.1", **told_of) == 0
        assert told.number(name, le="0.25", **told_of) == 1


def test_an_error_is_counted_for_the_peer_whose_it_is() -> None:
    metrics = Metrics()

    for error in (NotFound(), SlackBusy(1.0)):
        with pytest.raises(type(error)), metrics.errors_of("ecotaxa"):
            raise error
    metrics.database_failed(ConnectionRefusedError())

    told = page(metrics)
    assert told.number("ecotaxa_bot_errors_total") == 2
    assert told.number("ecotaxa_bot_errors_total", peer="ecotaxa", kind="NotFound") == 1
    assert told.number("ecotaxa_bot_errors_total", peer="database", kind="ConnectionRefusedError") == 1


def test_what_stands_in_the_database_is_told_as_it_was_read_and_not_guessed() -> None:
    metrics = Metrics()

    told = page(metrics, Standing(3, 12.5, {"active": 7, "rejected": 1}))
    assert told.number("ecotaxa_bot_notifications_due") == 3
    assert told.number("ecotaxa_bot_oldest_due_notification_age_seconds") == 12.5
    assert told.number("ecotaxa_bot_linked_accounts", state="active") == 7

    unread = page(metrics)
    assert math.isnan(unread.number("ecotaxa_bot_notifications_due"))
    assert math.isnan(unread.number("ecotaxa_bot_oldest_due_notification_age_seconds"))
    assert unread.number("ecotaxa_bot_linked_accounts") == 0


def test_what_can_happen_is_told_before_it_does() -> None:
    told = page(Metrics())

    assert 'requests_total{kind="command",outcome="failed"} 0.0' in told.text
    for outcome in ("sent", "found", "not_found", "postponed", "dead"):
        assert f'notifications_total{{outcome="{outcome}"}} 0.0' in told.text
    for reason in ("refused", "expired", "unreadable"):
        assert f'tokens_rejected_total{{reason="{reason}"}} 0.0' in told.text
    assert told.number("ecotaxa_bot_build_info", version=__version__) == 1


def test_two_bots_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()

    one.delivered("sent", 5)
    one.late(-0.1)

    assert page(one).number("ecotaxa_bot_notifications_total", outcome="sent") == 5
    assert page(one).number("ecotaxa_bot_event_loop_lag_seconds_sum") == 0
    assert page(other).number("ecotaxa_bot_notifications_total", outcome="sent") == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"command": "/ecotaxa", "type": "shortcut"}, "command"),
        ({"event": {}, "type": "event_callback"}, "event"),
        ({"type": "block_actions"}, "press"),
        ({"type": "block_suggestion"}, "search"),
        ({"type": "view_submission"}, "form"),
        ({"type": "message_action"}, "shortcut"),
        ({"type": "elena@lab.example"}, "other"),
        ({"type": {"a": []}}, "other"),
        ({}, "other"),
    ],
)
def test_what_kind_a_request_is_depends_on_no_word_of_its_own(body: dict[str, object], kind: str) -> None:
    assert kind_of(body) == kind

"""What a change of a job gives rise to, trigger by trigger."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.filters import Kind
from bot.jobs import Event, Job, JobState
from bot.rules.kinds import Told
from bot.rules.preferences import Preferences
from bot.rules.runs import Run, Usual
from bot.rules.triggers import TRIGGERS, Change, News, news_of, overtaken

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTES = {number: timedelta(minutes=number) for number in (1, 2, 5, 12, 30, 40)}
EVENTS = {"F": Event.FINISHED, "E": Event.FAILED, "A": Event.ASKED}


def change(
    state: str,
    was: str | None = None,
    *,
    choices: Preferences = Preferences(),  # noqa: B008  # frozen
    usual: Usual = Usual(),  # noqa: B008  # frozen
    lasted: timedelta = MINUTES[5],
    is_news: bool = True,
    **fields: Any,
) -> Change:
    raw = {"id": 7, "type": "GeneralExport", "creation_date": "2026-11-27T11:00:00", **fields}
    job = Job.parse({**raw, "state": state, "question": {"missing_users": ["ada"], "missing_taxa": []}})
    run = Run(7, job.type, 42, 1, job.state, NOW - lasted)
    event = EVENTS.get(state) if is_news else None
    return Change(job, JobState(was) if was else None, event, run, usual, NOW, choices, "look1")


def told(it: Change, kind: str) -> News | None:
    return next((news for news in news_of(it) if news.kind == kind), None)


@pytest.mark.parametrize("state", "FEA")
def test_what_happened_is_told_at_once(state: str) -> None:
    news = told(change(state, "R"), EVENTS[state])

    assert news == News(EVENTS[state], "look1/7")


@pytest.mark.parametrize("state", "FEA")
def test_what_is_no_news_or_not_wanted_is_not_told(state: str) -> None:
    others = Preferences(events=frozenset(EVENTS.values()) - {EVENTS[state]})

    assert told(change(state, "R", is_news=False), EVENTS[state]) is None
    assert told(change(state, "R", choices=others), EVENTS[state]) is None


@pytest.mark.parametrize(
    ("state", "lasted", "is_told"), [("F", 1, False), ("F", 2, True), ("E", 1, True), ("A", 1, True)]
)
def test_a_good_end_of_a_short_job_is_not_worth_a_ping(state: str, lasted: int, is_told: bool) -> None:
    it = change(state, "R", choices=Preferences(least_minutes=2), lasted=MINUTES[lasted])

    assert (told(it, EVENTS[state]) is not None) is is_told


@pytest.mark.parametrize(
    ("state", "was", "begins"),
    [
        ("P", None, True),
        ("R", None, True),
        ("P", "E", True),
        ("P", "A", True),
        ("R", "P", False),
        ("F", "R", False),
        ("A", "R", False),
    ],
)
def test_a_card_comes_once_a_job_has_gone_on_for_a_while(state: str, was: str | None, begins: bool) -> None:
    news = told(change(state, was), Told.CARD)

    assert news == (News(Told.CARD, "card/7", NOW + timedelta(seconds=20)) if begins else None)
    assert told(change(state, was, choices=Preferences(cards=False)), Told.CARD) is None


@pytest.mark.parametrize(
    ("state", "took", "after"),
    [("R", 30, 90), ("R", 1, 11), ("R", 5, 15), ("R", None, None), ("P", 30, None), ("F", 30, None)],
)
def test_a_job_is_slow_after_three_times_what_is_usual_and_ten_minutes_more(
    state: str, took: int | None, after: int | None
) -> None:
    usual = Usual(MINUTES[took] if took else None)

    news = told(change(state, "P", usual=usual), Told.SLOW)

    assert (news and news.due_at) == (after and NOW + timedelta(minutes=after))
    assert told(change(state, "P", usual=usual, choices=Preferences(slow=False)), Told.SLOW) is None


@pytest.mark.parametrize(("state", "waits", "after"), [("P", None, 30), ("P", 40, 120), ("R", 40, None)])
def test_a_wait_is_long_after_half_an_hour_or_three_times_what_is_usual(
    state: str, waits: int | None, after: int | None
) -> None:
    usual = Usual(waited=MINUTES[waits] if waits else None)

    news = told(change(state, usual=usual), Told.WAITS_LONG)

    assert (news and news.due_at) == (after and NOW + timedelta(minutes=after))


@pytest.mark.parametrize("is_news", [True, False])
def test_a_question_may_stay_unanswered_also_one_that_its_owner_knows_of(is_news: bool) -> None:
    news = told(change("A", "R", is_news=is_news), Told.UNANSWERED)

    assert news is not None
    assert news.due_at == NOW + timedelta(days=1)
    assert told(change("R", "A"), Told.UNANSWERED) is None


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({}, "2026-12-03T11:00:00+00:00"),
        ({"creation_date": "2026-11-21T11:59:00"}, None),  # it goes within a day as it is
        ({"creation_date": None}, None),
        ({"result": {"rowcount": 3}}, None),
    ],
)
def test_a_file_is_told_of_a_day_before_it_goes(fields: dict[str, Any], due: str | None) -> None:
    news = told(change("F", "R", **{"result": {"out_file": "e.zip"}, **fields}), Told.FILE_EXPIRES)

    assert (news and news.due_at) == (due and datetime.fromisoformat(due))


@pytest.mark.parametrize(
    ("state", "stays"),
    [
        ("P", {Told.CARD}),
        ("R", {Told.CARD}),
        ("A", {Event.ASKED}),
        ("E", set()),
        ("F", {Told.FILE_EXPIRES}),
        (None, set()),
    ],
)
def test_what_holds_only_while_a_job_stays_where_it_is_is_moot_once_it_moves(
    state: str | None, stays: set[str]
) -> None:
    passes = {Event.ASKED, Told.CARD, Told.SLOW, Told.WAITS_LONG, Told.UNANSWERED, Told.FILE_EXPIRES}

    assert overtaken(JobState(state) if state else None) == passes - stays


def test_whatever_is_owed_for_later_can_be_overtaken() -> None:
    usual = Usual(MINUTES[5], MINUTES[5])
    later = {
        it.kind
        for state in "PRAEF"
        for it in news_of(change(state, usual=usual, result={"out_file": "e.zip"}))
        if it.due_at
    }

    assert later <= overtaken(None)


def test_no_trigger_tells_the_same_twice() -> None:
    usual = Usual(MINUTES[5], MINUTES[5])
    for state in "PRAEF":
        once = [it.once for it in news_of(change(state, usual=usual, result={"out_file": "e.zip"}))]

        assert len(once) == len(set(once))
    assert len(TRIGGERS) == len({trigger.__name__ for trigger in TRIGGERS})


def test_kinds_are_chosen_where_places_are() -> None:
    # A kind that is not wanted is nowhere to be told: see the audience.
    it = change("F", "R", choices=Preferences(kinds=frozenset({Kind.IMPORTS})))

    assert told(it, Event.FINISHED) is not None

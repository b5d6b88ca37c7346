"""The oracle complains of everything that somebody might, and of nothing else."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from bot.jobs import Event
from bot.rules.audience import ALL
from bot.rules.preferences import Preferences, Quiet, Summary
from tests.simulation.oracle import complaints
from tests.simulation.player import Played, Shown
from tests.simulation.script import HOUR, MONDAY, Beat, Errand, Member, Mute, Script, Span

ANA = Member("p001", "Europe/Paris")
JOB = Errand(0, "p001", "GeneralExport", 3, (Beat(60, "P"), Beat(90, "R"), Beat(200, "F")))
PLACE, CHANNEL = "D0P001", "C0PLANKTON"
NIGHT = Quiet(time(0), time(3))
"""The first two hours of the script, in Paris."""
DONE = "✅ Finished · General export · #11 · project 3"
FAILED = "❌ Failed · General export · #11 · project 3"
RUNS = "▶️ Running · General export · #11 · project 3\n▓░░░░░░░░░ 10 %"
ASKS = "❓ Asks · General export · #11 · project 3"
AWAY = "⚠️ EcoTaxa does not answer. What you miss, I tell you when it does."
BACK = "✅ EcoTaxa answers again. It did not for 3 min."


def script(member: Member = ANA, errand: Errand = JOB) -> Script:
    return Script(
        MONDAY, 8 * HOUR, [member], [errand], Span(5 * HOUR, 5.05 * HOUR), Span(6 * HOUR, 6.2 * HOUR)
    )


def said(at: float, text: str, channel: str = PLACE, *, ts: str = "", thread_ts: str | None = None) -> Shown:
    return Shown(at, "posted", channel, ts or str(at), thread_ts, text, ())


def edited(at: float, text: str, ts: float | str, channel: str = PLACE) -> Shown:
    return Shown(at, "edited", channel, str(ts), None, text, ())


def wrong(*shown: Shown, member: Member = ANA, errand: Errand = JOB) -> str:
    """The only complaint; empty where there is none."""
    found = complaints(script(member, errand), Played([*shown], {0: 11}))
    assert len(found) <= 1, found
    return found[0] if found else ""


def with_(**choices: Any) -> Member:
    return replace(ANA, choices=replace(Preferences(), **choices))


def lasting(*beats: tuple[float, str]) -> Errand:
    return replace(JOB, beats=tuple(Beat(at, state) for at, state in beats))


LONG = lasting((60, "P"), (90, "R"), (2 * HOUR, "F"))


def test_a_job_told_once_in_time_leaves_nobody_to_complain() -> None:
    assert wrong(said(230, DONE)) == ""
    assert wrong(said(230, f"1 job: 1 finished\n{DONE}: 8 rows")) == ""
    assert wrong(said(700, RUNS), edited(7_300, DONE, 700.0), said(7_300, DONE), errand=LONG) == ""


def test_what_is_not_told_late_or_twice_is_complained_of() -> None:
    assert "was not told" in wrong()
    assert "not by" in wrong(said(3_000, DONE))
    assert "for nothing, or twice" in wrong(said(230, DONE), said(260, DONE))
    assert "whose it is not" in wrong(said(230, DONE), said(231, DONE, "D0P002"))


def test_a_message_that_begins_as_a_card_tells_nothing_and_one_that_begins_at_the_end_does() -> None:
    assert "was not told" in wrong(said(700, RUNS), edited(7_300, DONE, 700.0), errand=LONG)
    assert "twice" in wrong(said(700, RUNS), said(7_300, DONE), said(7_301, DONE), errand=LONG)


def test_a_question_is_told_before_the_end_and_in_order() -> None:
    asking = lasting((60, "P"), (90, "R"), (200, "A"), (4_000, "P"), (4_100, "R"), (4_200, "F"))
    assert wrong(said(230, ASKS), said(4_230, DONE), errand=asking) == ""
    assert "A of 200 was not told" in wrong(said(4_230, DONE), errand=asking)


def test_a_question_that_had_its_answer_before_it_could_be_told_is_told_no_more() -> None:
    asked, later = with_(quiet=NIGHT, cards=False), 2 * HOUR + 10
    answered = lasting((60, "P"), (90, "R"), (200, "A"), (4_000, "P"), (4_100, "R"), (7 * HOUR, "F"))
    open_still = lasting((60, "P"), (90, "R"), (200, "A"))
    end = said(7 * HOUR + 9, DONE)
    assert "answered at 4000" in wrong(said(later, ASKS), end, member=asked, errand=answered)
    assert wrong(end, member=asked, errand=answered) == ""
    assert wrong(said(later, ASKS), member=asked, errand=open_still) == ""
    assert "A of 200 was not told" in wrong(member=asked, errand=open_still)


def test_in_one_digest_a_job_has_its_last_state_alone() -> None:
    retried = lasting((60, "P"), (90, "R"), (200, "E"), (2_000, "P"), (2_100, "R"), (2_200, "F"))
    quiet = with_(quiet=NIGHT)
    assert wrong(said(2 * HOUR, DONE), member=quiet, errand=retried) == ""
    assert "E of 200 was not told" in wrong(said(2_230, DONE), errand=retried)
    assert wrong(said(230, FAILED), said(2_230, DONE), errand=retried) == ""


def test_quiet_hours_and_mutes_hold_back_and_no_longer_than_they_last() -> None:
    quiet = with_(quiet=NIGHT)
    assert wrong(said(2 * HOUR, DONE), member=quiet) == ""
    assert "in their quiet" in wrong(said(230, DONE), member=quiet)
    assert "not by" in wrong(said(3 * HOUR, DONE), member=quiet)

    muted = replace(ANA, mutes=(Mute(ALL, Span(0, HOUR)),))
    assert wrong(said(HOUR + 30, DONE), member=muted) == ""
    assert "in their quiet" in wrong(said(230, DONE), member=muted)


@pytest.mark.parametrize(
    "member",
    [
        with_(events=frozenset({Event.FAILED})),
        with_(least_minutes=60),
        with_(kinds=frozenset({"imports"})),
        replace(ANA, mutes=(Mute("project:3", Span(0, 9 * HOUR)),)),
    ],
)
def test_what_a_person_does_not_want_is_not_to_be_told(member: Member) -> None:
    assert wrong(member=member) == ""
    assert "for nothing" in wrong(said(230, DONE), member=member)


@pytest.mark.parametrize("whose", ["<@U0P001>", "*Person of the crowd 1*"])
def test_a_channel_hears_it_once_however_many_rules_agree(whose: str) -> None:
    row = f"{whose} {DONE}"
    both = replace(ANA, channels=((CHANNEL, None), (CHANNEL, 3), ("C0GENERAL", 4)))
    assert wrong(said(230, DONE), said(230, row, CHANNEL), member=both) == ""
    assert "twice" in wrong(said(230, DONE), said(230, row, CHANNEL), said(231, row, CHANNEL), member=both)
    assert "for nothing" in wrong(
        said(230, DONE), said(230, row, CHANNEL), said(230, row, "C0GENERAL"), member=both
    )
    alone = replace(with_(direct=False), channels=((CHANNEL, 3),))
    assert wrong(said(230, row, CHANNEL), member=alone) == ""
    assert "for nothing" in wrong(said(230, DONE), said(230, row, CHANNEL), member=alone)


def test_cards_come_to_who_wants_them_once() -> None:
    end = said(7_230, DONE)
    assert "no card" in wrong(end, errand=LONG)
    assert "2 cards" in wrong(said(700, RUNS), said(730, RUNS), end, errand=LONG)
    assert "wants no cards" in wrong(said(700, RUNS), end, errand=LONG, member=with_(cards=False))
    assert wrong(end, errand=LONG, member=with_(cards=False)) == ""


def test_threads_are_those_of_the_jobs_card_and_of_who_wants_them() -> None:
    card, threaded = said(700, RUNS), said(7_230, DONE, thread_ts="700")
    assert wrong(replace(card, ts="700"), threaded, errand=LONG, member=with_(in_thread=True)) == ""
    assert "wants no threads" in wrong(replace(card, ts="700"), threaded, errand=LONG)
    assert "something else" in wrong(
        card, replace(threaded, thread_ts="1"), errand=LONG, member=with_(in_thread=True)
    )


def test_slow_is_said_once_of_what_is() -> None:
    slow = f"{RUNS}\n🐢 It takes longer than usual: such jobs take about 6 min."
    card, end = said(700, RUNS), said(7_230, DONE)
    assert wrong(card, said(3_600, slow), end, errand=LONG) == ""
    assert "twice" in wrong(card, said(3_600, slow), said(3_700, slow), end, errand=LONG)
    assert "slow after" in wrong(said(95, slow), said(230, DONE))
    assert "does not want" in wrong(card, said(3_600, slow), end, errand=LONG, member=with_(slow=False))


def test_ecotaxas_absence_is_told_once_to_who_waits_and_so_is_its_return() -> None:
    waiting = lasting((4.9 * HOUR, "P"), (4.91 * HOUR, "R"))
    card, away = said(17_700, RUNS), said(18_130, AWAY)
    assert wrong(card, away, edited(18_200, BACK, 18_130), errand=waiting) == ""
    assert "not told that EcoTaxa is back" in wrong(card, away, errand=waiting)
    assert "waits for nothing" in wrong(said(230, DONE), away, edited(18_200, BACK, 18_130))


def test_what_fell_into_the_outage_comes_after_it() -> None:
    down = 6 * HOUR
    failed = lasting((60, "P"), (down - 90, "R"), (down + 60, "E"))
    slack_back = 6.2 * HOUR
    waits = said(
        1_900, "⏳ Waiting · General export · #11 · project 3\n⏳ It has waited for its turn for 31 min"
    )
    card = said(700, RUNS)
    assert wrong(card, waits, said(slack_back + 30, FAILED), errand=failed) == ""
    assert "while Slack was away" in wrong(card, waits, said(down + 90, FAILED), errand=failed)


def test_a_message_that_nobody_understands_is_odd() -> None:
    assert "nobody expects" in wrong(said(230, DONE), said(240, "Hello."))


def test_a_long_wait_is_foretold() -> None:
    waiting = lasting((60, "P"), (3 * HOUR, "R"), (3 * HOUR + 60, "F"))
    card = said(700, "⏳ Waiting · General export · #11 · project 3\nwaiting for its turn")
    told = said(
        1_900, "⏳ Waiting · General export · #11 · project 3\n⏳ It has waited for its turn for 31 min"
    )
    end = said(3 * HOUR + 90, DONE)
    assert wrong(card, told, end, errand=waiting) == ""
    assert "nobody told" in wrong(card, end, errand=waiting)


def test_a_summary_comes_in_the_morning_to_who_wants_one() -> None:
    daily = with_(summary=Summary.DAILY)
    seven = replace(daily, zone="Asia/Kolkata")
    done, at_nine = said(230, DONE), said(3.5 * HOUR, "Your day: 1 finished")
    assert wrong(done, at_nine, member=seven) == ""
    assert "got their summary at" in wrong(done, at_nine, member=daily)
    assert "wants no summary" in wrong(done, at_nine)

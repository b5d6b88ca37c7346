"""The judge complains of whatever may go wrong, and of nothing else."""

from dataclasses import replace

from tests.chaos.judge import Row, Shown, judge

IM = "D0P001"
OWED, LAST = {(7, IM): "EF"}, {7: "F"}
ROWS = [
    Row(1, "card", "card", 7, IM, "sent"),
    Row(2, "failed", "failed", 7, IM, "sent"),
    Row(3, "ended", "finished", 7, IM, "sent"),
]


def said(ts: str, text: str, *keys: str, what: str = "posted") -> Shown:
    return Shown(what, IM, ts, f"{text} · General export · #7 · project 1", keys)


CARD = said("1", "▶️ Running", "card")
FAILED = said("2", "❌ Failed", "failed")
ENDED = said("3", "✅ Finished", "ended")
CARD_NOW = said("1", "✅ Finished", "card", what="edited")
SHOWN = [CARD, FAILED, ENDED, CARD_NOW]


def test_when_all_was_told_once_and_in_order_nobody_complains() -> None:
    verdict = judge(OWED, LAST, ROWS, SHOWN)

    assert (verdict.complaints, verdict.owed) == ([], 3)


def test_what_is_not_in_slack_is_lost_whatever_the_books_say() -> None:
    assert len(judge(OWED, LAST, ROWS, [CARD, ENDED, CARD_NOW]).lost) == 1


def test_what_the_books_never_had_is_lost() -> None:
    verdict = judge(OWED, LAST, [ROWS[0], ROWS[2]], [CARD, ENDED, CARD_NOW])

    assert verdict.lost == ["#7 came to 'EF', and 'F' was told in D0P001"]


def test_a_question_that_was_answered_before_it_was_told_is_not_missed() -> None:
    asked = Row(2, "asked", "asked", 7, IM, "dropped", "overtaken")
    owed, shown = {(7, IM): "AF"}, [CARD, ENDED, CARD_NOW]

    assert judge(owed, LAST, [ROWS[0], asked, ROWS[2]], shown).complaints == []
    lost = replace(asked, reason="not wanted")
    assert len(judge(owed, LAST, [ROWS[0], lost, ROWS[2]], shown).lost) == 1


def test_what_waits_in_the_books_at_the_end_is_lost() -> None:
    rows = [*ROWS[:2], replace(ROWS[2], state="sending")]

    assert len(judge(OWED, LAST, rows, SHOWN).lost) == 2


def test_the_same_in_two_messages_is_twice() -> None:
    assert len(judge(OWED, LAST, ROWS, [*SHOWN, said("4", "✅ Finished", "ended")]).twice) == 1


def test_a_message_that_nobody_owed_is_complained_of() -> None:
    assert len(judge(OWED, LAST, ROWS, [*SHOWN, said("4", "✅ Finished", "another")]).other) == 1


def test_a_later_state_that_is_told_first_is_out_of_order() -> None:
    assert len(judge(OWED, LAST, ROWS, [CARD, ENDED, FAILED, CARD_NOW]).out_of_order) == 1


def test_a_card_that_stands_still_is_not_true() -> None:
    assert len(judge(OWED, LAST, ROWS, [CARD, FAILED, ENDED]).other) == 1

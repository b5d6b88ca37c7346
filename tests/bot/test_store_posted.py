"""What was posted: changed, edited in, found again; and what was owed for later."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from bot.jobs import Event
from bot.links import Link, Person
from bot.rules.kinds import CAN_WAIT, Told
from bot.store import Changes, NewNotice, Notice, NoticeState, Store
from bot.transitions import Snapshot

Linked = Callable[..., Awaitable[Link]]
Owe = Callable[..., Awaitable[None]]
Query = Callable[..., Awaitable[list[Any]]]
LEASE = timedelta(minutes=1)
SOON = timedelta(seconds=20)
DAYS = count(1)
"""Each look at an account comes later than the one before."""


@pytest.fixture
def owe(store: Store, linked: Linked, now: datetime) -> Owe:
    """Owe somebody a notice; whoever has no link gets one that nobody looks at."""

    async def owe(
        person: Person, key: str, kind: str = Event.FINISHED, job_id: int = 5, **fields: Any
    ) -> None:
        payload = fields.pop("payload", {"words": "first"})
        if not await store.link_marks([person.key]):
            await linked(person, {"UADA": 7}.get(person.user_id, 8), at=now + timedelta(days=10_000))
        await store.owe(NewNotice(key, person, kind, job_id, payload, **fields), now)

    return owe


async def send(store: Store, now: datetime, ts: str = "1.1", at: datetime | None = None) -> Notice:
    (notice,) = await store.claim_notices(now, LEASE, 1)
    await store.mark_sent(notice, "D1", ts, at or now)
    return notice


async def change(store: Store, person: Person, changes: Changes, now: datetime) -> None:
    """Record a look that changes this."""
    account = (await store.claim_accounts(now + timedelta(days=next(DAYS)), LEASE, 1))[0]
    version = account.links[0].version
    assert await store.record_look(person, version, Snapshot(), [], now, changes)


async def test_a_card_that_was_sent_is_edited_once_its_job_moves(
    store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await owe(ada, "card", Told.CARD)
    sent = await send(store, now)
    assert await store.claim_stale(now, LEASE, 5) == []

    await change(store, ada, Changes(cards={5: {"words": "second"}, 6: {"words": "another's"}}), now)

    assert await store.claim_notices(now, LEASE, 5) == [], "what stands there is not posted again"
    (stale,) = await store.claim_stale(now, LEASE, 5)
    assert (stale.id, stale.payload, stale.channel, stale.ts) == (sent.id, {"words": "second"}, "D1", "1.1")
    assert await store.claim_stale(now, LEASE, 5) == [], "somebody is at it"
    await store.mark_edited(stale, now)
    assert await store.claim_stale(now + 2 * LEASE, LEASE, 5) == []


async def test_what_changes_while_it_is_edited_is_edited_again(
    store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await owe(ada, "card", Told.CARD)
    await send(store, now)
    await change(store, ada, Changes(cards={5: {"words": "second"}}), now)
    (stale,) = await store.claim_stale(now, LEASE, 5)

    await change(store, ada, Changes(cards={5: {"words": "third"}}), now)
    await store.mark_edited(stale, now)

    (again,) = await store.claim_stale(now, LEASE, 5)
    assert again.payload == {"words": "third"}


async def test_what_changes_while_it_is_sent_is_edited_afterwards(
    store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await owe(ada, "card", Told.CARD)
    (sending,) = await store.claim_notices(now, LEASE, 1)

    await change(store, ada, Changes(cards={5: {"words": "second"}}), now)
    await store.mark_sent(sending, "D1", "1.1", now)

    (stale,) = await store.claim_stale(now, LEASE, 5)
    assert stale.payload == {"words": "second"}


async def test_a_process_that_lost_its_claim_of_an_edit_says_nothing_any_more(
    store: Store, other_store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await owe(ada, "card", Told.CARD)
    await send(store, now)
    await change(store, ada, Changes(cards={5: {"words": "second"}}), now)
    (lost,) = await store.claim_stale(now, LEASE, 5)
    (held,) = await other_store.claim_stale(now + LEASE, LEASE, 5)

    await store.mark_edited(lost, now)
    await store.edit_later(lost, now)

    assert await store.claim_stale(now + LEASE, LEASE, 5) == []
    await other_store.edit_later(held, now + SOON)
    assert len(await other_store.claim_stale(now + SOON, LEASE, 5)) == 1


async def test_a_message_that_is_gone_is_not_edited(
    store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await owe(ada, "card", Told.CARD)
    await store.mark_gone(await send(store, now), "deleted")

    await change(store, ada, Changes(cards={5: {"words": "second"}}), now)

    assert await store.claim_stale(now, LEASE, 5) == []
    assert await store.find_card(ada, "", 5) is None


async def test_failures_are_edited_before_progress(
    store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await owe(ada, "card", Told.CARD)
    await send(store, now)
    await owe(ada, "silence", Told.UNREACHABLE, None)
    await send(store, now)
    texts = {"silence": {"words": "over"}}

    await change(store, ada, Changes(cards={5: {"words": "second"}}, texts=texts), now)

    (first,) = await store.claim_stale(now, LEASE, 1)
    assert first.kind == Told.UNREACHABLE


# For later.


async def test_what_is_for_later_waits_and_holds_up_nothing(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "later", Told.SLOW, later=now + SOON)
    await owe(ada, "now")

    assert (await send(store, now)).key == "now"
    assert await store.claim_notices(now, LEASE, 5) == []
    assert (await send(store, now + SOON)).key == "later"


async def test_what_was_overtaken_is_never_sent(
    store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await owe(ada, "slow", Told.SLOW, later=now + SOON)
    await owe(ada, "card", Told.CARD, later=now + SOON)
    await owe(ada, "other", Told.SLOW, 6, later=now + SOON)

    await change(store, ada, Changes(overtaken={5: {Told.SLOW}}), now)

    due = await store.claim_notices(now + SOON, LEASE, 5)
    assert [it.key for it in due] == ["card", "other"]
    dropped = await store.find_notice("slow")
    assert dropped is not None
    assert (dropped.state, dropped.reason) == (NoticeState.DROPPED, "overtaken")


async def test_a_card_that_was_overtaken_may_be_owed_again_and_nothing_else(
    store: Store, owe: Owe, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    for kind in (Told.CARD, Told.SLOW):
        await owe(ada, kind, kind, later=now + SOON)
    await change(store, ada, Changes(overtaken={5: {Told.CARD, Told.SLOW}}), now)

    for kind in (Told.CARD, Told.SLOW):
        await owe(ada, kind, kind, later=now + SOON, payload={"words": "again"})

    (card,) = await store.claim_notices(now + SOON, LEASE, 5)
    assert (card.kind, card.payload) == (Told.CARD, {"words": "again"})


async def test_a_card_that_was_sent_is_not_owed_again(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "card", Told.CARD)
    await send(store, now)

    await owe(ada, "card", Told.CARD, later=now)

    assert await store.claim_notices(now, LEASE, 5) == []


async def test_a_plan_takes_the_place_of_the_one_before(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    plans = [NewNotice(f"plan {n}", ada, Told.SUMMARY, None, {}, later=now + n * SOON) for n in (1, 2)]
    for plan in plans:
        await store.plan(ada, Told.SUMMARY, plan, now)

    assert [it.key for it in await store.claim_notices(now + 2 * SOON, LEASE, 5)] == ["plan 2"]
    await store.plan(ada, Told.SUMMARY, plans[0], now)
    await store.plan(ada, Told.SUMMARY, None, now)
    assert await store.claim_notices(now + 9 * LEASE, LEASE, 5) == []


# Held, and together.


async def test_what_was_held_comes_in_its_time_together(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    for number in range(3):
        await owe(ada, f"k{number}", job_id=number)
        (notice,) = await store.claim_notices(now, LEASE, 5)
        await store.mark_held(notice, now + LEASE, "held")
    await owe(ada, "said", "said")
    assert (await send(store, now)).key == "said", "what is held holds up nothing"

    later = now + LEASE
    (first,) = await store.claim_notices(later, LEASE, 5)
    company = await store.claim_company(first, later, LEASE, 50)

    assert [it.key for it in (first, *company)] == ["k0", "k1", "k2"]
    assert {it.reason for it in (first, *company)} == {"held"}
    assert not any(it.must_reconcile for it in company)
    assert await store.claim_notices(later, LEASE, 5) == []


async def test_who_changes_their_mind_has_what_is_held_decided_anew(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    for person in (ada, bob):
        await owe(person, person.user_id)
        (notice,) = await store.claim_notices(now, LEASE, 5)
        await store.mark_held(notice, now + timedelta(hours=9), "held")

    await store.look_at_held(ada, now)

    assert [it.key for it in await store.claim_notices(now, LEASE, 5)] == [ada.user_id]


async def test_company_is_what_is_due_at_the_same_place_and_nothing_that_may_have_arrived(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    await owe(ada, "first")
    await owe(ada, "doubt", job_id=6)
    await owe(ada, "channel", job_id=7, place="C1")
    await owe(ada, "card", Told.CARD, 8)
    await owe(ada, "later", Told.SLOW, 9, later=now + SOON)
    await owe(bob, "another's")
    first, *others = await store.claim_notices(now, LEASE, 9)
    assert [it.key for it in (first, *others)] == ["first", "channel", "another's"]

    company = await store.claim_company(first, now, LEASE, 50)

    assert [it.key for it in company] == ["doubt"]
    await store.mark_uncertain(company[0], now)
    assert await store.claim_company(first, now, LEASE, 50) == []


async def test_each_place_has_an_order_of_its_own(store: Store, owe: Owe, ada: Person, now: datetime) -> None:
    for number in range(2):
        for place in ("", "C1", "C2"):
            await owe(ada, f"{place} {number}", job_id=number, place=place)

    due = await store.claim_notices(now, LEASE, 9)
    assert [it.key for it in due] == [" 0", "C1 0", "C2 0"]
    await store.mark_delayed(due[1], now + SOON)
    for notice in (due[0], due[2]):
        await store.mark_sent(notice, "D1", "1", now)

    assert [it.key for it in await store.claim_notices(now, LEASE, 9)] == [" 1", "C2 1"]


async def test_who_is_needed_is_told_first(store: Store, owe: Owe, linked: Linked, now: datetime) -> None:
    kinds = (Told.CARD, Event.FINISHED, Event.FAILED, Event.ASKED)
    for number, kind in enumerate(kinds):
        await owe(Person(None, "T1", f"U{number}"), kind, kind)

    claimed = [(await store.claim_notices(now, LEASE, 1))[0].key for _ in kinds]

    assert claimed == [*reversed(kinds)]


async def test_a_card_that_slack_put_off_holds_up_no_ping(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "card", Told.CARD, 1, later=now)
    (card,) = await store.claim_notices(now, LEASE, 5)
    await store.mark_delayed(card, now + LEASE)
    await owe(ada, "ping", job_id=2)

    assert [it.key for it in await store.claim_notices(now, LEASE, 5)] == ["ping"]


async def test_cards_let_pings_go_ahead_and_are_left_out_where_wanted(
    store: Store, owe: Owe, ada: Person, now: datetime
) -> None:
    await owe(ada, "card", Told.CARD, 1, later=now)
    await owe(ada, "ping", job_id=2)

    (ping,) = await store.claim_notices(now, LEASE, 1, CAN_WAIT - 1)
    assert ping.key == "ping"
    await store.mark_sent(ping, "D1", "1.1", now)
    assert await store.claim_notices(now, LEASE, 9, CAN_WAIT - 1) == []
    assert [it.key for it in await store.claim_notices(now, LEASE, 9)] == ["card"]


# Found again.


async def test_the_last_ping_is_found_for_as_long_as_news_may_join_it(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    await owe(ada, "old", job_id=1)
    await send(store, now, "1.0", now - LEASE)
    await owe(ada, "card", Told.CARD, 2)
    await send(store, now, "1.2")
    await owe(ada, "reply", job_id=3)
    (reply,) = await store.claim_notices(now, LEASE, 1)
    await store.mark_sent(reply, "D1", "1.3", now, "1.2")

    assert await store.last_ping(ada, "", now - SOON, now) is None
    found = await store.last_ping(ada, "", now - LEASE, now)
    assert found is not None
    assert found.key == "old"
    assert await store.last_ping(ada, "C1", now - LEASE, now) is None
    assert await store.last_ping(bob, "", now - LEASE, now) is None


async def test_one_message_may_tell_several_things(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    for number in range(2):
        await owe(ada, f"k{number}", job_id=number)
        await send(store, now, "7.7")
    await owe(ada, "apart", job_id=9)
    await send(store, now, "8.8")

    assert [it.key for it in await store.notices_of_message(ada, "D1", "7.7")] == ["k0", "k1"]
    assert await store.notices_of_message(bob, "D1", "7.7") == []
    assert [it.person for it in await store.notices_at("D1", "8.8")] == [ada]
    assert await store.notices_at("D1", "9.9") == []


async def test_the_card_of_a_job_is_found_where_it_stands(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    await owe(ada, "card", Told.CARD)
    assert await store.find_card(ada, "", 5) is None, "it is not there yet"
    await send(store, now)

    found = await store.find_card(ada, "", 5)
    assert found is not None
    assert found.ts == "1.1"
    assert await store.find_card(ada, "C1", 5) is None
    assert [it.key for it in await store.find_cards([ada, bob], [5, 6])] == ["card"]
    assert await store.find_cards([bob], [5]) == []


# A silent EcoTaxa.


async def test_a_silence_that_is_over_is_told_to_those_alone_who_heard_of_it(
    store: Store, owe: Owe, ada: Person, bob: Person, now: datetime
) -> None:
    since = {"since": now.isoformat()}
    await owe(ada, "told", Told.UNREACHABLE, None, payload=since)
    await send(store, now)
    await owe(bob, "not yet", Told.UNREACHABLE, None, payload=since, later=now + LEASE)

    await store.end_silence([ada, bob], now + SOON)

    (stale,) = await store.claim_stale(now + SOON, LEASE, 5)
    assert (stale.key, stale.payload["until"]) == ("told", (now + SOON).isoformat())
    assert await store.claim_notices(now + 9 * LEASE, LEASE, 5) == []
    await store.mark_edited(stale, now)
    await store.end_silence([ada], now + LEASE)
    assert await store.claim_stale(now + LEASE, LEASE, 5) == [], "it is over once"


async def test_one_process_at_a_time_is_at_a_place_also_where_an_earlier_notice_comes_late(
    store: Store, other_store: Store, owe: Owe, query: Query, ada: Person, now: datetime
) -> None:
    await owe(ada, "late", job_id=1)
    await owe(ada, "under way", job_id=2)
    # As if the transaction that owes the first one had ended after the second was claimed.
    await query("UPDATE notices SET due_at = NULL WHERE key = 'late'")
    (sending,) = await store.claim_notices(now, LEASE, 5)
    await query(
        "UPDATE notices SET due_at = (SELECT created_at FROM notices WHERE key = 'late') WHERE key = 'late'"
    )

    assert await other_store.claim_notices(now, LEASE, 5) == []
    await store.mark_sent(sending, "D1", "1.1", now)

    assert [it.key for it in await other_store.claim_notices(now, LEASE, 5)] == ["late"]

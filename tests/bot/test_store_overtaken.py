"""What is owed about a job, once something else has happened to it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from bot.links import Link, Person
from bot.rules.kinds import Told
from bot.store import OVERTAKEN, Changes, NewNotice, Notice, NoticeState, Store
from bot.transitions import Snapshot

Linked = Callable[..., Awaitable[Link]]
Look = Callable[..., Awaitable[None]]
LEASE = timedelta(minutes=1)
ENDED = Changes(cards={5: {"n": 2}}, overtaken={5: frozenset({Told.CARD, Told.SLOW})})
GOES_ON = Changes(cards={5: {"n": 3}}, overtaken={5: frozenset({Told.SLOW})})


@pytest.fixture
def look(store: Store, linked: Linked, ada: Person, now: datetime) -> Look:
    """Record what a look at Ada's account owes, and changes of what was owed before."""
    moments = iter(range(1, 100))

    async def look(*owed: NewNotice, changes: Changes = Changes()) -> None:  # noqa: B008  # frozen
        await linked(ada)
        later = now + timedelta(days=next(moments))
        [account] = await store.claim_accounts(later, LEASE, 100)
        [watched] = account.links
        assert await store.record_look(ada, watched.version, Snapshot(), owed, now, changes)

    return look


async def known(store: Store) -> Notice:
    notice = await store.find_notice("card/5")
    assert notice is not None
    return notice


async def test_what_was_never_tried_is_dropped(store: Store, look: Look, ada: Person, now: datetime) -> None:
    await look(NewNotice("card/5", ada, Told.CARD, 5, {"n": 1}, later=now + LEASE))

    await look(changes=ENDED)

    notice = await known(store)
    assert (notice.state, notice.reason) == (NoticeState.DROPPED, OVERTAKEN)
    assert await store.claim_notices(now + 2 * LEASE, LEASE, 10) == []


async def test_what_was_tried_may_be_there_so_that_whoever_tries_again_is_told(
    store: Store, look: Look, ada: Person, now: datetime
) -> None:
    await look(NewNotice("card/5", ada, Told.CARD, 5, {"n": 1}, later=now))
    [claimed] = await store.claim_notices(now, LEASE, 10)
    await store.mark_uncertain(claimed, now)

    await look(changes=ENDED)

    [again] = await store.claim_notices(now, LEASE, 10)
    assert (again.must_reconcile, again.reason, again.payload) == (True, OVERTAKEN, {"n": 2})


async def test_a_card_whose_job_goes_on_after_all_is_wanted_again(
    store: Store, look: Look, ada: Person, now: datetime
) -> None:
    await look(NewNotice("card/5", ada, Told.CARD, 5, {"n": 1}, later=now))
    [claimed] = await store.claim_notices(now, LEASE, 10)
    await store.mark_delayed(claimed, now)

    await look(changes=ENDED)
    await look(changes=GOES_ON)

    [again] = await store.claim_notices(now, LEASE, 10)
    assert (again.reason, again.payload) == (None, {"n": 3})


async def test_what_was_sent_is_changed_where_it_stands(
    store: Store, look: Look, ada: Person, now: datetime
) -> None:
    await look(NewNotice("card/5", ada, Told.CARD, 5, {"n": 1}, later=now))
    [claimed] = await store.claim_notices(now, LEASE, 10)
    await store.mark_sent(claimed, "D1", "1.0", now)

    await look(changes=ENDED)

    [stale] = await store.claim_stale(now, LEASE, 10)
    assert (stale.state, stale.reason, stale.payload) == (NoticeState.STALE, None, {"n": 2})


async def test_what_is_overtaken_while_it_is_claimed_is_not_held_for_later(
    store: Store, look: Look, ada: Person, now: datetime
) -> None:
    await look(NewNotice("card/5", ada, Told.CARD, 5, {"n": 1}, later=now))
    [claimed] = await store.claim_notices(now, LEASE, 10)

    await look(changes=ENDED)
    await store.mark_held(claimed, now + LEASE, "held")

    notice = await known(store)
    assert (notice.state, notice.reason) == (NoticeState.DROPPED, OVERTAKEN)
    assert await store.claim_notices(now + 2 * LEASE, LEASE, 10) == []

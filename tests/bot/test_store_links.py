import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.errors import TicketUsed, TokenUnreadable
from bot.jobs import JobState
from bot.links import Link, LinkState, Person, Token
from bot.store import NewNotice, NoticeState, Pick, Store
from bot.transitions import Seen, Snapshot
from bot.vault import Vault

Linked = Callable[..., Awaitable[Link]]
Query = Callable[..., Awaitable[list[Any]]]

LEASE = timedelta(minutes=1)
SEEN = Snapshot({5: Seen(JobState.RUNNING, "")}, newest=5)


async def see(store: Store, person: Person, now: datetime, *keys: str) -> None:
    """Have the person's account looked at, and owe them a notice for each key."""
    (account,) = await store.claim_accounts(now, LEASE, 10)
    (watched,) = [w for w in account.links if w.link.person == person]
    owed = [NewNotice(key, person, "finished", 5, {}) for key in keys]
    assert await store.record_look(person, watched.version, SEEN, owed, now)


async def test_somebody_unknown_has_no_link(store: Store, ada: Person) -> None:
    assert await store.find_link(ada) is None


async def test_a_link_comes_back_as_it_was_saved(store: Store, bob: Person, now: datetime) -> None:
    paris = timezone(timedelta(hours=2))
    issued_at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=paris)
    link = Link(bob, Token("a.b.c", 7, issued_at), "Bob", "bob@example.org", LinkState.REJECTED)

    await store.save_link(link, now)

    found = await store.find_link(bob)
    assert found == replace(link, state=LinkState.ACTIVE)
    assert found.token.issued_at.tzinfo is UTC


async def test_what_no_database_takes_of_a_name_is_marked_and_the_rest_kept(
    store: Store, ada: Person, now: datetime
) -> None:
    await store.save_link(Link(ada, Token("a.b.c", 7, now), "Ad\x00a \ud800L.", "ada@example.org"), now)

    found = await store.find_link(ada)
    assert found is not None
    assert found.name == "Ad\N{REPLACEMENT CHARACTER}a \N{REPLACEMENT CHARACTER}L."


async def test_the_same_user_id_in_another_workspace_is_somebody_else(
    store: Store, linked: Linked, ada: Person
) -> None:
    await linked(ada)

    assert await store.find_link(replace(ada, team_id="T9")) is None


async def test_a_token_is_never_stored_in_clear(linked: Linked, query: Query, ada: Person) -> None:
    await linked(ada, secret="very.secret.token")

    rows = await query("SELECT * FROM links")
    assert len(rows) == 1
    assert "very.secret.token" not in str(rows)


async def test_a_token_whose_key_is_gone_says_so(
    linked: Linked, database_url: str, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    rekeyed = Store.open(database_url, Vault([Vault.new_key()]))
    await rekeyed.save_link(Link(bob, Token("new", 7, now), "", ""), now)

    with pytest.raises(TokenUnreadable):
        await rekeyed.find_link(ada)
    (account,) = await rekeyed.claim_accounts(now, LEASE, 10)

    assert [watched.link.person for watched in account.links] == [bob]
    assert not await rekeyed.reject_link(ada, "secret", now)
    await rekeyed.close()


async def test_a_new_token_for_the_same_account_keeps_what_was_seen_and_owed(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, secret="old")
    await see(store, ada, now, "owed")
    await store.reject_link(ada, "old", now)

    later = now + timedelta(days=3)
    await linked(ada, secret="new", at=later)

    (account,) = await store.claim_accounts(later, LEASE, 10)
    assert account.links[0].link.token.secret == "new"
    assert account.links[0].snapshot == SEEN
    (notice,) = await store.claim_notices(later, LEASE, 10)
    assert notice.key == "owed"


async def test_another_account_forgets_what_was_seen_and_drops_what_was_owed(
    store: Store, linked: Linked, query: Query, ada: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await see(store, ada, now, "owed")

    await linked(ada, 8)

    (account,) = await store.claim_accounts(now, LEASE, 10)
    assert account.ecotaxa_user_id == 8
    assert account.links[0].snapshot is None
    assert await store.claim_notices(now, LEASE, 10) == []
    dropped = await store.find_notice("owed")
    assert dropped is not None
    assert dropped.state is NoticeState.DROPPED
    assert await query("SELECT ecotaxa_user_id FROM accounts") == [(8,)]


async def test_a_forgotten_link_leaves_only_what_was_sent(
    store: Store, linked: Linked, query: Query, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await see(store, ada, now, "sent", "owed")
    (sent,) = await store.claim_notices(now, LEASE, 10)
    await store.mark_sent(sent, "D1", "1.2", now)
    await store.save_picks(ada, 5, {("user", "bob"): Pick(1, "Bob")}, now)
    await store.remember_users(ada, {"bob": Pick(1, "Bob")}, now)

    await store.forget_link(ada)

    assert await store.find_link(ada) is None
    assert await store.find_notice("owed") is None
    assert [notice.key for notice in await store.notices_of_job(ada, 5)] == ["sent"]
    for table in ("links", "accounts", "picks", "remembered_users"):
        assert await query(f"SELECT * FROM {table}") == []


async def test_forgetting_somebody_unknown_is_no_error(store: Store, ada: Person) -> None:
    await store.forget_link(ada)

    assert await store.find_link(ada) is None


async def test_an_account_stays_while_somebody_else_is_linked_to_it(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await linked(bob, 7)
    (account,) = await store.claim_accounts(now, LEASE, 10)
    assert {watched.link.person for watched in account.links} == {ada, bob}

    await store.forget_link(ada)

    (account,) = await store.claim_accounts(now + LEASE, LEASE, 10)
    assert [watched.link.person for watched in account.links] == [bob]


async def test_a_rejected_token_is_told_once_and_pauses_the_watching(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, secret="old")

    assert await store.reject_link(ada, "old", now)
    assert not await store.reject_link(ada, "old", now)

    link = await store.find_link(ada)
    assert link is not None
    assert link.state is LinkState.REJECTED
    assert await store.count_due(now) == 0
    (notice,) = await store.claim_notices(now, LEASE, 10)
    assert (notice.kind, notice.person, notice.job_id) == ("token_rejected", ada, None)
    await store.mark_sent(notice, "D1", "1.2", now)
    assert await store.claim_notices(now, LEASE, 10) == []


async def test_a_token_that_was_replaced_meanwhile_rejects_nothing(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada, secret="new")

    assert not await store.reject_link(ada, "old", now)
    assert not await store.reject_link(bob, "old", now)

    assert await store.count_due(now) == 1
    assert await store.claim_notices(now, LEASE, 10) == []


async def test_each_link_that_ends_is_told_and_one_renewed_in_time_is_not(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada, secret="first")
    await store.reject_link(ada, "first", now)
    await linked(ada, secret="second")
    assert await store.claim_notices(now, LEASE, 10) == []

    await store.reject_link(ada, "second", now)

    assert len(await store.claim_notices(now, LEASE, 10)) == 1


async def test_two_processes_reject_a_token_once(
    store: Store, other_store: Store, linked: Linked, query: Query, ada: Person, now: datetime
) -> None:
    await linked(ada)

    changed = await asyncio.gather(
        *(some.reject_link(ada, "secret", now) for some in (store, other_store) for _ in range(4))
    )

    assert sum(changed) == 1
    assert await query("SELECT count(*) FROM notices WHERE kind = 'token_rejected'") == [(1,)]


async def test_two_first_links_at_once_make_one(
    store: Store, other_store: Store, query: Query, ada: Person, now: datetime
) -> None:
    link = Link(ada, Token("a.b.c", 7, now), "", "")

    await asyncio.gather(*(some.save_link(link, now) for some in (store, other_store) * 4))

    assert await query("SELECT person_key, ecotaxa_user_id FROM links") == [(ada.key, 7)]


async def test_an_account_is_never_lost_to_a_link_that_comes_while_another_goes(
    store: Store, other_store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    link = Link(bob, Token("a.b.c", 7, now), "", "")
    for _ in range(10):
        await linked(ada, 7)

        await asyncio.gather(store.forget_link(ada), other_store.save_link(link, now))

        assert await store.count_due(now) == 1
        await store.forget_link(bob)
        assert await store.count_due(now) == 0


async def test_what_is_linked_by_an_act_is_linked_once_by_whatever_process(
    store: Store, other_store: Store, ada: Person, query: Query, now: datetime
) -> None:
    told = [NewNotice("linked", ada, "said", None, {})]
    links = [Link(ada, Token("a.b.c", number, now), f"Ada {number}", "") for number in range(4)]

    saved = await asyncio.gather(
        *(
            where.save_link(link, now, act="link/1", told=told)
            for where, link in zip((store, other_store) * 2, links, strict=True)
        ),
        return_exceptions=True,
    )

    (first,) = [link for link, came in zip(links, saved, strict=True) if came is None]
    assert sum(isinstance(came, TicketUsed) for came in saved) == 3
    assert await store.find_link(ada) == first
    assert await store.is_begun("link/1")
    assert not await store.is_begun("link/2")
    assert [row.key for row in await query("SELECT key FROM notices WHERE kind = 'said'")] == ["linked"]


async def test_an_act_that_could_not_be_done_is_not_used_up(store: Store, ada: Person, now: datetime) -> None:
    link = Link(ada, Token("a.b.c", 1, now), "Ada", "")
    odd = NewNotice("odd", ada, "said", None, {"text": object()})

    with pytest.raises(Exception, match="JSON"):
        await store.save_link(link, now, act="link/1", told=[odd])

    assert await store.find_link(ada) is None
    assert not await store.is_begun("link/1")


async def test_a_link_is_undone_only_if_it_is_the_one_that_was_made_then(
    store: Store, linked: Linked, ada: Person, bob: Person, query: Query, now: datetime
) -> None:
    then = now + timedelta(microseconds=7)
    mine = Link(ada, Token("a.b.c", 71, now), "Ada", "")
    await store.save_link(mine, then, told=[NewNotice("owed", ada, "said", None, {})])
    await store.save_link(Link(bob, Token("d.e.f", 72, now), "Bob", ""), now)

    assert not await store.undo_link(ada, now)
    assert not await store.undo_link(bob, then)
    assert await store.find_link(ada) == mine

    assert await store.undo_link(ada, then)
    assert await store.find_link(ada) is None
    assert await query("SELECT key FROM notices WHERE key = 'owed'") == []
    assert not await store.undo_link(ada, then)
    assert await store.find_link(bob) is not None

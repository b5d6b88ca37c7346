"""Whoever wants to be forgotten is: in every table, also where others name them, and for good."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, Table
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import NotLinked
from bot.jobs import Event
from bot.links import Person, Workspace
from bot.messages import note
from bot.rules.kinds import Told
from bot.rules.preferences import Preferences
from bot.store import SAID, NewNotice, Profile, Store
from bot.store.database import database_url as normalised
from bot.store.tables import UtcTime, metadata
from bot.transitions import Snapshot
from tests.bot.conftest import Linked, installation

Query = Callable[..., Awaitable[list[Any]]]

LEASE = timedelta(minutes=1)
OF_ACCOUNTS = {"accounts", "runs"}
"""Tables that name an EcoTaxa account and no person."""
OF_NOBODY = {"acts", "sights", "slack_bots", "slack_installations"}
"""Tables that name no person: Slack's names of triggers and events, whose accounts' jobs are open now, which
is written anew every few seconds, and the bot's own tokens in each workspace."""
ACCOUNT, OTHERS = 4711, 4712


def people_in(table: Table) -> list[str]:
    """The columns that name a person."""
    return [column.name for column in table.c if column.name.endswith("_key")]


def filled(column: Column[Any], now: datetime, number: int) -> Any:
    """Something for a column that has to do with nobody."""
    match column.type:
        case UtcTime():
            return now
        case JSON():
            return {}
        case Boolean():
            return False
        case Integer():
            return number
        case _:
            return f"some {column.name} {number}"


def row(table: Table, now: datetime, number: int, **known: Any) -> dict[str, Any]:
    needed = (column for column in table.c if not column.nullable and column.name not in known)
    return {column.name: filled(column, now, number) for column in needed} | known


def rows_about(table: Table, me: Person, other: Person, now: datetime) -> list[dict[str, Any]]:
    """For each column that names a person a row that has `me` there, and one that has only the other."""
    names = people_in(table)
    mine: list[dict[str, Any]] = [dict.fromkeys(names, other.key) | {name: me.key} for name in names]
    accounts = {"ecotaxa_user_id": ACCOUNT}, {"ecotaxa_user_id": OTHERS}
    told = [*mine, dict.fromkeys(names, other.key)] if names else [{}, {}]
    if "ecotaxa_user_id" in table.c:
        told = [known | account for known, account in zip(told, accounts, strict=True)]
    return [row(table, now, number, **known) for number, known in enumerate(told, 1)]


async def test_nothing_of_a_person_is_left_in_any_table_and_all_of_the_others(
    store: Store, database_url: str, ada: Person, bob: Person, now: datetime
) -> None:
    engine = create_async_engine(normalised(database_url))
    async with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in OF_NOBODY:
                continue
            assert people_in(table) or table.name in OF_ACCOUNTS, f"whose is a row of {table.name}?"
            await connection.execute(table.insert(), rows_about(table, ada, bob, now))

    assert await store.forget_person(ada, now) == ACCOUNT

    async with engine.connect() as connection:
        left = {t.name: (await connection.execute(t.select())).all() for t in metadata.sorted_tables}
    await engine.dispose()
    for name, rows in left.items():
        assert "UADA" not in str(rows), name
        assert str(ACCOUNT) not in str(rows), name
        assert rows or name in OF_NOBODY, f"what {name} has of somebody else stays"
    assert [entry.act for entry in await store.acts_since(None) if entry.person is None] == ["forget me"]
    assert all(entry.other != ada for entry in await store.acts_since(None))


async def test_nothing_of_a_workspace_is_left_in_any_table_and_all_of_the_others(
    store: Store, database_url: str, now: datetime
) -> None:
    gone, stays = Person("E1", "T1", "UADA"), Person("E1", "T11", "UBOB")
    engine = create_async_engine(normalised(database_url))
    async with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if people_in(table) or table.name in OF_ACCOUNTS:
                await connection.execute(table.insert(), rows_about(table, gone, stays, now))
    for person in (gone, stays):
        await store.installations("1.2").async_save(installation(person.workspace))

    await store.forget_workspace(gone.workspace, now)
    await store.forget_workspace(gone.workspace, now)

    async with engine.connect() as connection:
        left = {t.name: (await connection.execute(t.select())).all() for t in metadata.sorted_tables}
    await engine.dispose()
    for name, rows in left.items():
        assert "UADA" not in str(rows), name
        assert "'T1'" not in str(rows), name
        assert str(ACCOUNT) not in str(rows), name
        assert rows or name in ("acts", "sights"), f"what {name} has of another workspace stays"
    forgotten = [entry for entry in await store.acts_since(None) if entry.person is None]
    assert [(entry.act, entry.detail) for entry in forgotten] == [("forget me", "a workspace")]


async def test_an_organisation_that_lets_the_bot_go_leaves_workspaces_that_installed_it_themselves(
    store: Store, linked: Linked, now: datetime
) -> None:
    of_all, own, elsewhere = (
        Person(it, team, "U1") for it, team in (("E1", "T1"), ("E1", "T2"), (None, "T1"))
    )
    for number, person in enumerate((of_all, own, elsewhere), 1):
        await linked(person, number)
    installed = store.installations("1.2")
    for where in (Workspace("E1", ""), own.workspace, elsewhere.workspace):
        await installed.async_save(installation(where))

    await store.forget_workspace(Workspace("E1", ""), now)

    left = [person for person in (of_all, own, elsewhere) if await store.find_link(person)]
    assert left == [own, elsewhere]
    bots = [await installed.find_bot_in(it.workspace) for it in (of_all, own, elsewhere)]
    assert [bot and bot.bot_token for bot in bots] == [None, "xoxb-E1/T2", "xoxb--/T1"]


async def test_an_account_that_somebody_else_has_stays_with_its_runs(
    store: Store, linked: Linked, query: Query, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada, 7)
    await linked(bob, 7)
    await query(
        "INSERT INTO runs (ecotaxa_user_id, job_id, type, attempt, state, was_stopped, moved_at)"
        " VALUES (7, 5, 'Subset', 1, 'F', false, '2026-03-01 12:00:00')"
    )

    await store.forget_person(ada, now)
    assert await store.count_due(now) == 1
    assert len(await query("SELECT 1 FROM runs")) == 1

    await store.forget_person(bob, now)
    assert await query("SELECT 1 FROM accounts") == await query("SELECT 1 FROM runs") == []


async def test_what_others_were_told_of_them_goes_and_what_they_are_still_owed_stays(
    store: Store, linked: Linked, query: Query, ada: Person, now: datetime
) -> None:
    bob, elsewhere = Person(None, "T1", "UBOB"), Person(None, "T2", "UBOB")
    await linked(bob)
    await linked(elsewhere, 8)
    for what in ("sent", "owed"):
        await store.owe(NewNotice.said(what, bob, note(f"<@UADA> picked {what}")), now)
    (notice,) = await store.claim_notices(now, LEASE, 1)
    await store.mark_sent(notice, "D1", "1.1", now)
    await store.owe(NewNotice.said("other", elsewhere, note("<@UADA> is another Ada here")), now)
    (notice,) = [it for it in await store.claim_notices(now, LEASE, 3) if it.person == elsewhere]
    await store.mark_sent(notice, "D2", "1.1", now)
    key = f"{bob.key}/{Told.FOLLOWED}/{ada.key}/1/5"
    await store.owe(NewNotice(key, bob, Told.FOLLOWED, 5, {"owner": "UADA"}), now)

    await store.forget_person(ada, now)

    left = await query("SELECT kind, payload FROM notices WHERE kind IN ('said', 'followed') ORDER BY id")
    assert [row.kind for row in left] == [SAID, SAID]
    assert "picked owed" in str(left[0].payload)
    assert "another Ada" in str(left[1].payload)


async def test_who_was_never_linked_is_forgotten_too(
    store: Store, query: Query, ada: Person, now: datetime
) -> None:
    await store.meet(ada, now)
    await store.save_profile(ada, Profile("fr-FR", "Europe/Paris"), now)
    async with store.acting(ada, "pass for colleague", now, job_id=5):
        pass

    assert await store.forget_person(ada, now) is None

    assert await query("SELECT 1 FROM people") == []
    assert await store.acts_on(5) == []


async def test_a_look_under_way_brings_nothing_back(
    store: Store, linked: Linked, query: Query, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob, 8)
    await store.follow(bob, 5, ada, now)
    looks = {
        watched.link.person: watched.version
        for account in await store.claim_accounts(now, LEASE, 5)
        for watched in account.links
    }
    news = NewNotice("news", ada, Told.FOLLOWED, 5, {})

    await store.forget_person(ada, now)

    assert not await store.record_look(ada, looks[ada], Snapshot(), [news], now)
    assert not await store.record_look(bob, looks[bob], Snapshot(), [news], now), "they followed bob's job"
    assert await store.find_notice("news") is None
    assert await query("SELECT 1 FROM links WHERE person_key = :key", key=ada.key) == []


async def test_a_delivery_under_way_brings_nothing_back(
    store: Store, linked: Linked, query: Query, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.owe(NewNotice("owed", ada, Told.UNANSWERED, 5, {}), now)
    (notice,) = await store.claim_notices(now, LEASE, 1)

    await store.forget_person(ada, now)

    # What a delivery does: ask who they are, keep where the message stands, owe what comes next.
    await store.meet(ada, now, at_work=True)
    await store.save_profile(ada, Profile("fr-FR", "Europe/Paris"), now)
    await store.mark_sent(notice, "D1", "1.1", now)
    await store.owe(NewNotice("next", ada, Told.UNANSWERED, 5, {}), now)
    await store.plan(ada, Told.SUMMARY, NewNotice("summary", ada, Told.SUMMARY, None, {}), now)
    await store.save_preferences(ada, Preferences(), now)
    assert await query("SELECT 1 FROM notices") == await query("SELECT 1 FROM people") == []


async def test_slacks_answer_that_comes_too_late_is_not_kept(
    store: Store, query: Query, ada: Person, now: datetime
) -> None:
    await store.meet(ada, now)

    await store.forget_person(ada, now)
    await store.save_profile(ada, Profile("fr-FR", "Europe/Paris"), now)

    assert await query("SELECT 1 FROM people") == []


async def test_an_act_under_way_leaves_no_trace_and_none_is_begun(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    link = await linked(ada)

    async with store.acting(link, "kill", now, job_id=5):
        await store.forget_person(ada, now)

    with pytest.raises(NotLinked):
        async with store.acting(link, "delete", now, job_id=5):
            pytest.fail("it must not be done")
    assert await store.acts_on(5) == []


async def test_forgetting_and_all_that_goes_on_at_once_leave_nothing(
    store: Store, other_store: Store, linked: Linked, query: Query, ada: Person, now: datetime
) -> None:
    for number in range(10):
        await linked(ada)
        ((watched,),) = (it.links for it in await store.claim_accounts(now + number * LEASE, LEASE, 5))
        late = NewNotice(f"late {number}", ada, Told.SUMMARY, None, {})
        news = [NewNotice(f"news {number}", ada, Event.FINISHED, 5, {})]
        await asyncio.gather(
            store.record_look(ada, watched.version, Snapshot(), news, now),
            other_store.forget_person(ada, now),
            store.owe(late, now),
            store.meet(ada, now, at_work=True),
            store.mute(ada, "all", None, now),
        )

        for table in ("links", "notices", "people", "mutes"):
            assert await query(f"SELECT 1 FROM {table}") == [], table

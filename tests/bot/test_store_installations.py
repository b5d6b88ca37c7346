"""Where the bot is installed: found by workspace, sealed for it, renewed once, and sealed anew."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import TokenUnreadable
from bot.links import Workspace
from bot.store import Resealed, Store
from bot.store.installations import SEALED, STATE_LIFE
from bot.upkeep import tokens_kept
from bot.vault import Vault
from tests.bot.conftest import installation

Query = Callable[..., Awaitable[list[Any]]]

APP = "1.2"
LAB, OTHER, ORGANISATION = Workspace(None, "T1"), Workspace("E1", "T2"), Workspace("E1", "")
LEASE = timedelta(minutes=1)


@pytest.fixture(scope="session")
def old_key() -> str:
    return Vault.new_key()


@pytest.fixture(scope="session")
def vault(old_key: str) -> Vault:
    return Vault([old_key])


async def test_the_newest_installation_of_a_workspace_is_found_and_no_other_stays(
    store: Store, query: Query
) -> None:
    kept = store.installations(APP)
    for at, token in ((1.7e9, "xoxb-old"), (1.8e9, "xoxb-new")):
        await kept.async_save(installation(LAB, bot_token=token, installed_at=at))

    found = await kept.find_bot_in(LAB)

    assert found is not None
    assert (found.bot_token, found.bot_user_id) == ("xoxb-new", "UBOT")
    whole = await kept.async_find_installation(enterprise_id=None, team_id="T1", user_id="UINSTALLER")
    assert whole is not None
    assert (whole.bot_token, whole.user_id) == ("xoxb-new", "")
    for table in ("slack_bots", "slack_installations"):
        assert len(await query(f"SELECT 1 FROM {table}")) == 1
    assert await store.installations("another app").find_bot_in(LAB) is None


async def test_an_organisations_installation_serves_its_workspaces_but_those_with_their_own(
    store: Store,
) -> None:
    kept = store.installations(APP)
    await kept.async_save(installation(ORGANISATION))
    await kept.async_save(installation(OTHER))

    found = [await kept.find_bot_in(it) for it in (OTHER, Workspace("E1", "T3"), Workspace("E2", "T3"), LAB)]

    assert [bot and bot.bot_token for bot in found] == ["xoxb-E1/T2", "xoxb-E1/", None, None]


async def test_all_that_opens_something_is_sealed_for_its_workspace(store: Store, query: Query) -> None:
    kept = store.installations(APP)
    secrets = {name: f"secret {name}" for name in SEALED}
    for where in (LAB, OTHER):
        await kept.async_save(installation(where, **secrets, bot_token_expires_in=60))
    (bot,) = await query("SELECT * FROM slack_bots WHERE team_id = 'T1'")
    (row,) = await query("SELECT * FROM slack_installations WHERE team_id = 'T1'")

    assert "secret" not in f"{bot} {row}"
    whole = await kept.async_find_installation(enterprise_id=None, team_id="T1")
    assert {name: getattr(whole, name) for name in SEALED} == secrets

    await query("UPDATE slack_bots SET bot_token = :theirs WHERE team_id = 'T2'", theirs=bot.bot_token)
    with pytest.raises(TokenUnreadable):
        await kept.find_bot_in(OTHER)


async def test_one_renews_a_token_and_the_others_leave_it_to_them_while_they_live(
    store: Store, other_store: Store, now: datetime, query: Query
) -> None:
    one, other = store.installations(APP), other_store.installations(APP)
    ends = now + timedelta(hours=1)
    await one.async_save(installation(LAB, bot_refresh_token="xoxe-1", bot_token_expires_at=ends))
    bot = await one.find_bot_in(LAB)
    assert bot is not None

    claims = await asyncio.gather(*(it.claim_renewal(bot, now, LEASE) for it in (one, other)))
    assert sorted(claims) == [False, True]
    assert await other.claim_renewal(bot, now + 2 * LEASE, LEASE), "who claimed it may have died"

    anew = now + timedelta(hours=12, microseconds=7)
    await other.keep_renewed(bot, "xoxb-2", "xoxe-2", anew)
    renewed = await one.find_bot_in(LAB)
    assert renewed is not None
    assert (renewed.bot_token, renewed.bot_refresh_token) == ("xoxb-2", "xoxe-2")
    assert renewed.bot_token_expires_at == int(anew.timestamp())
    assert not await one.claim_renewal(bot, now + 9 * LEASE, LEASE), "it was renewed"
    assert await one.claim_renewal(renewed, now + 9 * LEASE, LEASE)
    whole = await one.async_find_installation(enterprise_id=None, team_id="T1")
    assert whole is not None
    assert whole.bot_token == "xoxb-2"

    await store.forget_workspace(LAB, now)
    await one.keep_renewed(bot, "xoxb-3", "xoxe-3", anew)
    assert await query("SELECT 1 FROM slack_bots") == []


async def test_installations_are_sealed_anew_with_the_first_key(
    store: Store, database_url: str, old_key: str, vault: Vault, query: Query
) -> None:
    await store.installations(APP).async_save(installation(LAB))
    await store.installations(APP).async_save(installation(OTHER, bot_refresh_token="xoxe-1"))
    new = Vault.new_key()
    stores = [Store.open(database_url, Vault(keys)) for keys in ([new], [new, old_key])]
    alone, both = stores

    assert await alone.unreadable_workspaces() == ["T1", "T2"]
    with pytest.raises(TokenUnreadable, match="these workspaces: T1, T2"):
        await tokens_kept(alone)
    assert await alone.reseal_tokens() == Resealed(0, 0, 2)

    assert await both.reseal_tokens() == Resealed(4, 0, 0)
    assert await both.reseal_tokens() == Resealed(0, 0, 0)

    assert await alone.unreadable_workspaces() == []
    bot = await alone.installations(APP).find_bot_in(OTHER)
    assert bot is not None
    assert (bot.bot_token, bot.bot_refresh_token) == ("xoxb-E1/T2", "xoxe-1")
    for opened in stores:
        await opened.close()


async def test_a_state_is_good_once_for_ten_minutes_in_any_process(
    store: Store, other_store: Store, query: Query
) -> None:
    now = [datetime(2026, 3, 1, 12, tzinfo=UTC)]
    here, there = store.states(lambda: now[0]), other_store.states(lambda: now[0])
    state, late = await here.async_issue(), await here.async_issue()

    assert state not in str(await query("SELECT * FROM acts"))
    taken = await asyncio.gather(*(it.async_consume(state) for it in (here, there, here, there)))
    assert sorted(taken) == [False, False, False, True]
    assert not await here.async_consume("forged")

    now[0] += STATE_LIFE + timedelta(seconds=1)
    assert not await here.async_consume(late)
    await there.async_issue()
    assert len(await query("SELECT * FROM acts")) == 1, "those that were never used are gone"

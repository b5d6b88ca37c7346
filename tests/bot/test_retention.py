"""What is kept for how long, over both databases."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.links import TOKEN_LIFE, Person
from bot.store import Profile, Store
from bot.transitions import Snapshot
from tests.bot.conftest import Linked

Query = Callable[..., Awaitable[list[Any]]]

KEEP, KEEP_AUDIT = timedelta(days=10), timedelta(days=100)

ROWS = {
    "notices": (
        "INSERT INTO notices (key, person_key, kind, payload, state, attempts, must_reconcile, created_at)"
        " VALUES ('n{n}', '{who}', 'finished', '{{}}', 'sent', 1, false, '{at}')"
    ),
    "picks": "INSERT INTO picks VALUES ('{who}', {n}, 'user', 'x', 1, 'X', '{at}')",
    "reports": "INSERT INTO reports VALUES ('{who}', {n}, 'C1', '{at}')",
    "handovers": (
        "INSERT INTO handovers (id, person_key, job_id, kind, name, colleague_key, channel, ts, asked_at)"
        " VALUES ('h{n}', '{who}', 1, 'user', 'x', '-/T1/UC', 'D1', '1', '{at}')"
    ),
    "runs": (
        "INSERT INTO runs (ecotaxa_user_id, job_id, type, attempt, state, was_stopped, moved_at)"
        " VALUES (7, {n}, 'Subset', 1, 'F', false, '{at}')"
    ),
    "followers": "INSERT INTO followers VALUES ('{who}', {n}, '-/T1/UC', '{at}')",
    "watches": (
        "INSERT INTO watches (id, person_key, place, jobs, since)"
        " VALUES ('w{n}', '{who}', '', '{{}}', '{at}')"
    ),
    "mutes": "INSERT INTO mutes VALUES ('{who}', 'job:{n}', '{at}', '{at}')",
    "people": "INSERT INTO people VALUES ('-/T1/U{n}', 'en', 'UTC', '{at}', NULL)",
    "audit": "INSERT INTO audit (at, person_key, act, detail) VALUES ('{at}', '{who}', 'kill', '')",
}
"""For each table that is not kept for ever, how a row of some moment comes into it."""


@pytest.mark.parametrize("table", ROWS)
async def test_what_is_old_goes_and_what_is_younger_stays(
    store: Store, linked: Linked, query: Query, ada: Person, now: datetime, table: str
) -> None:
    await linked(ada)
    keep = KEEP_AUDIT if table == "audit" else KEEP
    for number, age in enumerate((keep + timedelta(hours=1), keep - timedelta(hours=1)), 1):
        at = f"{now - age:%Y-%m-%d %H:%M:%S.000000}"
        await query(ROWS[table].format(n=number, who=ada.key, at=at))
    before = len(await query(f"SELECT 1 FROM {table}"))

    assert await store.clean(now, KEEP, KEEP_AUDIT) == 1
    assert await store.clean(now, KEEP, KEEP_AUDIT) == 0

    assert len(await query(f"SELECT 1 FROM {table}")) == before - 1


async def test_who_is_linked_is_known_for_as_long_as_that(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    for person in (ada, bob):
        await store.meet(person, now)
        await store.save_profile(person, Profile("fr-FR", "Europe/Paris"), now)
    await store.mute(ada, "project:42", None, now)

    await store.clean(now + 2 * KEEP, KEEP, KEEP_AUDIT)

    assert await store.find_profile(ada) is not None
    assert await store.find_profile(bob) is None, "unless they come back, nothing is kept of them"
    assert await store.mutes_of(ada, now + 2 * KEEP) == {"project:42": None}, "that was chosen for good"


@pytest.mark.parametrize(("days", "seen"), [(-1, True), (1, False)])
async def test_what_a_sign_in_saw_that_ended_long_ago_is_kept_no_longer(
    store: Store, linked: Linked, ada: Person, now: datetime, days: int, seen: bool
) -> None:
    await linked(ada)
    (account,) = await store.claim_accounts(now, KEEP, 5)
    assert await store.record_look(ada, account.links[0].version, Snapshot(), [], now)

    later = now + TOKEN_LIFE + KEEP + timedelta(days=days)
    await store.clean(later, KEEP, KEEP_AUDIT)

    (account,) = await store.claim_accounts(later, KEEP, 5)
    assert (account.links[0].snapshot is not None) is seen
    assert await store.find_link(ada) is not None, "who they are, they need not tell again"

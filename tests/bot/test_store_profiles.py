from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from bot.links import Person
from bot.store import Profile, Store

Query = Callable[..., Awaitable[list[Any]]]


async def test_what_slack_told_of_people_is_kept_with_when_it_told(
    store: Store, other_store: Store, ada: Person, bob: Person, now: datetime
) -> None:
    await store.meet(ada, now)
    await store.save_profile(ada, Profile("fr-FR", "Europe/Paris"), now)

    assert await other_store.find_profile(ada) == (Profile("fr-FR", "Europe/Paris"), now)
    assert await store.find_profile(bob) is None


async def test_what_slack_tells_later_replaces_it_and_leaves_what_was_chosen(
    store: Store, query: Query, ada: Person, bob: Person, now: datetime
) -> None:
    later = now + timedelta(days=1)
    for person in (ada, bob):
        await store.meet(person, now)
        await store.save_profile(person, Profile("fr-FR", "Europe/Paris"), now)
    await query("UPDATE people SET preferences = '{}'")

    await store.save_profile(ada, Profile("pt-BR", "America/Belem"), later)

    assert await store.find_profile(ada) == (Profile("pt-BR", "America/Belem"), later)
    assert await store.find_profile(bob) == (Profile("fr-FR", "Europe/Paris"), now)
    assert set(await query("SELECT preferences FROM people")) == {("{}",)}

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.links import Link, Person
from bot.store import NameKind, Pick, Store

Linked = Callable[..., Awaitable[Link]]


async def test_picks_of_several_pages_add_up(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)

    await store.save_picks(
        ada, 5, {("user", "bob"): Pick(1, "Bob"), ("taxon", "bob"): Pick(2, "Bob<Algae")}, now
    )
    await store.save_picks(ada, 5, {("taxon", "part"): Pick(3, "part<Annelida")}, now)

    assert await store.find_picks(ada, 5) == {
        ("user", "bob"): Pick(1, "Bob"),
        ("taxon", "bob"): Pick(2, "Bob<Algae"),
        ("taxon", "part"): Pick(3, "part<Annelida"),
    }


async def test_a_pick_can_be_changed_and_taken_back(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.save_picks(ada, 5, {("user", "a"): Pick(1, "A"), ("user", "b"): Pick(2, "B")}, now)

    await store.save_picks(ada, 5, {("user", "a"): Pick(9, "Z")}, now)
    await store.save_picks(ada, 5, {("user", "b"): None, ("user", "c"): None}, now)

    assert await store.find_picks(ada, 5) == {("user", "a"): Pick(9, "Z")}


async def test_picks_are_one_persons_for_one_job(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob)
    await store.save_picks(ada, 5, {("user", "a"): Pick(1, "A")}, now)
    await store.save_picks(ada, 6, {("user", "a"): Pick(2, "B")}, now)

    await store.drop_picks(ada, 5)

    assert await store.find_picks(ada, 5) == {}
    assert await store.find_picks(bob, 6) == {}
    assert await store.find_picks(ada, 6) == {("user", "a"): Pick(2, "B")}


async def test_hundreds_of_names_and_odd_ones_are_kept(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    kind: NameKind = "taxon"
    picked = {(kind, f"näme '%_\" {number}"): Pick(number, "☃") for number in range(700)}

    await store.save_picks(ada, 5, picked, now)
    await store.remember_users(ada, {name: pick for (_, name), pick in picked.items()}, now)

    assert await store.find_picks(ada, 5) == picked
    names = [name for _, name in picked]
    assert len(await store.find_remembered_users(ada, names)) == 700


async def test_users_picked_before_are_remembered_for_that_person(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    await linked(ada)
    await linked(bob)
    await store.remember_users(ada, {"j. doe": Pick(1, "Jo"), "x": Pick(2, "X")}, now)
    await store.remember_users(ada, {"j. doe": Pick(3, "Jane Doe")}, now)
    await store.remember_users(ada, {}, now)

    assert await store.find_remembered_users(ada, ["j. doe", "nobody"]) == {"j. doe": Pick(3, "Jane Doe")}
    assert await store.find_remembered_users(ada, []) == {}
    assert await store.find_remembered_users(bob, ["j. doe"]) == {}


async def test_nothing_is_kept_for_somebody_who_has_just_been_forgotten(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    await linked(ada)
    await store.forget_link(ada)

    await store.save_picks(ada, 5, {("user", "a"): Pick(1, "A")}, now)
    await store.remember_users(ada, {"a": Pick(1, "A")}, now)

    assert await store.find_picks(ada, 5) == {}
    assert await store.find_remembered_users(ada, ["a"]) == {}

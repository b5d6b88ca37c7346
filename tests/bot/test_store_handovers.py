from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.links import Link, Person
from bot.store import SAID, Handover, NameKind, NewNotice, Pick, Store

Linked = Callable[..., Awaitable[Link]]

LEASE = timedelta(minutes=2)
PICKED: dict[tuple[NameKind, str], Pick] = {("taxon", "0f"): Pick(3, "part<Annelida")}


@pytest.fixture
def handover(ada: Person, bob: Person, now: datetime) -> Handover:
    return Handover("h1", ada, 5, "taxon", "part", bob, "D0BOB", "1.2", now)


def news(handover: Handover, what: str = "answer") -> NewNotice:
    payload = {"text": what, "blocks": []}
    return NewNotice(f"{handover.id}/{what}", handover.owner, SAID, handover.job_id, payload)


async def test_an_answer_is_kept_and_owed_once(
    store: Store, linked: Linked, handover: Handover, now: datetime
) -> None:
    await linked(handover.owner)
    await store.save_handover(handover)

    assert await store.settle_handover(handover, PICKED, news(handover), now)
    assert not await store.settle_handover(handover, {}, news(handover, "another"), now)

    settled = await store.find_handover("h1")
    assert settled is not None
    assert settled.pick == Pick(3, "part<Annelida")
    assert await store.find_picks(handover.owner, 5) == PICKED
    assert [it.payload["text"] for it in await store.claim_notices(now, LEASE, 10)] == ["answer"]
    assert await store.find_notice("h1/another") is None


async def test_where_a_colleague_was_asked_is_kept_also_after_their_answer(
    store: Store, linked: Linked, handover: Handover, now: datetime
) -> None:
    await linked(handover.owner)
    await store.save_handover(replace(handover, channel="", ts=""))
    await store.settle_handover(handover, PICKED, news(handover), now)

    await store.place_handover(handover.id, "D0BOB", "1.2")

    placed = await store.find_handover_at("D0BOB", "1.2")
    assert placed == replace(handover, pick=Pick(3, "part<Annelida"), picked_at=now)


async def test_a_handover_that_is_dropped_is_gone_and_no_other(
    store: Store, linked: Linked, handover: Handover
) -> None:
    await linked(handover.owner)
    another = replace(handover, id="h2")
    for each in (handover, another):
        await store.save_handover(each)

    await store.drop_handover(handover.id)

    assert await store.handovers_of_job(handover.owner, handover.job_id) == [another]


async def test_not_to_know_leaves_the_owners_pick_alone(
    store: Store, linked: Linked, handover: Handover, now: datetime
) -> None:
    await linked(handover.owner)
    await store.save_picks(handover.owner, 5, PICKED, now)
    await store.save_handover(handover)

    assert await store.settle_handover(handover, {}, news(handover), now)

    settled = await store.find_handover("h1")
    assert settled is not None
    assert (settled.pick, settled.picked_at) == (None, now)
    assert await store.find_picks(handover.owner, 5) == PICKED


async def test_news_that_cannot_be_owed_settle_nothing(
    store: Store, linked: Linked, handover: Handover, now: datetime
) -> None:
    await linked(handover.owner)
    await store.save_handover(handover)
    odd = NewNotice("odd", handover.owner, SAID, 5, {"text": object()})

    with pytest.raises(Exception, match="not JSON serializable"):
        await store.settle_handover(handover, PICKED, odd, now)

    settled = await store.find_handover("h1")
    assert settled is not None
    assert settled.picked_at is None
    assert await store.find_picks(handover.owner, 5) == {}


async def test_an_owner_who_is_not_linked_is_owed_nothing(
    store: Store, linked: Linked, handover: Handover, now: datetime
) -> None:
    await linked(handover.owner)
    await store.save_handover(handover)
    await store.forget_link(handover.owner)

    await store.pass_on(handover, news(handover), now)

    assert not await store.settle_handover(handover, PICKED, news(handover), now)
    assert await store.claim_notices(now, LEASE, 10) == []

"""Who did what, to which job, when, and what came of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.acts import CameTo, Did
from bot.deeds import Act, Effect
from bot.errors import BotError, LoginRefused, NotAllowed, NotLinked, TokenRejected, Unavailable
from bot.links import Person
from bot.store import Store
from tests.bot.conftest import Linked

Query = Callable[..., Awaitable[list[Any]]]


async def test_an_act_is_written_down_with_who_had_a_part_in_it(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    link = await linked(ada)
    async with store.acting(link, Did.EXPORT, now, detail="general project 2") as acting:
        acting.job_id = 5
    async with store.acting(bob, Did.PASS, now, job_id=5, other=ada):
        pass

    export, passed = await store.acts_on(5)

    assert (export.person, export.act, export.at, export.other) == (ada, "export", now, None)
    assert (export.outcome, export.detail) == ("done", "general project 2")
    assert (passed.person, passed.other) == (bob, ada)
    assert await store.acts_of(ada, 5) == [export]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotAllowed(), CameTo.REFUSED),
        (TokenRejected(), CameTo.REFUSED),
        (LoginRefused(), CameTo.REFUSED),
        (Unavailable(), CameTo.UNKNOWN),
        (BotError(), CameTo.UNKNOWN),
        (RuntimeError(), CameTo.UNKNOWN),
    ],
)
async def test_what_goes_wrong_was_refused_only_if_somebody_said_no(
    store: Store, ada: Person, now: datetime, error: Exception, outcome: CameTo
) -> None:
    with pytest.raises(type(error)):
        async with store.acting(ada, Did.LINK, now):
            raise error

    (act,) = await store.acts_of(ada, 5)
    assert act.outcome == outcome


async def test_what_is_under_way_stands_there_as_unknown(
    store: Store, other_store: Store, ada: Person, now: datetime
) -> None:
    async with store.acting(ada, Did.UNLINK, now):
        (begun,) = await other_store.acts_of(ada, 5)

    assert begun.outcome == CameTo.UNKNOWN, "so it does for good when the bot is ended in the middle"


async def test_nothing_is_done_with_a_link_that_is_gone(
    store: Store, linked: Linked, ada: Person, now: datetime
) -> None:
    link = await linked(ada)
    await store.forget_link(ada)

    with pytest.raises(NotLinked):
        async with store.acting(link, Did.KILL, now, job_id=5):
            pytest.fail("it must not be done")

    assert await store.acts_on(5) == []


async def test_ones_own_last_acts_come_first_and_only_so_many(
    store: Store, ada: Person, bob: Person, now: datetime
) -> None:
    for number in range(1, 5):
        for person in (ada, bob):
            async with store.acting(person, Did.WRITE, now, job_id=number):
                pass

    assert [act.job_id for act in await store.acts_of(ada, 3)] == [4, 3, 2]
    assert {act.person for act in await store.acts_of(ada, 9)} == {ada}
    later = now + timedelta(hours=1)
    async with store.acting(ada, Did.UNLINK, later):
        pass
    assert len(await store.acts_since(None)) == 9
    assert [act.act for act in await store.acts_since(later)] == [Did.UNLINK]


def test_the_audit_has_words_for_every_deed_and_effect() -> None:
    assert {act.value for act in Act} <= {did.value for did in Did}
    asked = {effect.value for effect in Effect} - {Effect.NOT_NOW.value}
    assert asked <= {outcome.value for outcome in CameTo}

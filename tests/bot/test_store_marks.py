"""The marks by which it is seen that something about a link has changed."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.jobs import JobState
from bot.links import Link, Person
from bot.store import Store
from bot.transitions import Seen, Snapshot

Linked = Callable[..., Awaitable[Link]]


async def test_every_change_of_a_link_gives_it_another_mark(
    store: Store, linked: Linked, ada: Person, bob: Person, now: datetime
) -> None:
    async def mark() -> str | None:
        return (await store.link_marks([ada.key])).get(ada.key)

    assert await mark() is None
    await linked(bob, secret="b.b.b")
    first = await linked(ada)
    marks = [await mark()]
    await linked(ada)
    marks.append(await mark())
    (account,) = [
        a for a in await store.claim_accounts(now, timedelta(minutes=1), 10) if ada in _people(a.links)
    ]
    (watched,) = [w for w in account.links if w.link.person == ada]
    seen = Snapshot({5: Seen(JobState.RUNNING, "")}, newest=5)
    assert await store.record_look(ada, watched.version, seen, [], now)
    marks.append(await mark())
    assert await mark() == marks[-1], "it stays while nothing changes"
    assert await store.reject_link(ada, first.token.secret, now)
    marks.append(await mark())

    assert None not in marks
    assert len(set(marks)) == 4
    assert set(await store.link_marks([ada.key, bob.key, "-/T/U"])) == {ada.key, bob.key}
    await store.forget_link(ada)
    assert await mark() is None


def _people(links: object) -> list[Person]:
    assert isinstance(links, tuple)
    return [watched.link.person for watched in links]

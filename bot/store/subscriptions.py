"""Subscriptions: in which channels people's jobs are told, who follows them, and what is muted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select

from bot.links import Person
from bot.rules.places import Place
from bot.store.answers import has_link
from bot.store.database import Shelf
from bot.store.tables import UtcTime, followers, mutes, subscriptions

_PLACES = (
    select(subscriptions.c.id, subscriptions.c.channel, subscriptions.c.project_id)
    .where(subscriptions.c.person_key == bindparam("person"))
    .order_by(subscriptions.c.id)
)
_MUTES = select(mutes.c.what, mutes.c.until).where(
    mutes.c.person_key == bindparam("person"),
    or_(mutes.c.until.is_(None), mutes.c.until > bindparam("now", type_=UtcTime)),
)
_FOLLOWERS = select(followers.c.job_id, followers.c.follower_key).where(
    followers.c.person_key == bindparam("person"),
    followers.c.job_id.in_(bindparam("jobs", expanding=True)),
)


class Subscriptions(Shelf):
    """What people chose for places and jobs; only of people with a link."""

    async def places_of(self, person: Person) -> list[Place]:
        """The channels in which a person's jobs are told."""
        async with self._database.read() as connection:
            rows = await connection.execute(_PLACES, {"person": person.key})
            return [Place(row.id, row.channel, row.project_id or None) for row in rows]

    async def tell_in(self, person: Person, channel: str, project_id: int | None, now: datetime) -> bool:
        """Tell a person's jobs, or those of one project, in a channel; False where that was so before."""
        statement = (
            self._database.insert(subscriptions)
            .values(person_key=person.key, channel=channel, project_id=project_id or 0, since=now)
            .on_conflict_do_nothing()
        )
        async with self._database.write() as connection:
            if not await has_link(connection, person):
                return False
            return bool((await connection.execute(statement)).rowcount)

    async def end_place(self, person: Person, place_id: int) -> bool:
        """Tell nothing there any more; False where that was so before."""
        is_it = (subscriptions.c.person_key == person.key) & (subscriptions.c.id == place_id)
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(subscriptions).where(is_it))).rowcount)

    async def lose_channel(self, channel: str, person: Person | None = None) -> list[tuple[Person, Place]]:
        """End what is told in a channel that can no longer be written to: what has ended, and whose.

        Only one person's where `person` is given.
        """
        columns = (subscriptions.c.id, subscriptions.c.person_key, subscriptions.c.project_id)
        ended = delete(subscriptions).where(subscriptions.c.channel == channel).returning(*columns)
        if person is not None:
            ended = ended.where(subscriptions.c.person_key == person.key)
        async with self._database.write() as connection:
            rows = (await connection.execute(ended)).all()
        return [
            (Person.of_key(row.person_key), Place(row.id, channel, row.project_id or None)) for row in rows
        ]

    async def mutes_of(self, person: Person, now: datetime) -> dict[str, datetime | None]:
        """What a person has muted, each until when; None for good."""
        async with self._database.read() as connection:
            rows = await connection.execute(_MUTES, {"person": person.key, "now": now})
            return {row.what: row.until for row in rows}

    async def mute(self, person: Person, what: str, until: datetime | None, now: datetime) -> None:
        """Tell nothing of `what`: `job:12` or `project:42`, or `all` until then."""
        insert = self._database.insert(mutes).values(person_key=person.key, what=what, until=until, since=now)
        upsert = insert.on_conflict_do_update(
            index_elements=list(mutes.primary_key), set_={"until": until, "since": now}
        )
        async with self._database.write() as connection:
            if await has_link(connection, person):
                await connection.execute(upsert)

    async def unmute(self, person: Person, what: str) -> None:
        """Tell of it again."""
        is_it = (mutes.c.person_key == person.key) & (mutes.c.what == what)
        async with self._database.write() as connection:
            await connection.execute(delete(mutes).where(is_it))

    async def follow(self, owner: Person, job_id: int, follower: Person, now: datetime) -> bool:
        """Tell somebody else too when a job ends; False where that was so before."""
        statement = (
            self._database.insert(followers)
            .values(person_key=owner.key, job_id=job_id, follower_key=follower.key, since=now)
            .on_conflict_do_nothing()
        )
        async with self._database.write() as connection:
            if not await has_link(connection, owner):
                return False
            return bool((await connection.execute(statement)).rowcount)

    async def followers_of(self, owner: Person, job_ids: Collection[int]) -> dict[int, list[Person]]:
        """Who else wants to know when these jobs of a person's end."""
        found: dict[int, list[Person]] = {}
        async with self._database.read() as connection:
            rows = await connection.execute(_FOLLOWERS, {"person": owner.key, "jobs": list(job_ids)})
            for row in rows:
                found.setdefault(row.job_id, []).append(Person.of_key(row.follower_key))
        return found

"""Profiles: what Slack told of people, so that a restart does not ask for all of them again."""

from datetime import datetime

from sqlalchemy import bindparam, select

from bot.links import Person
from bot.store.database import Shelf
from bot.store.records import Profile
from bot.store.tables import people

_FIND = select(people.c.locale, people.c.zone, people.c.asked_at).where(
    people.c.person_key == bindparam("person")
)


class Profiles(Shelf):
    """What Slack told of people, also of those without a link, and when it was asked."""

    async def find_profile(self, person: Person) -> tuple[Profile, datetime] | None:
        """What Slack told of a person, and when; None when it was never asked."""
        async with self._database.read() as connection:
            row = (await connection.execute(_FIND, {"person": person.key})).one_or_none()
            return (Profile(row.locale, row.zone), row.asked_at) if row else None

    async def save_profile(self, person: Person, profile: Profile, now: datetime) -> None:
        """Keep what Slack told of a person at `now`, in place of what it told before."""
        told = {"locale": profile.locale, "zone": profile.zone, "asked_at": now}
        insert = self._database.insert(people).values(person_key=person.key, **told)
        upsert = insert.on_conflict_do_update(index_elements=[people.c.person_key], set_=told)
        async with self._database.write() as connection:
            await connection.execute(upsert)

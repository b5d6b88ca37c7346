"""Profiles: what Slack told of people, so that a restart does not ask for all of them again."""

from datetime import UTC, datetime

from sqlalchemy import bindparam, select

from bot.links import Person
from bot.rules.preferences import Preferences
from bot.store.database import Shelf
from bot.store.posted import LOOK_AT_HELD
from bot.store.records import Profile
from bot.store.tables import people

_FIND = select(people.c.locale, people.c.zone, people.c.asked_at).where(
    people.c.person_key == bindparam("person")
)


_CHOICES = select(people.c.preferences).where(people.c.person_key == bindparam("person"))
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When Slack was asked of somebody of whom it was not."""


class Profiles(Shelf):
    """What Slack told of people, also of those without a link, and when it was asked."""

    async def find_profile(self, person: Person) -> tuple[Profile, datetime] | None:
        """What Slack told of a person, and when; None when it was never asked."""
        async with self._database.read() as connection:
            row = (await connection.execute(_FIND, {"person": person.key})).one_or_none()
            return (Profile(row.locale, row.zone), row.asked_at) if row and row.locale else None

    async def find_preferences(self, person: Person) -> Preferences:
        """What a person wants to be told; as by default where they chose nothing."""
        async with self._database.read() as connection:
            text = (await connection.execute(_CHOICES, {"person": person.key})).scalar_one_or_none()
        return Preferences.load(text)

    async def save_preferences(self, person: Person, chosen: Preferences, now: datetime) -> None:
        """Keep what a person wants, and have what is held back for them decided anew."""
        asked = {"locale": "", "zone": "", "asked_at": _NEVER}
        insert = self._database.insert(people).values(
            person_key=person.key, preferences=chosen.dump(), **asked
        )
        upsert = insert.on_conflict_do_update(
            index_elements=[people.c.person_key], set_={"preferences": chosen.dump()}
        )
        async with self._database.write() as connection:
            await connection.execute(upsert)
            await connection.execute(LOOK_AT_HELD, {"person": person.key, "now": now})

    async def save_profile(self, person: Person, profile: Profile, now: datetime) -> None:
        """Keep what Slack told of a person at `now`, in place of what it told before."""
        told = {"locale": profile.locale, "zone": profile.zone, "asked_at": now}
        insert = self._database.insert(people).values(person_key=person.key, **told)
        upsert = insert.on_conflict_do_update(index_elements=[people.c.person_key], set_=told)
        async with self._database.write() as connection:
            await connection.execute(upsert)

"""Profiles: what Slack told of people, so that a restart does not ask for all of them again."""

from datetime import datetime

from sqlalchemy import bindparam, literal, or_, select, update

from bot.links import Person
from bot.rules.preferences import Preferences
from bot.store.answers import has_link
from bot.store.database import Shelf
from bot.store.posted import LOOK_AT_HELD
from bot.store.records import Profile
from bot.store.tables import UtcTime, links, notices, people

_FIND = select(people.c.locale, people.c.zone, people.c.asked_at).where(
    people.c.person_key == bindparam("person")
)


_OF_THEIRS = [
    select(table.c.person_key).where(table.c.person_key == bindparam("person")) for table in (links, notices)
]
_CHOICES = select(people.c.preferences).where(people.c.person_key == bindparam("person"))


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
        """Keep what a person with a link wants, and have what is held back for them decided anew."""
        asked = {"locale": "", "zone": "", "asked_at": now}
        insert = self._database.insert(people).values(
            person_key=person.key, preferences=chosen.dump(), **asked
        )
        upsert = insert.on_conflict_do_update(
            index_elements=[people.c.person_key], set_={"preferences": chosen.dump()}
        )
        async with self._database.write() as connection:
            if not await has_link(connection, person):
                return
            await connection.execute(upsert)
            await connection.execute(LOOK_AT_HELD, {"person": person.key, "now": now})

    async def meet(self, person: Person, now: datetime, *, at_work: bool = False) -> None:
        """Make room for what Slack is about to tell of a person.

        What is `at_work` for them by itself, a delivery, makes none unless there still is something of
        theirs: they may have been forgotten since it began.
        """
        row = select(literal(person.key), literal(""), literal(""), literal(now, UtcTime))
        if at_work:
            row = row.where(or_(*(it.exists() for it in _OF_THEIRS)))
        names = ["person_key", "locale", "zone", "asked_at"]
        insert = self._database.insert(people).from_select(names, row).on_conflict_do_nothing()
        # Who is forgotten at the same time is forgotten first, or after.
        async with self._database.write_alone() as connection:
            await connection.execute(insert, {"person": person.key})

    async def save_profile(self, person: Person, profile: Profile, now: datetime) -> None:
        """Keep what Slack told at `now` of a person whom the bot has met, and not forgotten since."""
        told = {"locale": profile.locale, "zone": profile.zone, "asked_at": now}
        async with self._database.write() as connection:
            await connection.execute(update(people).where(people.c.person_key == person.key).values(told))

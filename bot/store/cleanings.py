"""Clean-ups under way: one a person, seen and stopped from every process on the database."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, delete, literal, select, update

from bot.links import Person
from bot.store.database import Shelf
from bot.store.tables import UtcTime, cleanings, links

FORSAKEN = timedelta(minutes=2)
"""After so long without a sign of life a clean-up has died with its process."""

_lately: ColumnElement[datetime] = bindparam("lately", type_=UtcTime)
_of_person = cleanings.c.person_key == bindparam("person")
_this_run = and_(_of_person, cleanings.c.run == bindparam("this_run"))
_BEAT = (
    update(cleanings)
    .where(_this_run, cleanings.c.is_to_stop.is_(False))
    .values(seen_at=bindparam("now", type_=UtcTime))
)
_STOP = update(cleanings).where(_of_person, cleanings.c.seen_at > _lately).values(is_to_stop=True)
_RUNS = select(cleanings.c.run).where(_of_person, cleanings.c.seen_at > _lately)
_RUN = select(cleanings.c.run).where(_of_person)
_END = delete(cleanings).where(_this_run)


class Cleanings(Shelf):
    """Who is having their jobs cleaned up right now; gone with their link."""

    async def begin_cleaning(self, person: Person, run: str, now: datetime) -> bool:
        """Begin the person's clean-up `run`; False when another one is at work, or they have no link."""
        row = select(
            links.c.person_key,
            literal(run).label("run"),
            literal(now, UtcTime).label("seen_at"),
            literal(False).label("is_to_stop"),
        ).where(links.c.person_key == person.key)
        insert = self._database.insert(cleanings).from_select(
            ["person_key", "run", "seen_at", "is_to_stop"], row
        )
        begin = insert.on_conflict_do_update(
            index_elements=[cleanings.c.person_key],
            set_={"run": run, "seen_at": now, "is_to_stop": False},
            where=cleanings.c.seen_at <= now - FORSAKEN,
        ).returning(cleanings.c.run)
        async with self._database.write() as connection:
            return (await connection.execute(begin)).one_or_none() is not None

    async def beat_cleaning(self, person: Person, run: str, now: datetime) -> bool:
        """Give a sign of life; False when the clean-up is to stop, or the person is no longer linked."""
        async with self._database.write() as connection:
            beat = await connection.execute(_BEAT, {"person": person.key, "this_run": run, "now": now})
            return beat.rowcount == 1

    async def cleaning_of(self, person: Person) -> str | None:
        """The run of the person's clean-up, whether it is to stop or not; None when there is none."""
        async with self._database.read() as connection:
            run: str | None = (await connection.execute(_RUN, {"person": person.key})).scalar_one_or_none()
            return run

    async def stop_cleaning(self, person: Person, now: datetime) -> bool:
        """Have the person's clean-up stop after the job that it is at; False when none is at work."""
        parameters = {"person": person.key, "lately": now - FORSAKEN}
        async with self._database.write() as connection:
            return (await connection.execute(_STOP, parameters)).rowcount == 1

    async def is_cleaning(self, person: Person, now: datetime) -> bool:
        """Whether a clean-up of the person's is at work."""
        parameters = {"person": person.key, "lately": now - FORSAKEN}
        async with self._database.read() as connection:
            return (await connection.execute(_RUNS, parameters)).one_or_none() is not None

    async def end_cleaning(self, person: Person, run: str) -> None:
        """Forget a clean-up that came to its end."""
        async with self._database.write() as connection:
            await connection.execute(_END, {"person": person.key, "this_run": run})

"""What follows from a delivery: reminders that come again, and the next summary."""

from collections.abc import Callable
from datetime import datetime

from bot.links import Person
from bot.people import People
from bot.rules.kinds import Told
from bot.rules.preferences import zone_of
from bot.rules.triggers import UNANSWERED_AGAIN
from bot.store import OVERTAKEN, NewNotice, Notice, Store


class Sequels:
    """Owes what comes after what was told."""

    def __init__(self, store: Store, people: People, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._people = people
        self._clock = clock

    async def after(self, told: Notice) -> None:
        """What was told, or was not worth it, is to be told again in its time, unless it is moot by now."""
        if told.reason == OVERTAKEN:
            return
        match told.kind:
            case Told.UNANSWERED:
                now, times = self._clock(), int(told.payload.get("times", 1)) + 1
                payload = {**told.payload, "times": times}
                key = f"{told.key.partition('#')[0]}#{times}"
                again = NewNotice(
                    key, told.person, told.kind, told.job_id, payload, later=now + UNANSWERED_AGAIN
                )
                await self._store.owe(again, now)
            case Told.SUMMARY:
                await self.plan_summary(told.person)

    async def plan_summary(self, person: Person) -> None:
        """Owe the next summary that a person wants, in place of one that was planned before."""
        choices, profile = await self._store.find_preferences(person), await self._people.of(person)
        now = self._clock()
        due_at = choices.next_summary(now, zone_of(profile.zone))
        planned = None
        if due_at is not None:
            until = due_at.isoformat()
            payload = {"every": choices.summary, "until": until}
            key = f"{person.key}/{Told.SUMMARY}/{until}"
            planned = NewNotice(key, person, Told.SUMMARY, None, payload, later=due_at)
        await self._store.plan(person, Told.SUMMARY, planned, now)

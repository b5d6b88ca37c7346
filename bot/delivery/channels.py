"""Channels that the bot can no longer write to: what was told there ends, and its owners are told so once."""

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.language import speaking
from bot.links import Person
from bot.messages.reminders import place_lost
from bot.people import People
from bot.store import NewNotice, Store

_log = structlog.get_logger(__name__)


class Channels:
    """The places in which jobs are told, and their end."""

    def __init__(self, store: Store, people: People, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._people = people
        self._clock = clock

    async def lost(self, channel: str, person: Person | None = None) -> bool:
        """End what is told in a channel, of one person where given; tells whether there was anything."""
        ended = await self._store.lose_channel(channel, person)
        for owner, place in ended:
            _log.info("a channel is lost", person=owner.key, channel=channel)
            with speaking(await self._people.language(owner)):
                message = place_lost(channel, place.project_id)
            await self._store.owe(NewNotice.said(f"lost/{place.id}", owner, message), self._clock())
        return bool(ended)

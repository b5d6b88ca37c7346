"""The words beside numbers: projects' titles and people's names, fetched one by one and remembered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog
from cachetools import TTLCache

from bot.ecotaxa import EcoTaxa
from bot.errors import EcoTaxaError, NotAllowed, NotFound
from bot.links import Token
from bot.work import Work

_log = structlog.get_logger(__name__)

PATIENCE = 1.5
"""Seconds that a message waits for words at most: then it shows numbers alone."""
KEPT_SECONDS = 3600
MOST = 20_000

_Key = tuple[int, int]
"""The EcoTaxa account that asked, and what it asked for: what one may see is not shown to another."""


class Captions:
    """What some numbers are called, with the rights of who asks; nothing waits long for it.

    `fetch` gives the word for a number, or raises EcoTaxaError.
    """

    def __init__(
        self, fetch: Callable[[Token, int], Awaitable[str]], work: Work, patience: float = PATIENCE
    ) -> None:
        self._fetch = fetch
        self._work = work
        self._patience = patience
        self._known: TTLCache[_Key, str] = TTLCache(MOST, ttl=KEPT_SECONDS)
        self._under_way: dict[_Key, asyncio.Task[None]] = {}

    @classmethod
    def of_projects(cls, ecotaxa: EcoTaxa, work: Work) -> "Captions":
        """Projects' titles."""

        async def title(token: Token, project_id: int) -> str:
            return (await ecotaxa.get_project(token, project_id)).title

        return cls(title, work)

    @classmethod
    def of_sizes(cls, ecotaxa: EcoTaxa, work: Work) -> "Captions":
        """How many objects projects have, as digits."""

        async def size(token: Token, project_id: int) -> str:
            objects = (await ecotaxa.get_project(token, project_id)).objects
            return "" if objects is None else str(objects)

        return cls(size, work)

    @classmethod
    def of_people(cls, ecotaxa: EcoTaxa, work: Work) -> "Captions":
        """The names of EcoTaxa's users."""

        async def name(token: Token, user_id: int) -> str:
            user = await ecotaxa.get_user(token, user_id)
            return user.name if user else ""

        return cls(name, work)

    async def find(self, token: Token, numbers: Iterable[int]) -> dict[int, str]:
        """The words for these numbers, as far as they are known within a moment; foreign text.

        What comes later is there the next time.  What the person may not see is left out.
        """
        keys = {number: (token.ecotaxa_user_id, number) for number in numbers}
        unknown = [self._begin(token, key) for key in keys.values() if key not in self._known]
        if unknown:
            await asyncio.wait(unknown, timeout=self._patience)
        found = {number: self._known.get(key, "") for number, key in keys.items()}
        return {number: word for number, word in found.items() if word}

    def forget(self, ecotaxa_user_id: int | None) -> None:
        """Keep nothing in mind that an account was told."""
        for key in [key for key in self._known if key[0] == ecotaxa_user_id]:
            del self._known[key]

    def _begin(self, token: Token, key: _Key) -> asyncio.Task[None]:
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = self._work.start(self._ask(token, key), name="caption")
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return task

    async def _ask(self, token: Token, key: _Key) -> None:
        try:
            self._known[key] = await self._fetch(token, key[1])
        except (NotAllowed, NotFound):
            self._known[key] = ""
        except EcoTaxaError as error:
            _log.info("no caption", number=key[1], why=str(error))

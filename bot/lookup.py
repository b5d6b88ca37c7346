"""Finding users and taxa while somebody types: EcoTaxa's own search, answered in time whatever it does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from cachetools import LRUCache, TTLCache

from bot.ecotaxa import EcoTaxa
from bot.errors import EcoTaxaError, NotAllowed, NotFound, TokenRejected
from bot.language import say, spoken_now
from bot.links import Token
from bot.names import Taxon, User
from bot.store import NameKind
from bot.work import Work

_log = structlog.get_logger(__name__)

PATIENCE: Final = 2.0
"""Seconds a search may take; Slack wants the options within 3 s, the rest is the way there and back."""
MOST: Final = 98
"""Choices in one list: Slack takes 100, two are kept for rows of our own."""
MOST_DIGITS: Final = 10
"""As many as the highest number of a project has."""
LINEAGES: Final = 10
"""Taxa at the top of a list whose lineage is fetched; the others show what the search itself tells."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One row to choose: EcoTaxa's id, its name, and what tells it from others of that name."""

    id: int
    label: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The choices for what is typed so far; incomplete when EcoTaxa did not answer in time.

    `more` tells that EcoTaxa found more than one list takes.
    """

    choices: Sequence[Choice]
    complete: bool = True
    more: bool = False


class Lookup:
    """EcoTaxa's user and taxon search with a memory.

    Of all that goes wrong with a search only TokenRejected is raised.  Nothing is cancelled: a search that
    takes too long goes on, and its result is there for the next letter typed.  What one EcoTaxa account
    found is not shown to another.
    """

    def __init__(self, ecotaxa: EcoTaxa, *, work: Work, patience: float = PATIENCE) -> None:
        self._ecotaxa = ecotaxa
        self._work = work
        self._patience = patience
        self._found: TTLCache[tuple[object, ...], Found] = TTLCache(4000, ttl=300)
        self._users_found: TTLCache[tuple[object, ...], list[User]] = TTLCache(2000, ttl=300)
        self._taxa_found: TTLCache[tuple[object, ...], list[Taxon]] = TTLCache(2000, ttl=300)
        self._under_way: dict[tuple[object, ...], asyncio.Task[Found | None]] = {}
        self._taxa: LRUCache[int, Taxon] = LRUCache(20_000)
        self._known: LRUCache[tuple[NameKind, int], bool] = LRUCache(50_000)

    async def taxa(self, token: Token, project_id: int | None, text: str) -> Found:
        """Taxa whose name starts so; with little text the person's recent ones."""
        query = " ".join(text.split())
        scope = ("taxon", token.ecotaxa_user_id, project_id)
        return await self._in_time(scope, query, lambda: self._search_taxa(token, project_id, query))

    async def users(self, token: Token, text: str) -> Found:
        """Users whose name holds the text."""
        query = " ".join(text.split())
        if not query:
            return Found(())
        return await self._in_time(
            ("user", token.ecotaxa_user_id), query, lambda: self._search_users(token, query)
        )

    async def projects(self, token: Token, text: str) -> Found:
        """The person's projects whose title holds the text, or whose number it is; any for no text."""
        query = " ".join(text.split())
        scope = ("project", token.ecotaxa_user_id)
        return await self._in_time(scope, query, lambda: self._search_projects(token, query))

    async def find_users(self, token: Token, text: str) -> list[User]:
        """Users whose name holds the text, without hurry; raises EcoTaxaError."""
        key = (token.ecotaxa_user_id, text)
        if (users := self._users_found.get(key)) is None:
            users = self._users_found[key] = await self._ecotaxa.search_users(token, text)
            self._known.update({("user", user.id): True for user in users})
        return users

    async def find_taxa(self, token: Token, project_id: int | None, text: str) -> list[Taxon]:
        """Taxa whose name starts so, without hurry; raises EcoTaxaError."""
        key = (token.ecotaxa_user_id, project_id, text)
        if (taxa := self._taxa_found.get(key)) is None:
            taxa = self._taxa_found[key] = await self._ecotaxa.search_taxa(token, text, project_id)
            self._known.update({("taxon", taxon.id): True for taxon in taxa})
        return taxa

    async def taxon(self, token: Token, taxon_id: int) -> Taxon | None:
        """One taxon with its lineage; raises EcoTaxaError."""
        if taxon_id not in self._taxa:
            taxon = await self._ecotaxa.get_taxon(token, taxon_id)
            if taxon is None:
                return None
            self._taxa[taxon_id] = taxon
            self._known["taxon", taxon_id] = True
        return self._taxa[taxon_id]

    async def exists(self, token: Token, kind: NameKind, what: int) -> bool:
        """Whether EcoTaxa itself knows this id: it stores an unknown user, and fails on an unknown taxon.

        Raises EcoTaxaError.
        """
        if (kind, what) not in self._known:
            found = await (self._ecotaxa.get_user(token, what) if kind == "user" else self.taxon(token, what))
            if found is None:
                return False
            self._known[kind, what] = True
        return True

    async def _in_time(
        self, scope: tuple[object, ...], query: str, search: Callable[[], Awaitable[Found]]
    ) -> Found:
        # What is found tells in a language what is odd about a taxon.
        scope = (spoken_now(), *scope)
        key = (*scope, query.casefold())
        if key in self._found:
            return self._found[key]
        task = self._under_way.get(key)
        if task is None:
            task = self._work.start(self._remember(key, search), name="search")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        found = task.result() if done else None
        return Found(self._nearest(scope, key[-1]), complete=False) if found is None else found

    async def _remember(
        self, key: tuple[object, ...], search: Callable[[], Awaitable[Found]]
    ) -> Found | None:
        try:
            found = await search()
        except TokenRejected:
            raise
        except EcoTaxaError as error:
            _log.warning("search failed", why=str(error))
            return None
        self._found[key] = found
        return found

    def _nearest(self, scope: tuple[object, ...], query: object) -> list[Choice]:
        typed = str(query)
        for length in range(len(typed) - 1, 0, -1):
            if (earlier := self._found.get((*scope, typed[:length]))) is not None:
                return [choice for choice in earlier.choices if typed in choice.label.casefold()]
        return []

    async def _search_users(self, token: Token, query: str) -> Found:
        users = await self.find_users(token, query)
        ranked = sorted(
            users, key=lambda user: (not user.name.casefold().startswith(query.casefold()), user.name)
        )
        choices = [
            Choice(user.id, user.name, " · ".join(filter(None, (user.organisation, user.email))))
            for user in ranked
        ]
        return _first(choices)

    async def _search_projects(self, token: Token, query: str) -> Found:
        found = await self._ecotaxa.search_projects(token, query)
        number = query.removeprefix("#")
        if number.isdecimal() and len(number) <= MOST_DIGITS:
            try:
                found = [await self._ecotaxa.get_project(token, int(number)), *found]
            except (NotAllowed, NotFound):
                _log.info("no project of that number", project=number)
        return _first(list({project.id: Choice(project.id, project.title) for project in found}.values()))

    async def _search_taxa(self, token: Token, project_id: int | None, query: str) -> Found:
        found: dict[int, Taxon] = {}
        for taxon in await self.find_taxa(token, project_id, query):
            if taxon.renamed_to is None:
                found[taxon.id] = taxon
            else:
                found.setdefault(taxon.renamed_to, taxon)
        taxa = list(found.values())[:MOST]
        wanted = {taxon.id for taxon in taxa[:LINEAGES]}
        wanted |= {taxon.renamed_to for taxon in taxa if taxon.renamed_to is not None}
        await asyncio.gather(*(self._try_taxon(token, taxon_id) for taxon_id in wanted))
        return Found([self._choice(taxon) for taxon in taxa], more=len(found) > MOST)

    async def _try_taxon(self, token: Token, taxon_id: int) -> None:
        try:
            await self.taxon(token, taxon_id)
        except EcoTaxaError as error:
            _log.info("no lineage", taxon=taxon_id, why=str(error))

    def _choice(self, taxon: Taxon) -> Choice:
        target = self._taxa.get(taxon.renamed_to) if taxon.renamed_to is not None else None
        if target is not None:
            about = (about_taxon(target, ()), say("new name of {taxon}", taxon=taxon.text))
            return Choice(target.id, target.text, " · ".join(filter(None, about)))
        detailed = self._taxa.get(taxon.id, taxon)
        return Choice(taxon.id, taxon.text, about_taxon(taxon, detailed.lineage))


def _first(choices: Sequence[Choice]) -> Found:
    """As many as one list takes."""
    return Found(choices[:MOST], more=len(choices) > MOST)


def about_taxon(taxon: Taxon, lineage: Sequence[str]) -> str:
    """What tells a taxon from others of its name: a warning first, then where it stands in the tree."""
    marks = []
    if taxon.renamed_to is not None:
        marks.append(say("renamed"))
    if taxon.is_deprecated:
        marks.append(say("deprecated"))
    elif not taxon.is_approved:
        marks.append(say("not approved"))
    above = " < ".join(lineage[1:4])
    return " · ".join(filter(None, (*marks, above)))

"""Who or what an unmatched name probably is: remembered, or the one that fits."""

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from bot.ecotaxa import EcoTaxa
from bot.errors import EcoTaxaError
from bot.jobs import Job, Question
from bot.language import mark
from bot.links import Link
from bot.lookup import Lookup
from bot.names import Taxon, User
from bot.store import NameKind, Pick, Store

_log = structlog.get_logger(__name__)

AT_ONCE = 5
"""Requests under way at the same time for one modal."""
MOST_SEARCHES = 3
"""User searches for one name: EcoTaxa looks for one word at a time, and in names only, never in e-mails."""
SAME_EMAIL = mark("same e-mail")


@dataclass(frozen=True, slots=True)
class Name:
    """One name that an asking job could not match."""

    kind: NameKind
    text: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a name probably is, and why, in a few words that are still to be said."""

    pick: Pick
    why: str


def names_of(question: Question) -> list[Name]:
    """The names in the order in which they are asked: users first, as EcoTaxa's own form does."""
    users = [Name("user", name, question.emails.get(name, "")) for name in question.users]
    return users + [Name("taxon", name) for name in question.taxa]


class Suggestions:
    """Finds suggestions for names, as the person whose link it is."""

    def __init__(self, ecotaxa: EcoTaxa, lookup: Lookup, store: Store) -> None:
        self._ecotaxa = ecotaxa
        self._lookup = lookup
        self._store = store

    async def find(self, link: Link, job: Job, names: Iterable[Name]) -> dict[Name, Suggestion]:
        """Suggestions for those names that have one; an ailing EcoTaxa just means fewer of them."""
        wanted = list(names)
        project_id = job.project_ids[0] if job.project_ids else None
        users = [name.text for name in wanted if name.kind == "user"]
        remembered = await self._store.find_remembered_users(link.person, users) if users else {}
        memory: Mapping[str, int | None] = {}
        if project_id is not None and len(users) < len(wanted):
            memory = await self._taxon_memory(link, project_id)
        gate = asyncio.Semaphore(AT_ONCE)

        async def suggest(name: Name) -> Suggestion | None:
            async with gate:
                try:
                    if name.kind == "user":
                        return await self._user(link, name, remembered)
                    return await self._taxon(link, project_id, name, memory)
                except EcoTaxaError as error:
                    _log.info("no suggestion", why=str(error))
                    return None

        found = await asyncio.gather(*(suggest(name) for name in wanted))
        return {name: it for name, it in zip(wanted, found, strict=True) if it is not None}

    async def _taxon_memory(self, link: Link, project_id: int) -> Mapping[str, int | None]:
        try:
            return (await self._ecotaxa.get_taxon_memory(link.token, project_id)).from_to
        except EcoTaxaError as error:
            _log.info("no taxon memory", project=project_id, why=str(error))
            return {}

    async def _user(self, link: Link, name: Name, remembered: Mapping[str, Pick]) -> Suggestion | None:
        pick = remembered.get(name.text)
        before = Suggestion(pick, mark("you chose this before")) if pick is not None else None
        if before is not None and not name.email:
            return before
        # One name may be two people's: the e-mail in this file says more than the choice for an earlier one.
        fit = await self._search_user(link, name)
        return fit if before is None or (fit is not None and fit.why == SAME_EMAIL) else before

    async def _search_user(self, link: Link, name: Name) -> Suggestion | None:
        known: dict[int, User] = {}
        fit: Suggestion | None = None
        for word in search_words(name):
            known |= {user.id: user for user in await self._lookup.find_users(link.token, word)}
            fit = fitting_user(name, known.values())
            if fit is not None and (fit.why == SAME_EMAIL or not name.email):
                break
        return fit

    async def _taxon(
        self, link: Link, project_id: int | None, name: Name, memory: Mapping[str, int | None]
    ) -> Suggestion | None:
        if (taxon_id := memory.get(name.text)) is not None:
            taxon = await self._current(link, taxon_id)
            if taxon is not None:
                return Suggestion(Pick(taxon.id, taxon.text), mark("remembered by the project"))
        spelling = display_name(name.text)
        if len(spelling) < 3:
            return None
        exact = fitting_taxon(spelling, await self._lookup.find_taxa(link.token, project_id, spelling))
        return Suggestion(Pick(exact.id, exact.text), mark("the one exact match")) if exact else None

    async def _current(self, link: Link, taxon_id: int) -> Taxon | None:
        """The taxon or its new name; None for one that should no longer be used, so that a person looks."""
        taxon = await self._lookup.taxon(link.token, taxon_id)
        if taxon is not None and taxon.renamed_to is not None:
            taxon = await self._lookup.taxon(link.token, taxon.renamed_to)
        if taxon is None or taxon.is_deprecated or taxon.renamed_to is not None:
            return None
        return taxon


def search_words(name: Name) -> list[str]:
    """What to search for a user, the most telling first: words of the name and of its e-mail's local part.

    The e-mail helps where the name is spelt otherwise, or is only initials.
    """
    in_name, in_email = _long_words(name.text), _long_words(name.email.partition("@")[0])
    ranked = [*in_name[:1], *in_email[:1], *in_name[1:], *in_email[1:]]
    return list(dict.fromkeys(ranked))[:MOST_SEARCHES]


def _long_words(text: str) -> list[str]:
    """The words of three letters or more, the longest first."""
    return sorted(re.findall(r"[^\W\d_]{3,}", text.lower()), key=len, reverse=True)


def display_name(name: str) -> str:
    """A name from a file as EcoTaxa displays taxa: `part (annelida)` is `part<annelida`."""
    inner = re.fullmatch(r"\s*(.+?)\s*\(\s*([^()]+?)\s*\)\s*", name)
    return f"{inner[1]}<{inner[2]}" if inner else re.sub(r"\s*<\s*", "<", name.strip())


def fitting_taxon(spelling: str, taxa: Iterable[Taxon]) -> Taxon | None:
    """The one approved taxon that is spelt so, whatever its capitals; None when there are several."""
    exact = [
        taxon
        for taxon in taxa
        if taxon.is_approved and taxon.renamed_to is None and taxon.text.casefold() == spelling.casefold()
    ]
    return exact[0] if len(exact) == 1 else None


def fitting_user(name: Name, users: Iterable[User]) -> Suggestion | None:
    """The one user whose e-mail is the file's, else the one whose name fits; None when several do."""
    known = list(users)
    for why, fits in (
        (SAME_EMAIL, [u for u in known if name.email and u.email.casefold() == name.email.casefold()]),
        (mark("same name"), [u for u in known if _words(u.name) == _words(name.text)]),
        (mark("the name fits"), [u for u in known if _abbreviates(_words(name.text), _words(u.name))]),
    ):
        if len(fits) == 1:
            return Suggestion(Pick(fits[0].id, fits[0].name), why)
        if fits:
            return None
    return None


def _words(name: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.findall(r"\w+", bare.casefold())


def _abbreviates(short: list[str], full: list[str]) -> bool:
    """Whether `e rodriguez` may stand for `elena rodriguez`: each word begins its own, in order."""
    if len(short) != len(full) or len(short) < 2:
        return False
    return all(word.startswith(part) for part, word in zip(short, full, strict=True))

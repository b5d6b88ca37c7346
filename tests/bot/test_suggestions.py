"""Who or what an unmatched name probably is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.ecotaxa import EcoTaxa
from bot.jobs import Job
from bot.links import Link, Person, Token
from bot.lookup import Lookup
from bot.names import Taxon, User
from bot.store import Store
from bot.suggestions import (
    MOST_SEARCHES,
    Name,
    Suggestion,
    Suggestions,
    display_name,
    fitting_taxon,
    fitting_user,
    search_words,
)
from bot.vault import Vault
from bot.work import Work
from tests.bot.scripted_server import Act, ScriptedServer, say, serving

LINK = Link(
    Person(None, "T1", "U1"), Token("secret", 2, datetime(2026, 3, 1, tzinfo=UTC)), "Ada", "ada@lab.example"
)
IMPORT = Job.parse({"id": 12, "state": "A", "type": "FileImport", "params": {"prj_id": 3}})

ELENA = User(1, "Elena Rodriguez", "elena@example.org")
EDUARDO = User(2, "Eduardo Rodriguez", "eduardo@example.org")
AMELIE = User(3, "Amélie Laurent", "amelie@example.org")
TWIN = User(4, "Amelie Laurent", "other@example.org")


@pytest.mark.parametrize(
    ("name", "displayed"),
    [
        ("part (annelida)", "part<annelida"),
        ("part(annelida)", "part<annelida"),
        ("part < annelida", "part<annelida"),
        ("egg<other", "egg<other"),
        ("cyclopoida", "cyclopoida"),
        ("  cyclopoida ", "cyclopoida"),
        ("part (a (b))", "part (a (b))"),
        ("(annelida)", "(annelida)"),
        ("", ""),
    ],
)
def test_a_name_is_spelt_as_ecotaxa_displays_taxa(name: str, displayed: str) -> None:
    assert display_name(name) == displayed


@pytest.mark.parametrize(
    ("taxa", "found"),
    [
        ([Taxon(5, "part<Annelida", "A")], 5),
        ([Taxon(5, "part<Annelida", "A"), Taxon(6, "part<Annelida fragment", "A")], 5),
        ([Taxon(5, "part<Annelida", "A"), Taxon(6, "Part<annelida", "A")], None),
        ([Taxon(5, "part<Annelida", "N")], None),
        ([Taxon(5, "part<Annelida", "D")], None),
        ([Taxon(5, "part<Annelida", "A", renamed_to=9)], None),
        ([Taxon(5, "part", "A")], None),
        ([], None),
    ],
)
def test_only_the_one_approved_exact_match_is_suggested(taxa: list[Taxon], found: int | None) -> None:
    taxon = fitting_taxon("part<annelida", taxa)

    assert (taxon.id if taxon else None) == found


@pytest.mark.parametrize(
    ("name", "email", "users", "found", "why"),
    [
        ("e. rodriguez", "ELENA@example.org", [EDUARDO, ELENA], 1, "same e-mail"),
        ("e. rodriguez", "nobody@example.org", [EDUARDO, ELENA], None, ""),
        ("e. rodriguez", "", [ELENA], 1, "the name fits"),
        ("elena rodriguez", "", [EDUARDO, ELENA], 1, "same name"),
        ("amelie laurent", "", [AMELIE], 3, "same name"),
        ("amelie laurent", "", [AMELIE, TWIN], None, ""),
        ("amelie laurent", "other@example.org", [AMELIE, TWIN], 4, "same e-mail"),
        ("rodriguez", "", [ELENA], None, ""),
        ("x. rodriguez", "", [ELENA], None, ""),
        ("e. m. rodriguez", "", [ELENA], None, ""),
        ("...", "", [ELENA], None, ""),
        ("e. rodriguez", "", [], None, ""),
    ],
)
def test_only_the_one_user_who_fits_is_suggested(
    name: str, email: str, users: list[User], found: int | None, why: str
) -> None:
    suggestion = fitting_user(Name("user", name, email), users)

    assert (suggestion.pick.id if suggestion else None) == found
    assert (suggestion.why if suggestion else "") == why


@pytest.mark.parametrize(
    ("name", "email", "words"),
    [
        ("e. rodriguez", "", ["rodriguez"]),
        ("e. r.", "elena.rodriguez@example.org", ["rodriguez", "elena"]),
        ("e. r.", "", []),
        ("anna muller", "", ["muller", "anna"]),
        ("anna muller", "Anna.Schmidt@example.org", ["muller", "schmidt", "anna"]),
        ("maria del carmen lopez", "mcl_2019@example.org", ["carmen", "mcl", "maria"]),
        ("elena rodriguez", "e.rodriguez@example.org", ["rodriguez", "elena"]),
        ("x", "@", []),
    ],
)
def test_the_words_of_the_name_and_of_its_email_are_searched(name: str, email: str, words: list[str]) -> None:
    assert search_words(Name("user", name, email)) == words


@asynccontextmanager
async def suggesting(tmp_path: Path, *script: Act) -> AsyncIterator[tuple[Suggestions, ScriptedServer]]:
    """Suggestions from a server that answers by the script."""
    store = Store.open(f"sqlite:///{tmp_path}/bot.sqlite3", Vault([Vault.new_key()]))
    await store.migrate()
    async with serving(*script) as server:
        ecotaxa = EcoTaxa(server.url)
        yield Suggestions(ecotaxa, Lookup(ecotaxa, work=Work()), store), server
        await ecotaxa.aclose()
    await store.close()


def a_taxon(number: int, text: str, status: str = "A", renamed_to: int | None = None) -> Act:
    return say(
        {"id": number, "display_name": text, "status": status, "renm_id": renamed_to, "lineage": [text]}
    )


REMEMBERED = say({"from_to": {"fish": 5}, "doc": {}})
NOTHING = say([])


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ([a_taxon(5, "Actinopterygii")], 5),
        ([a_taxon(5, "Actinopterygii", "N")], 5),
        ([a_taxon(5, "fish", "D", renamed_to=9), a_taxon(9, "Actinopterygii")], 9),
        ([a_taxon(5, "fish", "D"), NOTHING], None),
        ([a_taxon(5, "fish", "D", renamed_to=9), a_taxon(9, "Pisces", "D"), NOTHING], None),
        ([a_taxon(5, "fish", "A", renamed_to=9), a_taxon(9, "Pisces", "A", renamed_to=11), NOTHING], None),
        ([a_taxon(5, "fish", "D"), say([{"id": 7, "text": "Fish", "status": "A"}])], 7),
    ],
)
async def test_what_the_project_remembers_is_not_suggested_once_it_is_deprecated(
    tmp_path: Path, script: list[Act], found: int | None
) -> None:
    fish = Name("taxon", "fish")
    async with suggesting(tmp_path, REMEMBERED, *script) as (suggestions, _):
        suggested = await suggestions.find(LINK, IMPORT, [fish])

    assert (suggested[fish].pick.id if fish in suggested else None) == found


async def searched(
    tmp_path: Path, names: list[Name], users: list[dict[str, Any]]
) -> tuple[int, dict[Name, Suggestion]]:
    """How often users were searched, each time finding these, and what was suggested."""
    async with suggesting(tmp_path, say(users)) as (suggestions, server):
        found = await suggestions.find(LINK, IMPORT, names)
    return len(server.targets), found


async def test_a_name_takes_few_searches_and_no_more_once_its_email_is_found(tmp_path: Path) -> None:
    name = Name("user", "maria del carmen lopez garcia", "elena.rodriguez@example.org")
    elena = {"id": 1, "name": "Elena Rodriguez", "email": "ELENA.Rodriguez@example.org"}
    eduardo = {"id": 2, "name": "Eduardo Rodriguez", "email": "eduardo@example.org"}

    assert await searched(tmp_path, [name], [eduardo]) == (MOST_SEARCHES, {})
    times, found = await searched(tmp_path, [name], [eduardo, elena])
    assert (times, found[name].pick.id, found[name].why) == (1, 1, "same e-mail")

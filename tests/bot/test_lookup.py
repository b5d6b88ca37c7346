"""What a type-ahead list shows of what EcoTaxa found."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.ecotaxa import EcoTaxa
from bot.links import Token
from bot.lookup import MOST, Choice, Lookup
from bot.work import Work
from tests.bot.scripted_server import Act, say, serving

TOKEN = Token("secret", 2, datetime(2026, 3, 1, tzinfo=UTC))
IN_TIME = 60.0
"""Seconds that a search may take here: none of these is about a slow EcoTaxa."""


@asynccontextmanager
async def looking(*script: Act) -> AsyncIterator[Lookup]:
    """A lookup at a server that answers by the script."""
    async with serving(*script) as server:
        ecotaxa = EcoTaxa(server.url)
        yield Lookup(ecotaxa, work=Work(), patience=IN_TIME)
        await ecotaxa.aclose()


def users(count: int) -> list[dict[str, Any]]:
    return [{"id": n, "name": f"Martin {n:03}", "email": f"m{n}@lab.example"} for n in range(1, count + 1)]


@pytest.mark.parametrize(("count", "more"), [(1, False), (MOST, False), (MOST + 1, True), (500, True)])
async def test_a_list_that_holds_not_all_users_knows_it(count: int, more: bool) -> None:
    async with looking(say(users(count))) as lookup:
        found = await lookup.users(TOKEN, "martin")
        again = await lookup.users(TOKEN, "Martin")

    assert found.complete
    assert (len(found.choices), found.more) == (min(count, MOST), more)
    assert again == found, "also when it is remembered"


@pytest.mark.parametrize(("count", "more"), [(MOST, False), (200, True)])
async def test_a_list_that_holds_not_all_taxa_knows_it(count: int, more: bool) -> None:
    taxa = [{"id": n, "text": f"part<Family {n}", "status": "A"} for n in range(1, count + 1)]
    async with looking(say(taxa), say(None)) as lookup:
        found = await lookup.taxa(TOKEN, None, "part")

    assert (len(found.choices), found.more) == (MOST, more)


async def test_a_taxon_and_its_old_names_take_one_row() -> None:
    old = [{"id": n, "text": f"fish {n}", "status": "D", "renm_id": 5000} for n in range(1, 50)]
    fish = {"id": 5000, "text": "fishes", "status": "A"}
    others = [{"id": n, "text": f"fish<{n}", "status": "A"} for n in range(6000, 6000 + MOST - 1)]
    async with looking(say([*old, fish, *others]), say(None)) as lookup:
        found = await lookup.taxa(TOKEN, None, "fish")

    assert found.choices[0] == Choice(5000, "fishes")
    assert (len(found.choices), found.more) == (MOST, False)


async def test_a_new_name_that_is_itself_deprecated_is_marked() -> None:
    fish = {"id": 5, "text": "fish", "status": "D", "renm_id": 9}
    pisces = {"id": 9, "display_name": "Pisces", "status": "D", "lineage": ["Pisces"]}
    # Both taxa are asked for at the same time: either answer will do for the old name.
    async with looking(say([fish]), say(pisces)) as lookup:
        found = await lookup.taxa(TOKEN, None, "fish")

    assert found.choices == [Choice(9, "Pisces", "deprecated · new name of fish")]

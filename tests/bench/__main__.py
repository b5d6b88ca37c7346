"""`python -m tests.bench [NAME …]`: print one line of JSON a figure, and keep it in docs.

Exits 0 also where a bar is missed.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

from tests.bench import (
    acknowledging,
    bursting,
    commanding,
    demoing,
    fleet,
    hearing,
    listing,
    looking,
    page,
    paging,
    pinging,
    polling,
    relaying,
    replicas,
    simulating,
    starting,
)
from tests.bench.figures import Figure

BENCHES: dict[str, Callable[[], Awaitable[Figure | Sequence[Figure]]]] = {
    "acknowledging": acknowledging.measure,
    "polling": polling.measure,
    "pinging": pinging.measure,
    "bursting": bursting.warm,
    "bursting-cold": bursting.cold,
    "simulating": simulating.measure,
    "demo": demoing.measure,
    "page": paging.measure,
    "listing": listing.measure,
    "relaying": relaying.throughput,
    "relaying-memory": relaying.memory,
    "hearing": hearing.measure,
    "fleet": fleet.measure,
    "looking": looking.measure,
    "replicas": replicas.measure,
    "commanding": commanding.measure,
    "starting": starting.starting,
    "idling": starting.idling,
}


async def main(names: list[str]) -> None:
    """Measure one after the other, so that none disturbs another."""
    for name in names or BENCHES:
        found = await BENCHES[name]()
        figures = [found] if isinstance(found, Figure) else found
        for figure in figures:
            sys.stdout.write(f"{figure.line()}\n")
        sys.stdout.flush()
        page.keep(figures)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

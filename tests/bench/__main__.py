"""`python -m tests.bench [NAME …]`: print one line of JSON a figure; exits 0 also where a bar is missed."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from tests.bench import acknowledging, demoing, listing, paging, pinging, polling, relaying
from tests.bench.figures import Figure

BENCHES: dict[str, Callable[[], Awaitable[Figure]]] = {
    "acknowledging": acknowledging.measure,
    "polling": polling.measure,
    "pinging": pinging.measure,
    "demo": demoing.measure,
    "page": paging.measure,
    "listing": listing.measure,
    "relaying": relaying.throughput,
    "relaying-memory": relaying.memory,
}


async def main(names: list[str]) -> None:
    """Measure one after the other, so that none disturbs another."""
    for name in names or BENCHES:
        figure = await BENCHES[name]()
        sys.stdout.write(f"{figure.line()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

"""A watcher by itself, without the rest of the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ecotaxa import EcoTaxa
from bot.metrics import Metrics
from bot.store import Store
from bot.watcher import Pace, Watcher
from bot.work import Work


@asynccontextmanager
async def watching(store: Store, api_url: str, pace: Pace) -> AsyncIterator[tuple[Watcher, Work]]:
    """What looks at EcoTaxa for who is linked in a store, and tells nobody; and its looks under way."""
    ecotaxa, work = EcoTaxa(api_url), Work()
    watcher = Watcher(
        store,
        ecotaxa,
        pace,
        work=work,
        on_news=lambda: None,
        on_progress=lambda _person, _jobs: None,
        metrics=Metrics(),
    )
    try:
        yield watcher, work
    finally:
        await ecotaxa.aclose()

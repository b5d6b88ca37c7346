"""Pages of people's lists: asked from EcoTaxa, as little of it as the page needs.

EcoTaxa lists jobs in no order and without pages; 5,000 of them take it 2.6 s and 4.7 MB, however few
are shown.  So for an account that keeps many, what runs, waits and asks is asked for by state (some
5 ms each), the rest stands in the order of the job ids that the watch keeps anyway, and only the jobs
of the page are read one by one (5 ms each).  What came and went unseen between two looks is missing
there; *Refresh* asks for the whole list.  With filters it is always asked for, as narrow as EcoTaxa's
own filters allow, and a long one's order is kept for a while, for its pages to be turned.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from cachetools import TTLCache

from bot.captions import Captions
from bot.ecotaxa import EcoTaxa
from bot.errors import NotAllowed, NotFound, Unavailable
from bot.filters import Filter
from bot.jobs import OPEN, Job, JobState
from bot.language import mark, say
from bot.links import Link, Token
from bot.listing import ALL, Listing, held, in_order, on_page, states_of, takes, type_of
from bot.messages import shown_projects
from bot.store import Store

MANY = 200
"""Jobs up to which one whole list costs EcoTaxa no more than a dozen small requests (0.45 ms a job)."""
LANES = 3
"""Jobs read at the same time: EcoTaxa has one worker, and every connection more costs a handshake."""
ORDERS, ORDER_SECONDS = 64, 120
"""How many orders of long lists are kept, and how long: some 200 kB each for 5,000 jobs."""
_TOO_MANY = mark(
    "EcoTaxa does not answer in time. Everybody's jobs may be too many at once: "
    "try fewer, as in `/ecotaxa jobs all running`."
)


class Lister:
    """Makes one page of a list, with titles and names beside the numbers as far as they are known."""

    def __init__(self, ecotaxa: EcoTaxa, store: Store, *, titles: Captions, owners: Captions) -> None:
        self._ecotaxa = ecotaxa
        self._store = store
        self._titles = titles
        self._owners = owners
        self._orders: TTLCache[tuple[int, Filter], tuple[int, ...]] = TTLCache(ORDERS, ORDER_SECONDS)

    async def page(self, link: Link, page: int = 0, wanted: Filter = ALL, *, anew: bool = False) -> Listing:
        """A page of what the person wants listed; `anew` when nothing may stand as it was seen before.

        Raises EcoTaxaError; NotAllowed when it is everybody's jobs, and they are no administrator.
        """
        listing = None if anew else await self._remembered(link, page, wanted)
        return await self._named(link.token, listing or await self._asked(link.token, page, wanted))

    async def _remembered(self, link: Link, page: int, wanted: Filter) -> Listing | None:
        """The page by an order that is known; None without one, or when jobs of it have gone since."""
        token = link.token
        order: Sequence[int] | None = self._orders.get((token.ecotaxa_user_id, wanted)) if page else None
        fresh: dict[int, Job] = {}
        if order is None:
            seen = await self._store.seen_jobs(link.person, MANY) if wanted.is_plain else None
            if seen is None:
                return None
            fresh = {job.id: job for job in in_order(await self._lists(token, OPEN))}
            order = [*fresh, *sorted(set(seen).difference(fresh), reverse=True)]
        page = held(page, len(order))
        ids = on_page(order, page)
        late = [job_id for job_id in ids if job_id not in fresh]
        lanes = (self._jobs(token, late[lane::LANES]) for lane in range(LANES))
        try:
            fresh |= {job.id: job for jobs in await asyncio.gather(*lanes) for job in jobs}
        except (NotFound, NotAllowed):
            return None
        return Listing([fresh[job_id] for job_id in ids], page, len(order), wanted, remembered=True)

    async def _asked(self, token: Token, page: int, wanted: Filter) -> Listing:
        try:
            jobs = await self._lists(token, states_of(wanted), wanted)
        except Unavailable as error:
            raise Unavailable(say(_TOO_MANY) if wanted.everyone else None, detail=error.detail) from None
        if len(jobs) > MANY and not wanted.is_plain:
            order = in_order(job for job in jobs if takes(wanted, job))
            self._orders[token.ecotaxa_user_id, wanted] = tuple(job.id for job in order)
        return Listing.of(jobs, page, wanted)

    async def _jobs(self, token: Token, ids: Sequence[int]) -> list[Job]:
        return [await self._ecotaxa.get_job(token, job_id) for job_id in ids]

    async def _lists(
        self, token: Token, states: Sequence[JobState | None], wanted: Filter = ALL
    ) -> list[Job]:
        """What EcoTaxa lists for each of the states; older servers give more than was asked for."""
        lists = await asyncio.gather(
            *(
                self._ecotaxa.list_jobs(token, state, job_type=type_of(wanted), everyone=wanted.everyone)
                for state in states
            )
        )
        return [job for jobs in lists for job in jobs]

    async def _named(self, token: Token, listing: Listing) -> Listing:
        projects = {project for job in listing.jobs for project in shown_projects(job)}
        if listing.wanted.project_id is not None:
            projects.add(listing.wanted.project_id)
        people = {job.owner_id for job in listing.jobs if job.owner_id} if listing.wanted.everyone else ()
        titles, owners = await asyncio.gather(
            self._titles.find(token, projects), self._owners.find(token, people)
        )
        return replace(listing, titles=titles, owners=owners)

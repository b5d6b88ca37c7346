"""One run: jobs move, the bot dies and is started again, and in the end everything is counted."""

import asyncio
import contextlib
import json
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot import newsdesk
from bot.links import Link, Token
from bot.rules.kinds import Told
from bot.rules.preferences import Summary
from bot.rules.watches import Watch
from bot.sandbox.demo import environment
from bot.sandbox.driver import SandboxDriver, wait_for
from bot.store import NewNotice, Profile, Store
from bot.vault import Vault
from tests.chaos.books import Books
from tests.chaos.judge import IS_OWED, Verdict, judge
from tests.chaos.script import TOLD, Errand, errands, members
from tests.chaos.stagehands import Audience, Nursery
from tests.simulation.player import FIELDS, person_of

HOUR = 3600
FAULTS = ("post_then_hang", "post_then_drop", "post_then_500", "post_then_error")
SETTLES = 200.0
"""Seconds within which the last bot has told all that is left, also on a busy machine."""
POSTS = 12.0
"""Seconds within which a bot that is left alone posts something, also on a busy machine."""
_PROFILE = Profile("en-US", "UTC")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run: one line of figures, and what somebody may complain of."""

    database: str
    seed: int
    kills: int
    transitions: int
    owed: int
    lost: int
    twice: int
    out_of_order: int
    reconciled: int
    clock_jumps: int
    seconds: float
    complaints: list[str]

    def line(self) -> str:
        """The figures as JSON."""
        return json.dumps({name: it for name, it in asdict(self).items() if name != "complaints"})


async def run(database: str, url: str, folder: Path, *, seed: int, kills: int, transitions: int) -> Result:
    """Kill the bot so often while so many transitions take place, with the database at `url`."""
    began, chance = time.monotonic(), Random(seed)
    script = errands(chance, transitions, members())
    async with contextlib.AsyncExitStack() as stack:
        audience = await stack.enter_async_context(Audience.gathered())
        driver = await stack.enter_async_context(SandboxDriver(audience.url))
        pace = {"POLL_ACTIVE_SECONDS": "0.3", "POLL_IDLE_SECONDS": "0.3", "LOG_LEVEL": "INFO"}
        settings = environment(audience.url, folder) | pace | {"DATABASE_URL": url}
        nursery = await stack.enter_async_context(Nursery.opened(settings, folder))
        for _ in range(3):
            await nursery.start()
            await asyncio.sleep(chance.random() * 0.3)
            await nursery.kill()  # amid its first migration
        books = await stack.enter_async_context(Books(url))
        play = _Play(script, driver, books, audience, nursery, chance)
        await play.furnish(settings)
        await play.go(kills)
        verdict = await play.judge()
    return Result(
        database, seed, kills, play.transitions, verdict.owed, len(verdict.lost), len(verdict.twice),
        len(verdict.out_of_order), len(play.caught), nursery.jumps, round(time.monotonic() - began, 1),
        verdict.complaints,
    )  # fmt: skip


class _Play:
    def __init__(
        self,
        script: list[Errand],
        driver: SandboxDriver,
        books: Books,
        audience: Audience,
        nursery: Nursery,
        chance: Random,
    ) -> None:
        self._waiting = script
        self._driver, self._books, self._audience, self._nursery = driver, books, audience, nursery
        self._chance = chance
        self._jobs: dict[int, Errand] = {}
        self._step: dict[int, int] = {}
        self._since: dict[int, float] = {}
        self._share = 0.0
        self._all = sum(len(it.course) for it in script)
        self.transitions = 0
        self.caught: set[str] = set()

    # What happens to people's jobs

    async def furnish(self, settings: dict[str, str]) -> None:
        """Link everybody, each with their choices, a summary that is due soon, and one a watch."""
        store = Store.open(settings["DATABASE_URL"], Vault([settings["TOKEN_KEYS"]]))
        await store.migrate()
        now = datetime.now(UTC)
        for member in members():
            person, token = person_of(member.name), Token.read(await self._driver.ecotaxa.token(member.name))
            await store.save_link(Link(person, token, member.name, f"{member.name}@lab.example"), now)
            await store.save_preferences(person, member.choices, now)
            await store.save_profile(person, _PROFILE, now)
            if member.channel:
                await store.tell_in(person, member.channel, None, now)
        # The first look at an account is a baseline, and tells no news.
        await self._nursery.start()

        async def seen() -> bool | None:
            return all((await self._books.looked()).values()) or None

        await wait_for(seen, "a first look at everybody", SETTLES)
        await self._nursery.kill()
        for member in members():
            until = (now + timedelta(seconds=20)).isoformat()
            payload = {"every": Summary.DAILY, "until": until}
            key = f"{person_of(member.name).key}/{Told.SUMMARY}/{until}"
            due = NewNotice(
                key, person_of(member.name), Told.SUMMARY, None, payload, later=now + timedelta(seconds=20)
            )
            await store.plan(person_of(member.name), Told.SUMMARY, due, now)
        watched = [it for it in self._waiting if it.is_watched]
        for errand in watched:
            await self._begin(errand)
        person = person_of(watched[0].owner.name)
        watch = Watch("w1", "", None, dict.fromkeys(self._jobs, "R"))
        card = NewNotice(
            newsdesk.watch_key(person, watch.id), person, Told.WATCH, None, newsdesk.watch_payload(watch)
        )
        mark = (await store.link_marks([person.key]))[person.key]
        assert await store.begin_watch(person, watch, card, now, mark)
        await store.close()

    async def _begin(self, errand: Errand) -> None:
        self._waiting.remove(errand)
        [job_id] = await self._driver.ecotaxa.jobs(
            1, errand.owner.name, state=errand.course[0], type="GeneralExport", days=0
        )
        self._jobs[job_id], self._step[job_id], self._since[job_id] = errand, 0, time.monotonic()
        self.transitions += 1

    async def _move(self) -> None:
        """Move jobs on for ever, each once the bot has seen where it is; no faster than the bot dies."""
        while True:
            await asyncio.sleep(0.1)
            page = await self._books.page()
            posted = {key for key in page.tried if self._audience.at.get(key, 1e12) < self._nursery.killed_at}
            self.caught |= posted
            now = time.monotonic()
            ready = [job for job, it in self._jobs.items() if self._may_move(job, it, page.seen, now)]
            self._chance.shuffle(ready)
            room = int(self._share * self._all) - self.transitions
            for job_id in ready[: max(0, room)]:
                await self._advance(job_id)
            for errand in self._waiting[: max(0, room - len(ready))]:
                await self._begin(errand)

    def _may_move(self, job_id: int, errand: Errand, seen: dict[int, str], now: float) -> bool:
        step = self._step[job_id]
        is_seen = seen.get(job_id) == errand.course[step].replace("K", "E")
        has_rested = step > 0 or now - self._since[job_id] >= errand.seconds
        return step + 1 < len(errand.course) and is_seen and has_rested

    async def _advance(self, job_id: int) -> None:
        self._step[job_id] += 1
        state = self._jobs[job_id].course[self._step[job_id]]
        await self._driver.ecotaxa.set(job_id, **FIELDS[state], touch=True, freeze=True)
        self.transitions += 1

    # What happens to the bot

    async def go(self, kills: int) -> None:
        """Kill it so often, then let it come to rest."""
        moving = asyncio.create_task(self._move())
        for number in range(kills):
            # In the end all that is to happen does happen.
            self._share = (number + 1) / kills
            await self._nursery.start()
            await self._live_and_die()
            assert not moving.done(), moving.exception()
        await self._driver.slack.heal()
        await self._nursery.start()
        with contextlib.suppress(TimeoutError):  # what is not told by then is complained of
            await wait_for(self._at_rest, "all to be told", SETTLES)
        assert not moving.done(), moving.exception()
        moving.cancel()
        await self._nursery.kill()

    async def _live_and_die(self) -> None:
        """One life: more than half end when Slack has just taken a message, whose receipt is on its way."""
        chance, audience = self._chance, self._audience
        await self._driver.slack.heal()
        fate = chance.random()
        if fate < 0.15:
            await asyncio.sleep(chance.random() * 0.6)
        elif fate < 0.4:
            if chance.random() < 0.4:
                self._nursery.jump(chance.choice((-HOUR, 0, HOUR)))
            if chance.random() < 0.4:
                await self._break(chance.choice(FAULTS))
            await asyncio.sleep(0.4 + chance.random() * 1.2)
            if chance.random() < 0.4:
                self._nursery.jump(chance.choice((-HOUR, 0, HOUR)))
                await asyncio.sleep(chance.random())
        else:
            is_sure = chance.random() < 0.5
            if is_sure:
                await self._break("post_then_hang")
            audience.news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(audience.news.wait(), POSTS)
            await asyncio.sleep(chance.random() * (0.1 if is_sure else 0.005))
        await self._nursery.kill()

    async def _break(self, mode: str) -> None:
        method = self._chance.choice(("chat.postMessage", "chat.postMessage", "chat.update"))
        await self._driver.slack.break_(api={method: {"mode": mode, "times": 1}})

    # What came of it

    async def _at_rest(self) -> bool | None:
        await asyncio.sleep(0.5)
        is_over = not self._waiting and all(
            self._step[job] + 1 == len(it.course) for job, it in self._jobs.items()
        )
        if not is_over:
            return None
        seen = (await self._books.page()).seen
        is_seen = all(seen.get(job) == it.course[-1].replace("K", "E") for job, it in self._jobs.items())
        return (is_seen and not any(it.state in IS_OWED for it in await self._books.rows())) or None

    async def judge(self) -> Verdict:
        """Count everything."""
        owed: dict[tuple[int, str], str] = defaultdict(str)
        for job_id, errand in self._jobs.items():
            for place in errand.owner.places if not errand.is_watched else ():
                owed[job_id, place] = "".join(
                    it for it in errand.course[: self._step[job_id] + 1] if it in TOLD
                )
        last = {job: it.course[self._step[job]] for job, it in self._jobs.items()}
        rows = await self._books.rows()
        verdict = judge(owed, last, rows, self._audience.shown)
        left = len(self._waiting)
        if left or self.transitions != self._all:
            verdict.other.append(
                f"only {self.transitions} of {self._all} transitions took place: it stands still"
            )
        told = {kind: sum(row.kind == kind and row.state == "sent" for row in rows) for kind in Told}
        for kind, least in ((Told.CARD, 1), (Told.WATCH, 1), (Told.WATCH_DONE, 1)):
            if told[kind] < least:
                verdict.other.append(f"{told[kind]} of kind {kind} were told: that proves nothing")
        if not self.caught:
            verdict.other.append("no crash fell between sending and recording: that proves nothing")
        verdict.other += self._nursery.troubles()
        return verdict

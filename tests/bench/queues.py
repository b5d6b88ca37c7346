"""`python -m tests.bench.queues [JOBS]`: our outbox beside two queues on PostgreSQL, for docs/decisions/0001.

Needs Procrastinate and PgQueuer, which the bot does not: see there.  Every queue is filled by single calls,
eight at once, and emptied by one and by two processes; each job is checked to have been done exactly once.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bot.links import Link, Person, Token
from bot.store import NewNotice, Store
from bot.vault import Vault
from tests.conftest import empty
from tests.postgres import serving

PLACES = 1_000
"""Ours keeps the order for each place, so that there must be as many as people would be."""
AT_ONCE = 20
"""Jobs that a worker is at, as the notifier is."""
FILLING = 8
KEY = "0" * 43 + "="

Put = Callable[[int], Awaitable[object]]


@dataclass
class Done:
    """What a worker did, from when on and until when, and with how many seconds of its processor."""

    began: float = field(default_factory=time.time)
    jobs: list[int] = field(default_factory=list)
    ended: float = 0
    cpu: float = 0

    def add(self, job: int) -> None:
        self.jobs.append(job)
        self.ended = time.time()


class Ours:
    """The outbox, through the store's own calls."""

    def __init__(self, address: str) -> None:
        self._store = Store.open(address, Vault([KEY]))

    async def prepare(self) -> None:
        await self._store.migrate()
        for number in range(PLACES):
            token = Token("secret", number + 1, datetime.now(UTC))
            await self._store.save_link(Link(_person(number), token, "", ""), datetime.now(UTC))

    async def put(self, job: int) -> None:
        notice = NewNotice(f"k{job}", _person(job % PLACES), "finished", job, {})
        await self._store.owe(notice, datetime.now(UTC))

    async def work(self, done: Done) -> None:
        async def send(notice: Any) -> None:
            done.add(notice.job_id)
            await self._store.mark_sent(notice, "C1", f"{notice.job_id}.0", datetime.now(UTC))

        while claimed := await self._store.claim_notices(datetime.now(UTC), timedelta(minutes=2), AT_ONCE):
            await asyncio.gather(*map(send, claimed))

    async def close(self) -> None:
        await self._store.close()


class Procrastinate:
    """https://procrastinate.readthedocs.io: a job's `lock` keeps the order for its place, as ours does."""

    def __init__(self, address: str) -> None:
        library: Any = import_module("procrastinate")
        self._app = library.App(connector=library.PsycopgConnector(conninfo=address))
        self._done: Done | None = None

        async def tell(job: int) -> None:
            if self._done is not None:
                self._done.add(job)

        self._task = self._app.task(name="tell")(tell)

    async def prepare(self) -> None:
        await self._app.open_async()
        await self._app.schema_manager.apply_schema_async()

    async def put(self, job: int) -> None:
        await self._task.configure(lock=f"place {job % PLACES}").defer_async(job=job)

    async def work(self, done: Done) -> None:
        self._done = done
        await self._app.open_async()
        done.began = time.time()
        await self._app.run_worker_async(concurrency=AT_ONCE, wait=False, install_signal_handlers=False)

    async def close(self) -> None:
        await self._app.close_async()


class PgQueuer:
    """https://pgqueuer.readthedocs.io: it keeps no order for a place."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._pool: Any = None
        self._queries: Any = None

    async def _open(self) -> Any:
        asyncpg, pgqueuer = import_module("asyncpg"), import_module("pgqueuer")
        self._pool = await asyncpg.create_pool(self._address, min_size=2)
        driver = pgqueuer.AsyncpgPoolDriver(self._pool)
        self._queries = pgqueuer.Queries(driver)
        return pgqueuer.PgQueuer(driver)

    async def prepare(self) -> None:
        await self._open()
        await self._queries.install()

    async def put(self, job: int) -> None:
        await self._queries.enqueue("tell", str(job).encode())

    async def work(self, done: Done) -> None:
        queue = await self._open()

        async def tell(job: Any) -> None:
            done.add(int(job.payload))

        queue.entrypoint("tell")(tell)
        modes: Any = import_module("pgqueuer.types").QueueExecutionMode
        done.began = time.time()
        await queue.run(batch_size=AT_ONCE, mode=modes.drain)

    async def close(self) -> None:
        if not self._pool.is_closing():
            await self._pool.close()


QUEUES: dict[str, Callable[[str], Any]] = {
    "ours": Ours,
    "Procrastinate": Procrastinate,
    "PgQueuer": PgQueuer,
}


def _person(number: int) -> Person:
    return Person(None, "T1", f"U{number}")


def _server_cpu(address: str) -> float:
    """Seconds of the processor that went into connections of the server's that have ended."""
    folder = Path(str(make_url(address).query["host"]))
    pid = (folder / "postmaster.pid").read_text().split()[0]
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


async def fill(put: Put, numbers: Iterator[int]) -> None:
    """Put one job after the other."""
    for job in numbers:
        await put(job)


async def measure(name: str, address: str, jobs: int, workers: int) -> dict[str, Any]:
    """Fill and empty a queue: jobs a second of either, and what doing a job costs the processor.

    The latter, of worker and server together, says about the same on a machine that has other things to do.
    """
    await empty(address)
    queue = QUEUES[name](address)
    await queue.prepare()
    began, numbers = time.time(), iter(range(jobs))
    await asyncio.gather(*(fill(queue.put, numbers) for _ in range(FILLING)))
    filled = time.time() - began
    await queue.close()
    await asyncio.sleep(1)  # for its connections to end
    before = _server_cpu(address)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(number) for number in range(workers)]
        started = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.queues", "work", name, address, str(file)
            )
            for file in files
        ]
        for process in started:
            assert await process.wait() == 0
        said = [json.loads(file.read_text()) for file in files]
    done = [job for each in said for job in each["jobs"]]
    assert sorted(done) == list(range(jobs)), "each exactly once"
    took = max(it["ended"] for it in said) - min(it["began"] for it in said)
    await asyncio.sleep(1)
    cpu = _server_cpu(address) - before + sum(it["cpu"] for it in said)
    return {
        "queue": name, "workers": workers, "put": round(jobs / filled), "done": round(jobs / took),
        "cpu_ms": round(1000 * cpu / jobs, 2),
    }  # fmt: skip


async def work(name: str, address: str, file: str) -> None:
    """Be a worker until the queue is empty."""
    queue, done = QUEUES[name](address), Done()
    spent = time.process_time()
    await queue.work(done)
    await queue.close()
    done.cpu = time.process_time() - spent
    await asyncio.to_thread(Path(file).write_text, json.dumps(vars(done)))


async def compare(jobs: int) -> None:
    """Print a line for each queue and number of workers."""
    with serving() as address:
        for workers in (1, 2):
            for name in QUEUES:
                sys.stdout.write(f"{json.dumps(await measure(name, address, jobs, workers))}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["work", name, address, file]:
            asyncio.run(work(name, address, file))
        case [jobs]:
            asyncio.run(compare(int(jobs)))
        case _:
            asyncio.run(compare(20_000))

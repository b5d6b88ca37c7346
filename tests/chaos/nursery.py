"""`python -m tests.chaos.nursery`: bots as processes of their own that need not load everything first.

Reads orders from standard input, and answers each with a line: `start FILE` with the id of a new process
that does what `ecotaxa-bot run` does and prints into FILE; `reap ID` with how that process has ended.
"""

import asyncio
import mmap
import os
import sys
import traceback
from datetime import datetime, timedelta

import apscheduler.schedulers.base
import apscheduler.triggers.interval

from bot import app, lifetime, logs
from bot.settings import Settings


def serve() -> None:
    """Obey until the input ends."""
    for line in sys.stdin:
        order, _, what = line.strip().partition(" ")
        answer = _start(what) if order == "start" else os.waitstatus_to_exitcode(os.waitpid(int(what), 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _start(output: str) -> int:
    if child := os.fork():
        return child
    code = 1
    try:
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for stream in (1, 2):
            os.dup2(file, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _run(os.environ["CHAOS_CLOCK"])
        code = 0
    except BaseException:  # noqa: BLE001  # the process ends here in any case
        traceback.print_exc()
    finally:
        os._exit(code)


def _run(clock: str) -> None:
    """The bot, by a clock that others put forward or back: `clock` is a file with so many seconds."""
    file = os.open(clock, os.O_RDONLY)
    ahead = mmap.mmap(file, CLOCK_BYTES, prot=mmap.PROT_READ)

    def now() -> datetime:
        return app.utc_now() + timedelta(seconds=int(ahead[:CLOCK_BYTES]))

    class Wrong(datetime):
        """What the machine's own clock says, which the timers go by."""

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # always asked with a zone
            return now().astimezone(tz)  # type: ignore[arg-type]  # as above

    apscheduler.schedulers.base.datetime = apscheduler.triggers.interval.datetime = Wrong
    settings = Settings.read(None)
    logs.configure(settings.log_level)
    asyncio.run(lifetime.run(settings, now))


CLOCK_BYTES = 8
"""How wide the number is written."""

if __name__ == "__main__":
    serve()

"""`python -m tests.bench.stage N PEOPLE`: N sandboxes with so many more people, in one process of their own.

Prints the address of each on a line.  In one process and on one loop, two sandboxes are the same
stand-in to the two apps that are compared on them.
"""

import asyncio
import gc
import signal
import sys

from bot.sandbox.server import Sandbox


async def serve(count: int, people: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sandboxes = [Sandbox(crowd=people) for _ in range(count)]
    for sandbox in sandboxes:
        await sandbox.start()
        sys.stdout.write(f"{sandbox.url}\n")
    sys.stdout.flush()
    await stop.wait()
    for sandbox in sandboxes:
        await sandbox.stop()


if __name__ == "__main__":
    # The stand-in's own pauses, up to 0.1 s, would be taken for the app's; it does not live long.
    gc.disable()
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))

"""`python -m bot.sandbox`: serve the sandbox until told to stop."""

import argparse
import asyncio
import signal
import sys

from bot.sandbox.server import Sandbox


def main() -> None:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765, help="0 takes any that is free")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast EcoTaxa's jobs run")
    arguments = parser.parse_args()
    asyncio.run(_serve(Sandbox(arguments.port, host=arguments.host, speed=arguments.speed)))


async def _serve(sandbox: Sandbox) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await sandbox.start()
    sys.stdout.write(f"The sandbox is ready: {sandbox.url}\n")
    sys.stdout.flush()
    await stop.wait()
    await sandbox.stop()


if __name__ == "__main__":
    main()

"""The stand-in on its own: serve it, or start a job in one that is served.

python -m bot.sandbox.ecotaxa --port 8800 --speed 10
python -m bot.sandbox.ecotaxa start --base http://127.0.0.1:8800 --as elena@lab.example export
"""

import argparse
import asyncio
import json
import signal
import sys
from urllib.request import Request, urlopen

from aiohttp import web

from bot.sandbox.ecotaxa.front import API_ROOT
from bot.sandbox.ecotaxa.kinds import KINDS
from bot.sandbox.ecotaxa.server import CONTROL_ROOT, KEEPALIVE_SECONDS, EcoTaxa


def main() -> None:
    """Do what the command line says."""
    if sys.argv[1:2] == ["start"]:
        _start(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800, help="0: any that is free")
    parser.add_argument("--speed", type=float, default=1.0, help="divides every duration")
    asked = parser.parse_args()
    asyncio.run(_serve(asked.host, asked.port, asked.speed))


async def _serve(host: str, port: int, speed: float) -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    app = web.Application()
    EcoTaxa(speed).add_to(app)
    runner = web.AppRunner(app, keepalive_timeout=KEEPALIVE_SECONDS, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    port = runner.addresses[0][1]
    sys.stdout.write(f"http://{host}:{port}{API_ROOT}\n")
    sys.stdout.flush()
    await told_to_stop.wait()
    await runner.cleanup()


def _start(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.ecotaxa start")
    parser.add_argument("--base", required=True, help="where the stand-in is, such as http://127.0.0.1:8800")
    parser.add_argument("--as", required=True, dest="email", help="whose job it is to be")
    parser.add_argument("kind", choices=list(KINDS))
    asked = parser.parse_args(arguments)
    order = json.dumps({"as": asked.email, "kind": asked.kind}).encode()
    url = asked.base.removesuffix(API_ROOT) + CONTROL_ROOT + "/start"
    request = Request(url, order, {"Content-Type": "application/json"})  # noqa: S310 - the address is the caller's
    with urlopen(request, timeout=10) as reply:  # noqa: S310 - the same
        sys.stdout.write(f"{json.load(reply)['job_id']}\n")


if __name__ == "__main__":
    main()

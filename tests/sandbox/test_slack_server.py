"""`python -m bot.sandbox`: one line when it is ready, and a clean end."""

import asyncio
import signal
import sys
import time

import httpx


async def test_it_says_when_it_is_ready_and_stops_when_told() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    url = line.split()[-1]
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{url}/slack/api/api.test")
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert line.startswith("The sandbox is ready: http://127.0.0.1:")
    assert answer.json()["ok"]
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert time.monotonic() - started < 5
    assert await process.stdout.read() == b""

"""`python -m tests.bench.bare SLACK_API_URL`: a Bolt app that acknowledges commands and does nothing else."""

import asyncio
import signal
import sys

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def acknowledge(ack: AsyncAck) -> None:
    """Acknowledge."""
    await ack()


async def serve(api_url: str) -> None:
    """Acknowledge until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = AsyncApp(client=AsyncWebClient(token="xoxb-sandbox", base_url=f"{api_url}/"))
    app.command("/ecotaxa")(acknowledge)
    socket = AsyncSocketModeHandler(app, "xapp-sandbox", web_client=app.client)
    await socket.connect_async()
    await stop.wait()
    await socket.close_async()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))

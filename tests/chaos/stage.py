"""`python -m tests.chaos.stage PEOPLE`: a sandbox that tells at once what the bot posts and edits.

Its first line is its address, each other one a message as JSON, as it is from then on.
"""

import asyncio
import json
import signal
import sys

from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import BOT_USER
from bot.sandbox.slack.workspace import Message, What
from tests.chaos.script import CHANNEL


async def serve(people: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sandbox = Sandbox(crowd=people)
    workspace = sandbox.slack.workspace
    workspace.bot_is_in.add(CHANNEL)
    before = workspace.listener

    def hear(what: What, message: Message) -> None:
        if message.user == BOT_USER:
            keys = (message.metadata or {}).get("event_payload", {}).get("key", "")
            told = {
                "what": what, "channel": message.channel, "ts": message.ts, "thread_ts": message.thread_ts,
                "text": message.text, "keys": keys.split("\n") if keys else [],
            }  # fmt: skip
            _say(json.dumps(told))
        before(what, message)

    workspace.listener = hear
    await sandbox.start()
    _say(sandbox.url)
    await stop.wait()
    await sandbox.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

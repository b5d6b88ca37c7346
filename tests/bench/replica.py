"""`python -m tests.bench.replica`: the bot as people run it, for a Slack that takes any number of posts."""

import asyncio

from bot import rates
from bot.lifetime import run
from bot.logs import configure
from bot.settings import Settings

if __name__ == "__main__":
    # Its own pace would be Slack's: what is measured is what comes before that.
    rates.A_MINUTE["chat.postMessage"] = 10**9
    settings = Settings.read(None)
    configure(settings.log_level)
    asyncio.run(run(settings))

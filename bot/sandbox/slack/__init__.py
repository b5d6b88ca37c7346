"""A strict Slack on one laptop: it refuses what Slack refuses, with Slack's own error codes.

Mount it on an aiohttp application with `add_slack(app, Slack())`.  See `control` for what a test or the
demo's page can do, and `blockkit` for the rules of blocks, as tables.
"""

from bot.sandbox.slack.core import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Slack
from bot.sandbox.slack.routes import add_slack

__all__ = ["APP_TOKEN", "BOT_TOKEN", "SIGNING_SECRET", "Slack", "add_slack"]

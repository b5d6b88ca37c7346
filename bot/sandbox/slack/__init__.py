"""A strict Slack on one laptop: it refuses what Slack refuses, with Slack's own error codes.

Mount it on an aiohttp application with `add_slack(app, Slack())`.  An app then finds the Web API under
`/slack/api/`, Socket Mode through `apps.connections.open`, and its `response_url`s and upload addresses in
what it is given; tests and the demo's page act through `/_control/slack/`.

    blockkit/     the rules of blocks, elements and surfaces, as tables
    methods/      the Web API's methods; `webapi` is the door before them
    delivery      the 3-second rule, over `socketmode` or `signed` HTTP; `payloads` are the shapes
    acts          what a person does; `inputs` and `views` are what they have typed and picked
    respond       what comes back through a response_url
    tickets       triggers and response_urls, and when they are no longer good
    faults        what goes wrong on demand, with `ratelimits`; `traffic` is the record of it all
"""

from bot.sandbox.slack.core import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Slack
from bot.sandbox.slack.routes import add_slack

__all__ = ["APP_TOKEN", "BOT_TOKEN", "SIGNING_SECRET", "Slack", "add_slack"]

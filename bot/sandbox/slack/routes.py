"""The stand-in's addresses, all on one aiohttp application."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.sandbox.slack import consent, control, events, respond, webapi
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods import files

UPLOAD_BYTES = 1_000_000_000
"""What `client_max_size` of the application should allow."""


def add_slack(app: web.Application, slack: Slack) -> None:
    """Add `/slack/…` and `/_control/slack/…`, and end all deliveries when the application ends.

    Those of a second workspace stand behind its prefix.
    """

    def given(
        handle: Callable[[Slack, web.Request], Awaitable[web.StreamResponse]],
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            return await handle(slack, request)

        return handler

    def reached(
        handle: Callable[[Slack, web.Request], Awaitable[web.StreamResponse]],
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(status=503) if slack.is_down else await handle(slack, request)

        return handler

    events.connect(slack)
    router, prefix = app.router, slack.prefix
    if not prefix:
        # Whose token it is, is the workspace that is meant.
        router.add_route("*", "/slack/api/{method}", given(webapi.serve))
        router.add_get(consent.PATH, reached(consent.show))
        router.add_post(consent.PATH, reached(consent.answer))
        router.add_get("/slack/app_redirect", reached(_open))
    router.add_get(f"{prefix}/slack/socket", reached(_socket))
    router.add_post(f"{prefix}/slack/respond/{{id}}", reached(respond.receive))
    router.add_post(f"{prefix}/slack/upload/{{id}}", reached(files.receive))
    for name, command in control.COMMANDS.items():
        router.add_post(f"{prefix}/_control/slack/{name}", control.command(slack, command))
    router.add_get(f"{prefix}/_control/slack/state", given(control.state))
    router.add_get(f"{prefix}/_control/slack/file", given(control.file))
    router.add_get(f"{prefix}/_control/slack/traffic", given(control.traffic))
    router.add_get(f"{prefix}/_control/slack/calls", given(control.calls))
    router.add_get(f"{prefix}/_control/slack/events", given(control.changes))

    async def close(_app: web.Application) -> None:
        slack.workspace.close()
        await slack.delivery.close()

    app.on_shutdown.append(close)


async def _open(_slack: Slack, _request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/")


async def _socket(slack: Slack, request: web.Request) -> web.StreamResponse:
    if not slack.tickets.use_socket(request.query.get("ticket", "")):
        return web.Response(status=408, text="the ticket is not good (any more)")
    return await slack.delivery.sockets.serve(request)

"""Workspaces that let the bot go: nothing of them and their people is kept."""

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import SlackError, WorkspaceGone
from bot.links import Workspace
from handlers.context import Request

_log = structlog.get_logger(__name__)

ASK_AGAIN = (1.0, 5.0, 25.0)
"""Seconds between tries to find out from Slack whether the bot is in there still."""


async def uninstalled(request: Request, ack: AsyncAck) -> None:
    """The app was taken out of a workspace or an organisation, or the bot's token there was revoked.

    Acknowledged once it is done: Slack tells it again to whoever comes after a process that died of it.
    """
    revoked = request.event.get("tokens")
    if revoked is None or revoked.get("bot"):
        await _forget(request, _where(request))
    await ack()


async def _forget(request: Request, workspace: Workspace) -> None:
    services = request.services
    if services.workspaces is None:
        return  # the one token is the operator's own affair
    services.workspaces.forget(workspace)
    if not await _is_gone(request, workspace):
        _log.info("installed anew since", workspace=workspace.key)
        return
    await services.store.forget_workspace(workspace, services.clock())
    services.workspaces.forget(workspace)
    _log.info("uninstalled", workspace=workspace.key)


async def _is_gone(request: Request, workspace: Workspace) -> bool:
    """Whether the bot may act there no more: Slack tells late sometimes, when it was installed anew."""
    slack = request.services.slack.of(workspace)
    for seconds in (*ASK_AGAIN, 0.0):
        try:
            await slack.call("auth.test")
        except WorkspaceGone:
            return True
        except SlackError as error:
            _log.info("cannot ask whether it is gone", workspace=workspace.key, why=str(error))
            if not await request.services.work.pause(seconds):
                break
        else:
            return False
    # Slack said so itself, and that stands.
    return True


def _where(request: Request) -> Workspace:
    """The workspace, or with an empty `team_id` the organisation, from which the app was taken."""
    body = request.body
    installed = (body.get("authorizations") or [{}])[0]
    is_organisation = installed.get("is_enterprise_install") or body.get("is_enterprise_install")
    enterprise_id = body.get("enterprise_id") or installed.get("enterprise_id") or None
    return Workspace(enterprise_id, "" if is_organisation else body["team_id"])

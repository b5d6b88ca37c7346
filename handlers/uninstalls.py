"""Workspaces that let the bot go: nothing of them and their people is kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import SlackError, WorkspaceGone
from bot.links import Workspace
from handlers.context import Request

_log = structlog.get_logger(__name__)

ASK_AGAIN = (1.0, 5.0, 25.0)
"""Seconds between tries to find out from Slack whether the bot is in there still."""

MayAct = Callable[[], Awaitable[bool]]
"""Asks Slack whether the bot may act in a workspace; raises SlackError."""


async def uninstalled(request: Request, ack: AsyncAck) -> None:
    """The app was taken out of a workspace or an organisation, or the bot's token there was revoked.

    Acknowledged once it is done: Slack tells it again to whoever comes after a process that died of it.
    """
    revoked = request.event.get("tokens")
    workspace = _where(request)
    if workspace is not None and (revoked is None or revoked.get("bot")):
        slack = request.services.slack.of(workspace)

        async def is_taken() -> bool:
            await slack.call("auth.test")
            return True

        await _forget(request, workspace, is_taken)
    await ack()


async def access_revoked(request: Request, ack: AsyncAck) -> None:
    """An organisation that has the app lets it into some of its workspaces no more.

    Acknowledged once it is done, as above.
    """
    workspaces = request.services.workspaces
    organisation = _organisation(request)
    if workspaces is not None and organisation is not None:
        for team_id in request.event.get("team_ids") or []:
            workspace = Workspace(organisation, str(team_id))
            if not await workspaces.has_its_own(workspace):
                await _forget(request, workspace, partial(_is_let_in, request, workspace))
    await ack()


async def _is_let_in(request: Request, workspace: Workspace) -> bool:
    slack = request.services.slack.of(Workspace(workspace.enterprise_id, ""))
    return workspace.team_id in await slack.teams()


async def _forget(request: Request, workspace: Workspace, may_act: MayAct) -> None:
    services = request.services
    if services.workspaces is None:
        return  # the one token is the operator's own affair
    services.workspaces.forget(workspace)
    if not await _is_gone(request, workspace, may_act):
        _log.info("installed anew since", workspace=workspace.key)
        return
    await services.store.forget_workspace(workspace, services.clock())
    services.workspaces.forget(workspace)
    _log.info("uninstalled", workspace=workspace.key)


async def _is_gone(request: Request, workspace: Workspace, may_act: MayAct) -> bool:
    """Whether the bot may act there no more: Slack tells late sometimes, when it was let in anew."""
    for seconds in (*ASK_AGAIN, 0.0):
        try:
            return not await may_act()
        except WorkspaceGone:
            return True
        except SlackError as error:
            _log.info("cannot ask whether it is gone", workspace=workspace.key, why=str(error))
            if not await request.services.work.pause(seconds):
                break
    # Slack said so itself, and that stands.
    return True


def _where(request: Request) -> Workspace | None:
    """The workspace, or with an empty `team_id` the organisation, from which the app was taken.

    None where the event tells neither: then it is about nobody, and not about everybody.
    """
    body, organisation, installed = request.body, _organisation(request), _installed(request)
    is_organisation = installed.get("is_enterprise_install") or body.get("is_enterprise_install")
    team_id = "" if is_organisation else body.get("team_id") or ""
    # An organisation's own id may stand in the place of a workspace's.
    team_id = "" if team_id == organisation else team_id
    return Workspace(organisation, team_id) if organisation or team_id else None


def _organisation(request: Request) -> str | None:
    """The organisation that an event is about, or of a workspace of which it is."""
    return request.body.get("enterprise_id") or _installed(request).get("enterprise_id") or None


def _installed(request: Request) -> Mapping[str, Any]:
    """For whom the bot hears an event: one of those who installed it."""
    authorizations: Sequence[Mapping[str, Any]] = request.body.get("authorizations") or [{}]
    return authorizations[0]

"""The workspaces in which the bot is installed, and the tokens with which it acts there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from cachetools import TTLCache
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.oauth.installation_store import Bot

from bot.errors import BotError, SlackBusy, SlackError, TokenUnreadable, UnknownRefusal, WorkspaceGone
from bot.language import mark, say
from bot.links import Workspace
from bot.slack import Slack
from bot.store import Store

_log = structlog.get_logger(__name__)

MOST, KEPT_SECONDS = 1_000, 30
"""Tokens in memory, and how long: another process may have got a new one, or the workspace let the bot go."""
RENEWED_BEFORE = timedelta(hours=2)
"""How long before its end a token is renewed, where the app has those that end: they last twelve hours.

https://docs.slack.dev/authentication/using-token-rotation
"""
LEASE = timedelta(minutes=1)
"""Longer than Slack takes to renew a token."""

_NOT_INSTALLED = mark(
    "I am not installed in this workspace, or not any more. Whoever administers it can install me at {url}"
)
_LOST = mark(
    "I can no longer read my key to this workspace. Whoever administers it can install me anew at {url}"
)


class Workspaces(AsyncAuthorize):
    """The bot's token of each workspace: kept for a moment, and renewed by one process before it ends."""

    def __init__(
        self,
        store: Store,
        door: Slack,
        app: tuple[str, str],
        *,
        install_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        """`app` are its client id and its secret, with which it asks for tokens through `door`."""
        self.installations = store.installations(app[0])
        self._door = door
        self._app = app
        self._install_url = install_url
        self._clock = clock
        self._known: TTLCache[Workspace, Bot] = TTLCache(
            MOST, KEPT_SECONDS, timer=lambda: clock().timestamp()
        )

    async def token(self, workspace: Workspace) -> str:
        """The token for whatever is done in a workspace; raises WorkspaceGone where there is none."""
        return (await self._bot(workspace)).bot_token

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_more: Any
    ) -> AuthorizeResult:
        """Tell Bolt who the bot is where a request comes from, for it to know the bot's own doings.

        Where that cannot be told the request goes on all the same: it is answered with what stands in the
        way.
        """
        try:
            bot = await self._bot(Workspace(enterprise_id, team_id or ""))
        except BotError as error:
            _log.info("a request from a workspace without a token", team=team_id, why=str(error))
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_user_id=bot.bot_user_id, bot_id=bot.bot_id
        )

    async def has_its_own(self, workspace: Workspace) -> bool:
        """Whether the bot is installed in a workspace itself, whatever its organisation does."""
        try:
            own = await self.installations.async_find_bot(
                enterprise_id=workspace.enterprise_id, team_id=workspace.team_id
            )
        except TokenUnreadable:
            return True
        return own is not None

    def forget(self, workspace: Workspace) -> None:
        """Keep no token of a workspace in mind, for its installation has changed; of an organisation none."""
        for known in [*self._known]:
            is_of_it = not workspace.team_id and known.enterprise_id == workspace.enterprise_id
            if known == workspace or is_of_it:
                self._known.pop(known, None)

    async def _bot(self, workspace: Workspace) -> Bot:
        if (known := self._known.get(workspace)) is not None:
            return known
        try:
            bot = await self.installations.find_bot_in(workspace)
        except TokenUnreadable:
            raise WorkspaceGone(
                say(_LOST, url=self._install_url),
                detail=f"no key of TOKEN_KEYS opens the token of {workspace.key}: put the key back, or "
                f"install the bot again at {self._install_url}",
            ) from None
        if bot is None:
            raise WorkspaceGone(
                say(_NOT_INSTALLED, url=self._install_url), detail=f"not installed in {workspace.key}"
            )
        self._known[workspace] = bot = await self._lasting(bot)
        return bot

    async def _lasting(self, bot: Bot) -> Bot:
        """The bot with a token that lasts for a while; raises SlackError where none can be had."""
        now = self._clock()
        if bot.bot_token_expires_at is None:
            return bot
        expires_at = datetime.fromtimestamp(bot.bot_token_expires_at, UTC)
        if expires_at - now > RENEWED_BEFORE:
            return bot
        if await self.installations.claim_renewal(bot, now, LEASE):
            try:
                return await self._renewed(bot)
            except SlackError as error:
                _log.warning("a token is not renewed", team=bot.team_id, until=expires_at, why=str(error))
                if expires_at <= now:
                    raise
        if expires_at <= now:
            raise SlackBusy(1.0, detail="another process renews the token")
        return bot

    async def _renewed(self, bot: Bot) -> Bot:
        asked = {"grant_type": "refresh_token", "refresh_token": bot.bot_refresh_token or ""}
        told: dict[str, Any] = await self._door.grant(*self._app, **asked)
        try:
            token, refresh_token = str(told["access_token"]), str(told["refresh_token"])
            expires_at = self._clock() + timedelta(seconds=int(told["expires_in"]))
        except (KeyError, TypeError, ValueError):
            raise UnknownRefusal(detail="Slack renewed a token without telling it") from None
        await self.installations.keep_renewed(bot, token, refresh_token, expires_at)
        _log.info("a token was renewed", team=bot.team_id)
        renewed = {"bot_token": token, "bot_refresh_token": refresh_token}
        values = bot.to_dict_for_copying() | renewed | {"bot_token_expires_at": expires_at}
        return Bot(**values)

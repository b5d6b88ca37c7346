"""In which workspaces the bot is installed: slack_sdk's own store, with all that opens something sealed."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import ColumnElement, MetaData, Table, and_, delete, insert, or_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import TokenUnreadable
from bot.links import Workspace
from bot.store.database import Database, Shelf
from bot.store.tables import acts, slack_bots, slack_installations
from bot.vault import Vault

SEALED = (
    "bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url",
    "incoming_webhook_configuration_url",
)  # fmt: skip
"""The columns that open something to whoever has what is in them."""
STATE_LIFE = timedelta(minutes=10)
"""How long somebody may look at Slack's page before they allow or refuse."""
_STATE = "install/"


class Installations(AsyncSQLAlchemyInstallationStore):
    """One installation for each workspace, or for a whole organisation.

    All raise DatabaseUnusable where the database cannot be used.
    """

    def __init__(self, database: Database, vault: Vault, client_id: str) -> None:
        super().__init__(client_id, cast(AsyncEngine, _Doors(database)))
        self._database = database
        self._vault = vault

    @classmethod
    def build_bots_table(cls, metadata: MetaData, table_name: str) -> Table:  # noqa: ARG003  # the library's
        """Our own table, which has room for what is sealed."""
        return slack_bots

    @classmethod
    def build_installations_table(cls, metadata: MetaData, table_name: str) -> Table:  # noqa: ARG003  # as above
        """Our own, likewise."""
        return slack_installations

    async def async_save(self, installation: Installation) -> None:
        """Keep a new installation in place of the workspace's earlier ones.

        Who made it is not kept: nothing is done with their name.
        """
        values = self._sealed(installation.to_dict_for_copying())
        # Whole seconds: the library finds a row again by them.
        kept = Installation(**values | {"user_id": "", "installed_at": float(int(installation.installed_at))})
        await super().async_save(kept)
        installed_at = datetime.fromtimestamp(kept.installed_at, UTC)
        async with self._database.write() as connection:
            for table in (slack_bots, slack_installations):
                is_earlier = table.c.installed_at < installed_at
                await connection.execute(delete(table).where(self._of(table, kept), is_earlier))

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep what the bot needs of an installation."""
        await super().async_save_bot(Bot(**self._sealed(bot.to_dict_for_copying())))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot of a workspace, or of a whole organisation; raises TokenUnreadable."""
        found = await super().async_find_bot(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found and Bot(**self._opened(found.to_dict_for_copying()))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002  # whoever made it, it is the workspace's
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The installation of a workspace, or of a whole organisation; raises TokenUnreadable."""
        found = await super().async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found and Installation(**self._opened(found.to_dict_for_copying()))

    async def find_bot_in(self, workspace: Workspace) -> Bot | None:
        """The bot that is to act in a workspace: its own, or else its organisation's.

        Raises TokenUnreadable.
        """
        organisation, team = workspace.enterprise_id, workspace.team_id or None
        own = await self.async_find_bot(enterprise_id=organisation, team_id=team)
        if own is None and organisation and team:
            return await self.async_find_bot(enterprise_id=organisation, team_id=None)
        return own

    async def claim_renewal(self, bot: Bot, now: datetime, lease: timedelta) -> bool:
        """Take it on to renew a bot's token; False while somebody else does, or once it is done."""
        mine = update(slack_bots).where(
            self._of(slack_bots, bot),
            slack_bots.c.bot_token_expires_at == _moment(bot.bot_token_expires_at),
            or_(slack_bots.c.leased_until.is_(None), slack_bots.c.leased_until < now),
        )
        async with self._database.write() as connection:
            return (await connection.execute(mine.values(leased_until=now + lease))).rowcount > 0

    async def keep_renewed(self, bot: Bot, token: str, refresh_token: str, expires_at: datetime) -> None:
        """Keep a bot's new tokens in place of its old ones; nothing where it was uninstalled meanwhile."""
        renewed = {"bot_token": token, "bot_refresh_token": refresh_token}
        owner = owner_of(bot.to_dict_for_copying())
        values = {name: self._vault.seal(owner, secret) for name, secret in renewed.items()}
        async with self._database.write() as connection:
            for table in (slack_bots, slack_installations):
                change = update(table).where(self._of(table, bot)).values(values)
                # Whole seconds, as the library tells them.
                ends = expires_at.replace(microsecond=0)
                await connection.execute(change.values(bot_token_expires_at=ends))
            await connection.execute(
                update(slack_bots).where(self._of(slack_bots, bot)).values(leased_until=None)
            )

    def _of(self, table: Table, installed: Bot | Installation) -> ColumnElement[bool]:
        owner = Workspace(installed.enterprise_id, installed.team_id or "")
        return and_(table.c.client_id == self.client_id, *is_installation(table, owner))

    def _sealed(self, values: dict[str, Any]) -> dict[str, Any]:
        """The same with what is not sealed yet: a bot comes out of an installation that was."""
        owner = owner_of(values)
        secret = {name: values[name] for name in SEALED if values.get(name)}
        clear = {name: text for name, text in secret.items() if not self._is_sealed(owner, text)}
        return values | {name: self._vault.seal(owner, text) for name, text in clear.items()}

    def _opened(self, values: dict[str, Any]) -> dict[str, Any]:
        owner = owner_of(values)
        return values | {name: self._vault.open(owner, values[name]) for name in SEALED if values.get(name)}

    def _is_sealed(self, owner: Workspace, text: str) -> bool:
        try:
            self._vault.open(owner, text)
        except TokenUnreadable:
            return False
        return True


class States(AsyncOAuthStateStore):
    """Names of the ways to Slack's page that are under way: each good for one return, in ten minutes.

    A table of acts keeps them, as what cannot be turned back into them; in whatever process one comes back.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def async_issue(self, *_args: Any, **_kwargs: Any) -> str:
        """A new one."""
        state, now = secrets.token_urlsafe(32), self._clock()
        is_over = acts.c.key.startswith(_STATE) & (acts.c.acted_at < now - STATE_LIFE)
        async with self._database.write() as connection:
            # Anybody may ask for one: they are not to pile up.
            await connection.execute(delete(acts).where(is_over))
            await connection.execute(insert(acts).values(key=_key(state), acted_at=now))
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether this one is good, which it is no more from now on."""
        is_good = (acts.c.key == _key(state)) & (acts.c.acted_at >= self._clock() - STATE_LIFE)
        async with self._database.write() as connection:
            return (await connection.execute(delete(acts).where(is_good))).rowcount > 0


class Installing(Shelf):
    """What the bot needs to be installed in many workspaces."""

    def installations(self, client_id: str) -> Installations:
        """The installations of the app that has this client id."""
        return Installations(self._database, self._vault, client_id)

    def states(self, clock: Callable[[], datetime]) -> States:
        """The ways to Slack's page, by that clock."""
        return States(self._database, clock)


class _Doors:
    """What slack_sdk wants of an engine, by the doors through which everything else goes too."""

    def __init__(self, database: Database) -> None:
        self.begin = database.write
        self.connect = database.read


def owner_of(values: dict[str, Any]) -> Workspace:
    """For whom the tokens of an installation are sealed; for an organisation's, the team is empty."""
    return Workspace(values["enterprise_id"], values["team_id"] or "")


def is_installation(table: Table, workspace: Workspace) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a row of one of the two tables is the installation for a workspace, or an organisation."""
    enterprise_id, team_id = workspace.enterprise_id, workspace.team_id or None
    c = table.c
    return c.enterprise_id.is_not_distinct_from(enterprise_id), c.team_id.is_not_distinct_from(team_id)


def _key(state: str) -> str:
    return _STATE + hashlib.sha256(state.encode()).hexdigest()


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

"""Forgetting: everything about a person, or a workspace, in one transaction, also where others name them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, cast, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.acts import CameTo, Did
from bot.links import Person, Workspace
from bot.rules.kinds import Told
from bot.store.audit import FORGOTTEN
from bot.store.database import Shelf
from bot.store.installations import is_installation
from bot.store.links import drop_account
from bot.store.records import SAID
from bot.store.tables import (
    audit,
    followers,
    handovers,
    links,
    notices,
    people,
    slack_bots,
    slack_installations,
)

Theirs = Callable[[ColumnElement[str]], ColumnElement[bool]]
"""Whether a column names whoever is to be forgotten."""


class Forgetting(Shelf):
    """The right to erasure: https://gdpr.eu/article-17-right-to-be-forgotten/."""

    async def forget_person(self, person: Person, now: datetime) -> int | None:
        """Delete everything about a person, linked or not; the EcoTaxa account that was theirs, if any.

        The audit keeps no row of what they did.  Rows without a name would not be anonymous: the number of
        a job and the minute lead whoever may look into EcoTaxa back to its owner (recital 26), and the
        operator needs them for nothing that outweighs the wish (article 17): jobs and their states are
        EcoTaxa's own records.  What stays is one row that somebody was forgotten, without whom, by which
        the operator can show that it was done (article 5, paragraph 2).

        Nothing that is under way brings anything back: a look needs the version of the link, what is owed
        and what is done need the link, an act that began before finds its row gone, and so does the answer
        to who they are in Slack.
        """
        self._watched.pop(person.key, None)
        # In another workspace, or organisation, the same mention is somebody else's.
        here = f"{person.enterprise_id}/" if person.enterprise_id else f"{person.workspace.key}/"
        mentions = cast(notices.c.payload, Text).contains(f"<@{person.user_id}>")
        is_told = (notices.c.kind == SAID) & notices.c.due_at.is_(None)
        was_mentioned = is_told & notices.c.person_key.startswith(here, autoescape=True) & mentions
        told_others = was_mentioned | _follows(f"{person.key}/")
        async with self._database.write_alone() as connection:
            forgotten = await _forget(connection, lambda key: key == person.key, told_others)
            await _note(connection, now, "")
        return forgotten[0] if forgotten else None

    async def forget_workspace(self, workspace: Workspace, now: datetime) -> None:
        """Delete the bot's tokens of a workspace and everything about its people, as `forget_person` does.

        Of a whole organisation, whose `team_id` is empty, the workspaces stay that installed the bot
        themselves.  Raises ValueError for what names neither, to which everybody would belong.
        """
        if not (workspace.enterprise_id or workspace.team_id):
            raise ValueError("no workspace and no organisation")
        self._watched.clear()
        async with self._database.write_alone() as connection:
            others = await _installed_themselves(connection, workspace)

            def theirs(key: ColumnElement[str]) -> ColumnElement[bool]:
                of_others = (key.startswith(f"{it.key}/", autoescape=True) for it in others)
                return and_(key.startswith(prefix, autoescape=True), *(~it for it in of_others))

            prefix = f"{workspace.key}/" if workspace.team_id else workspace.key
            told_others = and_(_follows(prefix), *(~_follows(f"{it.key}/") for it in others))
            something = bool(await _forget(connection, theirs, told_others))
            for table in (slack_bots, slack_installations):
                tokens = await connection.execute(delete(table).where(*is_installation(table, workspace)))
                something = something or tokens.rowcount > 0
            # Slack tells it in two ways.
            if something:
                await _note(connection, now, "a workspace")


def _follows(whose: str) -> ColumnElement[bool]:
    """Whether a notice is news of somebody's job for those who follow it; their key begins so."""
    named = notices.c.key.contains(f"/{Told.FOLLOWED}/{whose}", autoescape=True)
    return (notices.c.kind == Told.FOLLOWED.value) & named


async def _forget(connection: AsyncConnection, theirs: Theirs, told_others: ColumnElement[bool]) -> list[int]:
    """Delete what there is of people, and what others were told of them: the EcoTaxa accounts of theirs."""
    # A look begun before would owe others news of a job that they followed: it is recorded no more, and made
    # anew.
    followed = select(followers.c.person_key).where(theirs(followers.c.follower_key))
    look_anew = update(links).where(links.c.person_key.in_(followed)).values(version=links.c.version + 1)
    await connection.execute(look_anew)
    unlink = delete(links).where(theirs(links.c.person_key)).returning(links.c.ecotaxa_user_id)
    forgotten = list((await connection.execute(unlink)).scalars())
    # In the order in which others lock them, who mark several as sent.
    owed = select(notices.c.id).where(theirs(notices.c.person_key)).order_by(notices.c.id)
    await connection.execute(owed.with_for_update())
    # What hangs on the link goes with it; these do not, or name the person in another part.
    for statement in (
        delete(notices).where(theirs(notices.c.person_key)),
        delete(handovers).where(theirs(handovers.c.colleague_key)),
        delete(followers).where(theirs(followers.c.follower_key)),
        delete(people).where(theirs(people.c.person_key)),
        delete(audit).where(theirs(audit.c.person_key)),
        update(audit).where(theirs(audit.c.other_key)).values(other_key=None),
        delete(notices).where(told_others),
    ):
        await connection.execute(statement)
    for account in forgotten:
        await drop_account(connection, account)
    return forgotten


async def _installed_themselves(connection: AsyncConnection, workspace: Workspace) -> list[Workspace]:
    """The workspaces of a whole organisation that have an installation of their own."""
    if workspace.team_id:
        return []
    of_teams = (slack_bots.c.enterprise_id == workspace.enterprise_id) & slack_bots.c.team_id.is_not(None)
    teams = (await connection.execute(select(slack_bots.c.team_id).where(of_teams))).scalars()
    return [Workspace(workspace.enterprise_id, team_id) for team_id in teams]


async def _note(connection: AsyncConnection, now: datetime, detail: str) -> None:
    nameless = {"person_key": FORGOTTEN, "act": Did.FORGET, "at": now, "detail": detail}
    await connection.execute(insert(audit).values(**nameless, outcome=CameTo.DONE))

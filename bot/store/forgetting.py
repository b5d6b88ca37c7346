"""Forgetting: everything about a person, in one transaction, also where others name them."""

from datetime import datetime

from sqlalchemy import ColumnElement, Text, bindparam, cast, delete, insert, or_, select, update

from bot.acts import CameTo, Did
from bot.links import Person
from bot.rules.kinds import Told
from bot.store.audit import FORGOTTEN
from bot.store.database import Shelf
from bot.store.links import drop_account
from bot.store.records import SAID
from bot.store.tables import audit, followers, handovers, links, notices, people

_me: ColumnElement[str] = bindparam("person")
# A look begun before would owe them news of a job that they followed: it is recorded no more, and made anew.
_LOOK_ANEW = (
    update(links)
    .where(links.c.person_key.in_(select(followers.c.person_key).where(followers.c.follower_key == _me)))
    .values(version=links.c.version + 1)
)
_FORGET = delete(links).where(links.c.person_key == _me).returning(links.c.ecotaxa_user_id)
# In the order in which others lock them, who mark several as sent.
_LOCK_NOTICES = (
    select(notices.c.id).where(notices.c.person_key == _me).order_by(notices.c.id).with_for_update()
)
# What others were told of them: news of their jobs, and sent messages that mention them.
_TOLD_OTHERS = delete(notices).where(
    or_(
        (notices.c.kind == Told.FOLLOWED.value) & notices.c.key.contains(bindparam("followed")),
        (notices.c.kind == SAID)
        & notices.c.due_at.is_(None)
        & cast(notices.c.payload, Text).contains(bindparam("mention")),
    )
)
# What hangs on the link goes with it; these do not, or name the person in another part.
_REST = (
    delete(notices).where(notices.c.person_key == _me),
    delete(handovers).where(handovers.c.colleague_key == _me),
    delete(followers).where(followers.c.follower_key == _me),
    delete(people).where(people.c.person_key == _me),
    delete(audit).where(audit.c.person_key == _me),
    update(audit).where(audit.c.other_key == _me).values(other_key=None),
)


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
        mine = {"person": person.key}
        named = {"followed": f"/{Told.FOLLOWED}/{person.key}/", "mention": f"<@{person.user_id}>"}
        async with self._database.write_alone() as connection:
            await connection.execute(_LOOK_ANEW, mine)
            account: int | None = (await connection.execute(_FORGET, mine)).scalar_one_or_none()
            await connection.execute(_LOCK_NOTICES, mine)
            for statement in _REST:
                await connection.execute(statement, mine)
            await connection.execute(_TOLD_OTHERS, named)
            if account is not None:
                await drop_account(connection, account)
            nameless = {"person_key": FORGOTTEN, "act": Did.FORGET, "at": now, "detail": ""}
            await connection.execute(insert(audit).values(**nameless, outcome=CameTo.DONE))
        return account

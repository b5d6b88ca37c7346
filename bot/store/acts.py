"""Acts that were begun: Slack delivers what it had no answer to again, to whichever process there is."""

from datetime import datetime

from bot.store.database import Shelf
from bot.store.tables import acts


class Acts(Shelf):
    """What people asked for that must not be done twice, kept as long as notices are."""

    async def begin_act(self, act: str, now: datetime) -> bool:
        """Begin an act, named as Slack does each; False when it was begun before, here or elsewhere."""
        insert = self._database.insert(acts).values(act=act, begun_at=now)
        begin = insert.on_conflict_do_nothing(index_elements=[acts.c.act]).returning(acts.c.act)
        async with self._database.write() as connection:
            return (await connection.execute(begin)).one_or_none() is not None

"""What changes of people themselves: their language, their time zone."""

from cachetools import LRUCache
from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.context import Request

REMEMBERED = 10_000
"""People of whom it is known when their profile changed last."""


class Changes:
    """Takes note of profiles as they are now, in whatever order Slack tells how they changed."""

    def __init__(self) -> None:
        self._newest: LRUCache[str, float] = LRUCache(REMEMBERED)

    async def profile_changed(self, request: Request, ack: AsyncAck) -> None:
        """Take note of a changed profile, or of one that is closed; Slack tells of everybody."""
        await ack()
        key, changed_at = request.person.key, float(request.event.get("event_ts") or 0)
        if changed_at < self._newest.get(key, 0):
            return  # what was not acknowledged comes again, minutes later
        self._newest[key] = changed_at
        user, services = request.event["user"], request.services
        if user.get("deleted"):
            # Whoever left the workspace is told nothing any more, and their token is kept no longer.
            await services.store.forget_link(request.person)
            return
        await services.people.changed(request.person, user)

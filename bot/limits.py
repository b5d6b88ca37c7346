"""How much one may ask of the bot, so that nobody's script takes EcoTaxa or the bot from the others.

Bursts are fine: so many at once, and then one more each so many seconds (GCRA,
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm).  What is counted lives in this process alone.
"""

from collections.abc import Callable

from cachetools import LRUCache

from bot.links import Person

MOST = 10_000
"""People, workspaces or addresses that are counted; who was seen the longest time ago begins anew."""


class Limit:
    """So many `at_once`, then one each `seconds`; for each key of its own.

    `clock` gives seconds.
    """

    def __init__(self, at_once: int, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._room = at_once * seconds
        self._clock = clock
        self._full_at: LRUCache[str, float] = LRUCache(MOST)

    def wait(self, key: str) -> float:
        """Seconds until there is room for one more; 0 for now."""
        return max(0.0, self._used(key) + self._seconds - self._room)

    def count(self, key: str) -> None:
        """Count one."""
        self._full_at[key] = self._clock() + self._used(key) + self._seconds

    def take(self, key: str) -> float:
        """Count one if there is room for it, and tell 0; else the seconds to wait."""
        seconds = self.wait(key)
        if not seconds:
            self.count(key)
        return seconds

    def _used(self, key: str) -> float:
        now = self._clock()
        used = max(0.0, self._full_at.get(key, now) - now)
        # More than can be used up: the clock was put back, and nobody is to wait for that.
        return used if used <= self._room + self._seconds else 0.0


class Twofold:
    """A limit for each one within one for all of them; who is turned away by either counts for neither."""

    def __init__(self, own: Limit, of_all: Limit) -> None:
        self._own = own
        self._of_all = of_all

    def take(self, own: str, of_all: str = "") -> float:
        """Count one for the key of each, and for that of all, and tell 0; else the seconds to wait."""
        seconds = max(self._own.wait(own), self._of_all.wait(of_all))
        if not seconds:
            self._own.count(own)
            self._of_all.count(of_all)
        return seconds


def of_installing(clock: Callable[[], float]) -> Twofold:
    """How often the pages for installing are opened: by one address, and by all of them.

    An installation opens two, and each leaves a row in the database for ten minutes.
    """
    return Twofold(Limit(20, 6, clock), Limit(200, 0.5, clock))


class Limits:
    """The limits of one process; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.acts = Limit(60, 1, clock)
        """Commands, presses, submissions."""
        self.refusals = Limit(30, 2, clock)
        """How often somebody is told that it was too much: each is a message of the workspace's rate."""
        self.searches = Limit(200, 0.25, clock)
        """What is looked up as somebody types, and choices kept as they are made."""
        self._log_ins = Twofold(Limit(5, 120, clock), Limit(30, 20, clock))

    def log_in(self, person: Person) -> float:
        """Count a try to link an account, and tell 0; else the seconds until the next.

        Five in ten minutes are for one person, thirty for all of a workspace: nobody guesses passwords
        through the bot.  A try that is turned away counts for neither.
        """
        return self._log_ins.take(person.key, person.workspace.key)

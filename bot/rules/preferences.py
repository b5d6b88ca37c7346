"""What a person wants to be told, and when; no I/O."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError

from bot.filters import Kind
from bot.jobs import Event, Job

EVENTS = frozenset({Event.FINISHED, Event.FAILED, Event.KILLED, Event.ASKED})
"""The changes that a person may be told of."""
MORNING = time(9, 0)
"""When summaries come, in the person's own time zone."""
MOST_MINUTES = 1_440


class Summary(StrEnum):
    """How often a person gets a summary of their jobs."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class Reminder(StrEnum):
    """What a person is reminded of: an unanswered question, a file about to go, a sign-in about to end."""

    QUESTION = "question"
    FILE = "file"
    SIGN_IN = "sign-in"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day without pings, in the person's own time zone; they may go past midnight."""

    start: time
    end: time

    def ends_after(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When (UTC) the quiet hours that `now` falls into end; None outside of them."""
        local = now.astimezone(zone)
        at = local.time()
        if self.start == self.end:
            return None
        overnight = self.start > self.end
        is_in = (at >= self.start or at < self.end) if overnight else self.start <= at < self.end
        if not is_in:
            return None
        day = local.date() + timedelta(days=1 if overnight and at >= self.start else 0)
        return datetime.combine(day, self.end, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's choices; the defaults suit most.

    `kinds` are those of jobs that are told, none for all; `least_minutes` is how long a job must have
    taken for its good end to be worth a ping.  `direct` is whether pings come by direct message also where
    a channel has them; `in_thread` puts a ping below the job's card instead of into a new message.
    """

    events: frozenset[Event] = EVENTS
    kinds: frozenset[Kind] = frozenset()
    least_minutes: int = 0
    direct: bool = True
    in_thread: bool = False
    cards: bool = True
    slow: bool = True
    quiet: Quiet | None = None
    summary: Summary = Summary.OFF
    reminders: frozenset[Reminder] = frozenset(Reminder)

    def dump(self) -> str:
        """The choices as text for the store."""
        return _AS_JSON.dump_json(self).decode()

    @classmethod
    def load(cls, text: str | None) -> "Preferences":
        """The choices that `dump` wrote; what is missing is as by default, and so is all that is odd."""
        try:
            return _AS_JSON.validate_json(text) if text else cls()
        except ValidationError:
            return cls()

    def wants_kind(self, job: Job) -> bool:
        """Whether jobs of that kind are told; kinds that nobody can choose always are."""
        kind = kind_of(job)
        return not self.kinds or kind is None or kind in self.kinds

    def tells(self, event: Event, lasted: timedelta | None = None) -> bool:
        """Whether news of that kind is told of a job that lasted so long (None for as short as can be)."""
        is_short = (lasted or timedelta(0)) < timedelta(minutes=self.least_minutes)
        return event in self.events and not (event is Event.FINISHED and is_short)

    def next_summary(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When (UTC) the next summary is due: each morning, or on Mondays; None without one."""
        if self.summary is Summary.OFF:
            return None
        day = now.astimezone(zone).date()
        for _ in range(9):
            at = datetime.combine(day, MORNING, zone).astimezone(UTC)
            if at > now and (self.summary is Summary.DAILY or day.weekday() == 0):
                return at
            day += timedelta(days=1)
        return None


_AS_JSON = TypeAdapter(Preferences)


def kind_of(job: Job) -> Kind | None:
    """What people call what the job does; None for what is none of these."""
    if job.type.endswith("Export"):
        return Kind.EXPORTS
    if job.is_import:
        return Kind.IMPORTS
    return {"Prediction": Kind.PREDICTIONS, "Subset": Kind.SUBSETS}.get(job.type)


def zone_of(name: str) -> ZoneInfo:
    """The time zone that Slack names; UTC for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")

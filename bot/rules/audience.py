"""Who hears of something, and where: one message an event and place, however many rules agree; no I/O."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.jobs import Job
from bot.rules.kinds import PINGS, Told
from bot.rules.places import Place
from bot.rules.preferences import Preferences, Reminder

DIRECT = ""
"""The place that is the direct message."""
ALL = "all"
"""What is muted when nothing at all is to be told."""

_SMALL_HOURS, _MORNING = time(5, 0), time(8, 0)
_PUBLIC: frozenset[str] = frozenset({*PINGS, Told.CARD})
"""What a channel hears of."""
_AT_ONCE: frozenset[str] = frozenset({Told.WATCH, Told.FILE_BROKE_OFF})
"""What answers to something that the person just did."""
_REMINDERS: Mapping[str, Reminder] = {
    Told.UNANSWERED: Reminder.QUESTION,
    Told.FILE_EXPIRES: Reminder.FILE,
    Told.SIGN_IN_EXPIRES: Reminder.SIGN_IN,
}


@dataclass(frozen=True, slots=True)
class Audience:
    """Where one person's jobs are told: their choices, channels, and jobs that report elsewhere.

    `reports` has the channel in which a job reports in place of the direct message.  `mutes` are what
    is muted, each until when (None for good).  `watched` has the jobs that are watched as one, each with
    the place of that watch.
    """

    choices: Preferences = Preferences()  # noqa: RUF009  # frozen
    places: Collection[Place] = ()
    reports: Mapping[int, str] = field(default_factory=dict)
    mutes: Mapping[str, datetime | None] = field(default_factory=dict)
    watched: Mapping[int, str] = field(default_factory=dict)

    def places_of(self, kind: str, job: Job) -> list[str]:
        """The places in which news of that kind about the job is told."""
        if not self.choices.wants_kind(job) or is_muted(self.mutes, job):
            return []
        channels = []
        if kind in _PUBLIC:
            channels = [it.channel for it in self.places if it.project_id in (None, *job.project_ids)]
        report = self.reports.get(job.id) if kind in PINGS else None
        direct = [report or DIRECT] if self.choices.direct or not channels else []
        told = dict.fromkeys((*direct, *channels))
        if kind in (*PINGS, Told.CARD) and not job.question:
            told.pop(self.watched.get(job.id, "nowhere"), None)
        return list(told)


def tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """When (UTC) tomorrow begins for somebody there; who is up in the small hours means that morning."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=0 if local.time() < _SMALL_HOURS else 1)
    return datetime.combine(day, _MORNING, zone).astimezone(UTC)


def is_muted(mutes: Mapping[str, datetime | None], job: Job) -> bool:
    """Whether the job, or a project of its, is muted."""
    return not mutes.keys().isdisjoint({f"job:{job.id}", *(f"project:{it}" for it in job.project_ids)})


def moment(
    kind: str,
    job: Job | None,
    choices: Preferences,
    mutes: Mapping[str, datetime | None],
    zone: ZoneInfo,
    now: datetime,
) -> datetime | None:
    """When something owed by direct message is to be told: `now`, after quiet hours, or never (None)."""
    reminder = _REMINDERS.get(kind)
    if reminder is not None and reminder not in choices.reminders:
        return None
    if job is not None and is_muted(mutes, job):
        return None
    if kind in _AT_ONCE:
        return now
    muted = mutes.get(ALL)
    until = muted if muted and muted > now else None
    quiet = choices.quiet.ends_after(until or now, zone) if choices.quiet else None
    waits = quiet or until
    if waits is not None and kind == Told.CARD:
        return None
    return waits or now

"""Jobs as EcoTaxa tells them; no I/O."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import Any

LARGEST_ID = 2**31 - 1
"""EcoTaxa's ids are 4-byte integers; jobs with an id below 1 are its archive, never to be touched."""

LINE = 500
"""How many characters of a line of foreign text are kept in the outbox."""


class JobState(StrEnum):
    """The letter EcoTaxa gives a job's state; any other letter is UNKNOWN."""

    PENDING = "P"
    RUNNING = "R"
    ASKING = "A"
    ERROR = "E"
    FINISHED = "F"
    UNKNOWN = "?"

    @property
    def is_active(self) -> bool:
        """Whether the job moves by itself."""
        return self in (JobState.PENDING, JobState.RUNNING)

    @property
    def is_open(self) -> bool:
        """Whether the job goes on, or waits for an answer to go on: EcoTaxa can stop it."""
        return self in OPEN

    @property
    def has_ended(self) -> bool:
        """Whether the job came to an end, good or bad: EcoTaxa can delete it."""
        return self in (JobState.ERROR, JobState.FINISHED)


OPEN = (JobState.PENDING, JobState.RUNNING, JobState.ASKING)
"""The states of a job that has not come to its end, in which EcoTaxa is asked for them."""

_STATES = {state.value: state for state in JobState}
_YEARS = range(1970, 9000)
"""Of dates that can be true: at the calendar's ends nothing could be added to one, or taken from it."""


@dataclass(frozen=True)
class Question:
    """What an asking import wants: the names in its files that match nobody or nothing.

    Names are spelt as EcoTaxa spells them (lower case); an answer's keys must be spelt the same.
    `emails` holds the e-mail that the file gives for a name, where it gives one.
    """

    users: tuple[str, ...]
    taxa: tuple[str, ...]
    emails: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.users) + len(self.taxa)

    def without(self, answer: "Answer") -> "Question":
        """What is left to ask once `answer` is taken."""
        users = tuple(name for name in self.users if name not in answer.users)
        taxa = tuple(name for name in self.taxa if name not in answer.taxa)
        return Question(users, taxa, self.emails)

    @property
    def mark(self) -> str:
        """A short text that is the same for the same question."""
        return _digest([sorted(self.users), sorted(self.taxa)])


@dataclass(frozen=True, slots=True)
class Answer:
    """The ids chosen for names; it may leave names out, EcoTaxa then asks for the rest."""

    users: Mapping[str, int] = field(default_factory=dict)
    taxa: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.users) + len(self.taxa)

    def as_json(self) -> dict[str, dict[str, int]]:
        """The body EcoTaxa wants: always both keys, or the job fails with `'users'`."""
        return {"users": dict(self.users), "taxa": dict(self.taxa)}


@dataclass(frozen=True)
class Job:
    """One job as of one look.

    `raw` is EcoTaxa's own object; the fields a reader needs are properties over it, so that a
    missing, null or odd field is nobody's problem and a list of thousands costs little.
    """

    id: int
    state: JobState
    raw: Mapping[str, Any] = field(repr=False)
    zone: tzinfo = field(default=UTC, repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any], zone: tzinfo = UTC) -> "Job":
        """Read a job; `zone` is the time zone of the server's naive dates.

        Raises ValueError when it has no usable id.
        """
        job_id = raw.get("id")
        if not isinstance(job_id, int) or isinstance(job_id, bool):
            raise ValueError(f"a job without an id: {job_id!r:.80}")
        return cls(job_id, _STATES.get(str(raw.get("state")), JobState.UNKNOWN), raw, zone)

    @property
    def owner_id(self) -> int | None:
        """The EcoTaxa user whose job it is."""
        return _id(self.raw.get("owner_id"))

    @property
    def type(self) -> str:
        """EcoTaxa's word for what the job does, such as `GeneralExport`; may be empty."""
        return _text(self.raw.get("type"))

    @property
    def progress_pct(self) -> int | None:
        """How far it says it is, held between 0 and 100; None before the first report."""
        pct = self.raw.get("progress_pct")
        if isinstance(pct, bool) or not isinstance(pct, int | float):
            return None
        if isinstance(pct, float) and not math.isfinite(pct):
            return None
        return int(max(0, min(100, pct)))

    @property
    def progress_msg(self) -> str:
        """What the job says of itself: foreign text, of any length."""
        return _text(self.raw.get("progress_msg"))

    @property
    def created_at(self) -> datetime | None:
        """When it was created (aware, UTC)."""
        return self._date("creation_date")

    @property
    def updated_at(self) -> datetime | None:
        """When it was last touched (aware, UTC); any touch moves it, so it tells no transition."""
        return self._date("updated_on")

    @property
    def errors(self) -> tuple[str, ...]:
        """The error lines of its last failed run, as EcoTaxa spells them: foreign text.

        They stay when the job runs again: only the state says whether they are current.
        """
        errors = self.raw.get("errors")
        return tuple(_text(line) for line in errors) if isinstance(errors, list) else ()

    @property
    def result(self) -> Mapping[str, Any]:
        """What it made: `rowcount`, `out_file`, `nb_images`, `infos`, `wrns`."""
        return _object(self.raw.get("result"))

    @property
    def rowcount(self) -> int | None:
        """How many rows (or, for a simple import, images) it read or wrote."""
        count = _whole(self.result.get("rowcount"))
        return count if count is not None else _whole(self.result.get("nb_images"))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a finished job remarks on its own work: foreign text."""
        lists = (self.result.get("wrns"), self.result.get("infos"))
        return tuple(_text(line) for lines in lists if isinstance(lines, list) for line in lines)

    @property
    def is_import(self) -> bool:
        """Whether it writes objects into a project."""
        return self.type in ("FileImport", "SimpleImport")

    @property
    def out_file(self) -> str | None:
        """The name of the file that a finished export made: foreign text."""
        return _text(self.result.get("out_file")) or None

    @cached_property
    def project_ids(self) -> tuple[int, ...]:
        """The projects it works on, as its parameters name them."""
        params = _object(self.raw.get("params"))
        named = params.get("prj_id")
        if named is None:
            named = _object(params.get("req")).get("project_id")
        found = (_id(part) for part in str(named or "").split(","))
        return tuple(project for project in found if project is not None)

    @cached_property
    def question(self) -> Question | None:
        """What it asks right now; None unless it is asking (a stale one stays behind otherwise)."""
        if self.state is not JobState.ASKING:
            return None
        asked = _object(self.raw.get("question"))
        users, taxa = _names(asked.get("missing_users")), _names(asked.get("missing_taxa"))
        hints = _object(_object(self.raw.get("inside")).get("found_users"))
        emails = {name: _text(_object(hints.get(name)).get("email")) for name in users}
        return Question(users, taxa, {name: email for name, email in emails.items() if email})

    def brief(self) -> dict[str, Any]:
        """As much of the job as a message about it needs, as JSON that `parse` reads again.

        A failed import's own object can be 92 kB, most of it in `inside` and in long lines.
        """
        question = self.question
        brief = {name: self.raw.get(name) for name in ("id", "owner_id", "type", "state", "progress_pct")}
        for name, date in (("creation_date", self.created_at), ("updated_on", self.updated_at)):
            brief[name] = date.isoformat() if date else None
        brief["progress_msg"] = self.progress_msg[:LINE]
        brief["errors"] = [line[:LINE] for line in self.errors]
        brief["params"] = {"req": {"project_id": ",".join(map(str, self.project_ids))}}
        result = {name: self.result.get(name) for name in ("rowcount", "nb_images", "out_file")}
        brief["result"] = result | {"wrns": [line[:LINE] for line in self.warnings[:1]]}
        if question is not None:
            brief["question"] = {
                "missing_users": list(question.users),
                "missing_taxa": list(question.taxa),
            }
            brief["inside"] = {"found_users": {n: {"email": e} for n, e in question.emails.items()}}
        return brief

    @property
    def was_killed(self) -> bool:
        """Whether somebody stopped it, which EcoTaxa tells as an error."""
        return self.state is JobState.ERROR and self.progress_msg == "Killed"

    def if_killed(self) -> "Job":
        """The job as EcoTaxa would tell it had somebody stopped it just now."""
        return Job(self.id, JobState.ERROR, {**self.raw, "state": "E", "progress_msg": "Killed"}, self.zone)

    @property
    def mark(self) -> str:
        """What, beside the state, makes this situation a new one: the question, or the failure."""
        if self.question is not None:
            return self.question.mark
        if self.state is JobState.ERROR:
            return _digest([self.progress_msg, self.errors])
        return ""

    def _date(self, name: str) -> datetime | None:
        try:
            date = datetime.fromisoformat(_text(self.raw.get(name)))
            date = (date if date.tzinfo else date.replace(tzinfo=self.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return date if date.year in _YEARS else None


class Event(StrEnum):
    """A kind of change worth telling."""

    FINISHED = "finished"
    FAILED = "failed"
    KILLED = "killed"
    ASKED = "asked"

    @classmethod
    def of(cls, job: Job) -> "Event | None":
        """What a job's state is news of; None for one that waits, runs, or that nobody knows."""
        match job.state:
            case JobState.FINISHED:
                return cls.FINISHED
            case JobState.ERROR:
                return cls.KILLED if job.was_killed else cls.FAILED
            case JobState.ASKING:
                return cls.ASKED
            case _:
                return None


class Became(StrEnum):
    """What became of an answer."""

    GOES_ON = "goes on"
    ASKS_AGAIN = "asks again"
    FINISHED = "finished"
    FAILED = "failed"
    NOT_SENT = "not sent"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer, the job as last seen, and how many names were sent.

    `unknown` are the labels of choices that EcoTaxa does not know (any more); they were not sent.
    """

    became: Became
    job: Job | None
    sent: int = 0
    unknown: tuple[str, ...] = ()


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def _id(value: object) -> int | None:
    number = _whole(value)
    return number if number is not None and 0 < number <= LARGEST_ID else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: object) -> tuple[str, ...]:
    return (
        tuple(dict.fromkeys(name for name in value if isinstance(name, str)))
        if isinstance(value, list)
        else ()
    )

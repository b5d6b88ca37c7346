"""What a person does to a job, and what came of it; no I/O."""

from dataclasses import dataclass
from enum import StrEnum

from bot.jobs import Job, JobState


class Act(StrEnum):
    """What can be done to a job; the words stand in the audit."""

    RESTART = "restart"
    KILL = "kill"
    DELETE = "delete"

    def fits(self, state: JobState) -> bool:
        """Whether EcoTaxa does it to a job in this state."""
        match self:
            case Act.RESTART:
                return state is JobState.ERROR
            case Act.KILL:
                return state.is_open
            case Act.DELETE:
                return state.has_ended


class Effect(StrEnum):
    """What an act came to; the words stand in the audit."""

    TOOK = "done"
    NOTHING = "nothing changed"
    """EcoTaxa said yes and did nothing."""
    UNSURE = "unknown"
    """The job stood as before when it was last seen, but EcoTaxa may still come to it."""
    NOT_NOW = "not possible"
    """The job's state does not allow it, so that EcoTaxa was not asked."""
    OTHERWISE = "the job had moved"
    """The job had moved on in that very moment, so that EcoTaxa did something else."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An act with what came of it: the job before, and the job after (None when it is gone)."""

    act: Act
    effect: Effect
    before: Job
    after: Job | None

    @classmethod
    def refused(cls, act: Act, job: Job) -> "Deed":
        """An act that does not fit the job's state, so that nothing was done."""
        return cls(act, Effect.NOT_NOW, job, job)


def judge(act: Act, before: Job, after: Job | None) -> Effect | None:
    """What an act has come to by now; None while the job stands as it did before."""
    if after is None:
        return Effect.TOOK if act is Act.DELETE else Effect.OTHERWISE
    match act:
        case Act.RESTART:
            has_left = after.state is not JobState.ERROR or after.mark != before.mark
            return Effect.TOOK if has_left else None
        case Act.KILL if after.was_killed:
            return Effect.TOOK
        case Act.DELETE if after.state is before.state and after.mark == before.mark:
            return None
        case Act.KILL if after.state.is_open:
            return None
        case _:
            return Effect.OTHERWISE

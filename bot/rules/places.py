"""The channels in which a person's jobs are told; no I/O."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A channel in which a person's jobs are told: all of them, or those of one project."""

    id: int
    channel: str
    project_id: int | None = None

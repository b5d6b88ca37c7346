"""Where a person's jobs are told beside their own conversation; no I/O."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A channel in which a person's jobs are told: those of one project, or all.

    `id` is the subscription's, `channel` Slack's.
    """

    id: int
    channel: str
    project_id: int | None = None

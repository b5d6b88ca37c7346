"""The names that Slack sends back: of actions, of modals, of the events in message metadata."""

from enum import StrEnum


class Action(StrEnum):
    """An `action_id`; where several stand on one surface, `:` and what tells them apart follow."""

    JOBS_REFRESH = "jobs.refresh"
    JOBS_PAGE = "jobs.page"
    JOB_SHOW = "job.show"
    JOB_REFRESH = "job.refresh"
    WEB_OPEN = "web.open"
    LINK_OPEN = "link.open"
    UNLINK_YES = "unlink.yes"
    UNLINK_NO = "unlink.no"
    ANSWER_OPEN = "answer.open"
    ANSWER_TAXON = "answer.taxon"
    ANSWER_USER = "answer.user"
    ANSWER_PAGE = "answer.page"
    ANSWER_ACCEPT = "answer.accept"

    def of(self, what: object) -> str:
        """This action's id for one of several things on the same surface."""
        return f"{self}:{what}"


class Modal(StrEnum):
    """A modal's `callback_id`."""

    LINK = "link"
    ANSWER = "answer"
    PLAIN = "plain"


NOTICE_EVENT = "ecotaxa_job_notice"
"""The `event_type` in the metadata of every message that the bot owed somebody."""

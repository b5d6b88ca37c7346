"""The names that Slack sends back: of actions, of modals, of the events in message metadata."""

from enum import StrEnum


class Action(StrEnum):
    """An `action_id`; where several stand on one surface, `:` and what tells them apart follow."""

    JOBS_REFRESH = "jobs.refresh"
    JOBS_PAGE = "jobs.page"
    JOBS_FILTER = "jobs.filter"
    JOB_SHOW = "job.show"
    JOB_REFRESH = "job.refresh"
    JOB_RESTART = "job.restart"
    JOB_KILL = "job.kill"
    JOB_DELETE = "job.delete"
    KEEP = "keep"
    CLEAN_YES = "clean.yes"
    CLEAN_STOP = "clean.stop"
    FILE_GET = "file.get"
    FILE_SHARE = "file.share"
    FILE_SEND = "file.send"
    FILE_CANCEL = "file.cancel"
    FILE_AGAIN = "file.again"
    LOG_SHOW = "log.show"
    LOG_REFRESH = "log.refresh"
    LOG_WHOLE = "log.whole"
    ERRORS_SHOW = "errors.show"
    ERRORS_WHOLE = "errors.whole"
    JOB_PEEK = "job.peek"
    HOME_REFRESH = "home.refresh"
    HOME_JOBS = "home.jobs"
    WEB_OPEN = "web.open"
    LINK_OPEN = "link.open"
    LINK_UNDO = "link.undo"
    UNLINK_YES = "unlink.yes"
    UNLINK_NO = "unlink.no"
    FORGET_YES = "forget.yes"
    EXPORT_OPEN = "export.open"
    EXPORT_PROJECT = "export.project"
    EXPORT_FORM = "export.form"
    ANSWER_OPEN = "answer.open"
    ANSWER_TAXON = "answer.taxon"
    ANSWER_USER = "answer.user"
    ANSWER_PAGE = "answer.page"
    ANSWER_ACCEPT = "answer.accept"
    ANSWER_ASK = "answer.ask"
    HANDOVER_USER = "handover.user"
    HANDOVER_TAXON = "handover.taxon"
    HANDOVER_SKIP = "handover.skip"
    FOLLOW = "follow"
    MUTE = "mute"
    UNMUTE = "unmute"
    WATCH_OPEN = "watch.open"
    WATCH_STOP = "watch.stop"
    NOTIFY_OPEN = "notify.open"
    PLACE_END = "place.end"

    def of(self, what: object) -> str:
        """This action's id for one of several things on the same surface."""
        return f"{self}:{what}"


LINK_BESIDE = Action.LINK_OPEN.of("beside")
"""*Link my account* on a message that has more to do than to ask for that: it stays as it is."""


class Modal(StrEnum):
    """A modal's `callback_id`."""

    LINK = "link"
    ANSWER = "answer"
    EXPORT = "export"
    ASK = "ask"
    NOTIFY = "notify"
    PLAIN = "plain"
    SHOWN = "shown"
    WATCH = "watch"


AGAIN = "x-slack-retry-num"
"""The header of what Slack delivers again."""

NOTICE_EVENT = "ecotaxa_job_notice"
"""The `event_type` in the metadata of every message that the bot owed somebody."""

"""Everything the bot says in messages: jobs and links in, Slack's text and blocks out; no I/O.

Each message says its one fact first and is whole without its blocks.
"""

from bot.messages.accounts import (
    help_text,
    kept,
    link_again,
    link_hint,
    link_offered,
    linked,
    not_linked,
    sorry,
    token_rejected,
    unlink_question,
    unlinked,
    who_am_i,
)
from bot.messages.blocks import Message, note
from bot.messages.cards import as_modal, asking, link_card, no_job_named
from bot.messages.cleaning import (
    STOP_HERE,
    clean_progress,
    clean_question,
    clean_summary,
    cleaning_stops,
    no_cleaning,
    nothing_to_clean,
    still_cleaning,
)
from bot.messages.exports import report
from bot.messages.failures import all_errors, explained
from bot.messages.handovers import ask_colleague, asked_before, colleague_picked, colleague_wrote
from bot.messages.jobcards import job_card, mute_menu
from bot.messages.jobs import job_details, job_list
from bot.messages.logs import job_log, whole_log
from bot.messages.notices import already_answered, answered, asked, failed, finished, killed, notice
from bot.messages.notify_modal import notify_modal, read_notify_modal
from bot.messages.operations import ask_delete, ask_kill, deed_done, deed_words, gone
from bot.messages.outcomes import deleted, not_asking, outcome_words, sent_words
from bot.messages.pings import Ping, pings, retold
from bot.messages.words import (
    age,
    progress_bar,
    question_words,
    shown_projects,
    state_words,
    type_words,
    when,
)

__all__ = [
    "STOP_HERE",
    "Message",
    "Ping",
    "age",
    "all_errors",
    "already_answered",
    "answered",
    "as_modal",
    "ask_colleague",
    "ask_delete",
    "ask_kill",
    "asked",
    "asked_before",
    "asking",
    "clean_progress",
    "clean_question",
    "clean_summary",
    "cleaning_stops",
    "colleague_picked",
    "colleague_wrote",
    "deed_done",
    "deed_words",
    "deleted",
    "explained",
    "failed",
    "finished",
    "gone",
    "help_text",
    "job_card",
    "job_details",
    "job_list",
    "job_log",
    "kept",
    "killed",
    "link_again",
    "link_card",
    "link_hint",
    "link_offered",
    "linked",
    "mute_menu",
    "no_cleaning",
    "no_job_named",
    "not_asking",
    "not_linked",
    "note",
    "nothing_to_clean",
    "notice",
    "notify_modal",
    "outcome_words",
    "pings",
    "progress_bar",
    "question_words",
    "read_notify_modal",
    "report",
    "retold",
    "sent_words",
    "shown_projects",
    "sorry",
    "state_words",
    "still_cleaning",
    "token_rejected",
    "type_words",
    "unlink_question",
    "unlinked",
    "when",
    "who_am_i",
    "whole_log",
]

"""Everything the bot says in messages: jobs and links in, Slack's text and blocks out; no I/O.

Each message says its one fact first and is whole without its blocks.
"""

from bot.messages.accounts import (
    help_text,
    kept,
    link_again,
    linked,
    not_linked,
    sorry,
    token_rejected,
    unlink_question,
    unlinked,
    who_am_i,
)
from bot.messages.blocks import Message, note
from bot.messages.jobs import job_details, job_list
from bot.messages.notices import already_answered, answered, asked, failed, finished, killed, notice
from bot.messages.outcomes import deleted, not_asking, outcome_words, sent_words
from bot.messages.words import age, progress_bar, question_words, state_words, type_words, when

__all__ = [
    "Message",
    "age",
    "already_answered",
    "answered",
    "asked",
    "deleted",
    "failed",
    "finished",
    "help_text",
    "job_details",
    "job_list",
    "kept",
    "killed",
    "link_again",
    "linked",
    "not_asking",
    "not_linked",
    "note",
    "notice",
    "outcome_words",
    "progress_bar",
    "question_words",
    "sent_words",
    "sorry",
    "state_words",
    "token_rejected",
    "type_words",
    "unlink_question",
    "unlinked",
    "when",
    "who_am_i",
]

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
from bot.messages.jobcards import job_card
from bot.messages.jobs import job_details, job_list
from bot.messages.logs import job_log, whole_log
from bot.messages.menus import mute_menu
from bot.messages.mutes import muted, unmuted
from bot.messages.notices import already_answered, answered, asked, failed, finished, killed, notice
from bot.messages.notify_modal import notify_modal, read_notify_modal, settings_button
from bot.messages.operations import ask_delete, ask_kill, deed_done, deed_words, gone
from bot.messages.outcomes import deleted, not_asking, outcome_words, sent_words
from bot.messages.pings import Ping, pings, retold
from bot.messages.places import followed, following, invite_first, not_told_here, told_here
from bot.messages.reminders import (
    file_expires,
    place_lost,
    reachable,
    sign_in_expires,
    slow,
    unanswered,
    unreachable,
    waits_long,
)
from bot.messages.summaries import Tally, summary
from bot.messages.watches import (
    Cells,
    read_watch_chooser,
    watch_button,
    watch_card,
    watch_chooser,
    watch_done,
    watch_nothing,
    watch_stopped,
)
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
    "Cells",
    "Message",
    "Ping",
    "Tally",
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
    "file_expires",
    "finished",
    "followed",
    "following",
    "gone",
    "help_text",
    "invite_first",
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
    "muted",
    "no_cleaning",
    "no_job_named",
    "not_asking",
    "not_linked",
    "not_told_here",
    "note",
    "nothing_to_clean",
    "notice",
    "notify_modal",
    "outcome_words",
    "pings",
    "place_lost",
    "progress_bar",
    "question_words",
    "reachable",
    "read_notify_modal",
    "read_watch_chooser",
    "report",
    "retold",
    "sent_words",
    "settings_button",
    "shown_projects",
    "sign_in_expires",
    "slow",
    "sorry",
    "state_words",
    "still_cleaning",
    "summary",
    "token_rejected",
    "told_here",
    "type_words",
    "unanswered",
    "unlink_question",
    "unlinked",
    "unmuted",
    "unreachable",
    "waits_long",
    "watch_button",
    "watch_card",
    "watch_chooser",
    "watch_done",
    "watch_nothing",
    "watch_stopped",
    "when",
    "who_am_i",
    "whole_log",
]

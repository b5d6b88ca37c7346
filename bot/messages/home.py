"""The app's home tab: who you are, the jobs that need you, those that run, the last ones; no I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slackblocks import Block, Button, HeaderBlock

from bot.errors import BotError
from bot.ids import Action
from bot.jobs import Job, JobState
from bot.language import mark, say, say_n
from bot.links import Link
from bot.messages.accounts import FORGETS, RENEW, until_words, who_words
from bot.messages.blocks import actions, button, confirm, context, message, section
from bot.messages.buttons import (
    answer_button,
    errors_button,
    file_button,
    kill_button,
    link_button,
    restart_button,
)
from bot.messages.cards import peek_button
from bot.messages.jobs import no_jobs
from bot.messages.words import headline, joined, matter, when
from bot.names import NO_TITLES, Titles
from bot.text import sentences

SHOWN = 5
"""Jobs in each part."""

_LATE = timedelta(days=3)
_NEEDS = (JobState.ASKING, JobState.ERROR)
_RUNS = (JobState.RUNNING, JobState.PENDING)


@dataclass(frozen=True, slots=True)
class Digest:
    """The jobs that a home shows, each part at most SHOWN, and how many there are in all."""

    needing: Sequence[Job]
    running: Sequence[Job]
    recent: Sequence[Job]
    total: int
    hidden_needing: int = 0
    hidden_running: int = 0

    @property
    def jobs(self) -> list[Job]:
        """All that are shown."""
        return [*self.needing, *self.running, *self.recent]

    @classmethod
    def of(cls, jobs: Iterable[Job], total: int | None = None) -> "Digest":
        """What is shown of `jobs`: questions before failures, then by number, the newest first.

        A job that somebody stopped needs nobody.  `total` where there are more than these.
        """
        by_id = {job.id: job for job in jobs}
        newest = [by_id[job_id] for job_id in sorted(by_id, reverse=True)]
        needing = [job for job in newest if job.state in _NEEDS and not job.was_killed]
        needing.sort(key=lambda job: job.state is not JobState.ASKING)
        running = [job for job in newest if job.state in _RUNS]
        running.sort(key=lambda job: job.state is not JobState.RUNNING)
        busy = {job.id for job in (*needing, *running)}
        recent = [job for job in newest if job.id not in busy]
        return cls(
            needing[:SHOWN],
            running[:SHOWN],
            recent[:SHOWN],
            len(newest) if total is None else total,
            len(needing[SHOWN:]),
            len(running[SHOWN:]),
        )


def home(
    link: Link, jobs: Digest | BotError, now: datetime, web_url: str, titles: Titles = NO_TITLES
) -> dict[str, Any]:
    """The home of somebody whose account is linked; an error in place of jobs says why none are shown."""
    who = say("You are {person} in EcoTaxa.", person=who_words(link))
    first = section(f"{who} {until_words(link, now)}")
    refresh = button(say("Refresh"), Action.HOME_REFRESH)
    if isinstance(jobs, BotError):
        shown: list[Block] = [actions(refresh), section(f"⚠️ {sentences(jobs.hint, 1_000)}")]
    else:
        every = button(say("All my jobs"), Action.HOME_JOBS)
        shown = [actions(refresh, every), *_parts(jobs, web_url, titles)]
    is_late = link.token.expires_at - now < _LATE
    renew = link_button(text=say(RENEW)) if is_late else button(say(RENEW), Action.LINK_OPEN)
    return _view([first, *shown, *_settings(web_url, renew)])


def home_of_unlinked(web_url: str) -> dict[str, Any]:
    """The welcome for somebody new."""
    return _view(
        [
            HeaderBlock(say("Your EcoTaxa jobs, here in Slack")),
            section(
                say("• See your imports and exports while they run."),
                say("• Be told when one finishes, fails or asks something."),
                say("• Answer what an import asks, and get an export's file, without leaving Slack."),
            ),
            section(say("Link your EcoTaxa account once. Only you see your jobs.")),
            actions(link_button(), _web_button(web_url)),
        ]
    )


def home_of_broken(error: BotError, web_url: str) -> dict[str, Any]:
    """The home of somebody whose link no longer works: what to do about it."""
    return _view([section(f"🔑 {sentences(error.hint, 1_000)}"), *_settings(web_url, link_button())])


def _parts(jobs: Digest, web_url: str, titles: Titles) -> list[Block]:
    if not jobs.total:
        return [section(no_jobs())]
    blocks: list[Block] = []
    for title, part, hidden in (
        (mark("Needs you"), jobs.needing, jobs.hidden_needing),
        (mark("Running"), jobs.running, jobs.hidden_running),
        (mark("Recent"), jobs.recent, 0),
    ):
        if part:
            blocks.append(HeaderBlock(say(title)))
            blocks += [block for job in part for block in _row(job, web_url, titles)]
        if hidden:
            more = say_n(
                "… and {n} more: press *All my jobs*.", "… and {n} more: press *All my jobs*.", hidden
            )
            blocks.append(context(more))
    return [*blocks, context(say_n("{n} job in all", "{n} jobs in all", jobs.total))]


def _row(job: Job, web_url: str, titles: Titles) -> list[Block]:
    offered: tuple[Button | None, ...] = (
        answer_button(job),
        file_button(job),
        errors_button(job),
        restart_button(job),
        kill_button(job) if job.state in _RUNS else None,
        peek_button(job),
    )
    text = joined(matter(job), when(job.created_at))
    return [section(headline(job, web_url, titles), text), actions(*filter(None, offered))]


def _settings(web_url: str, sign_in: Button) -> list[Block]:
    asked = confirm(
        say("Unlink your account?"),
        say(FORGETS),
        say("Unlink"),
        say("Keep it"),
    )
    unlink = button(say("Unlink"), Action.UNLINK_YES, style="danger", confirm=asked)
    return [
        HeaderBlock(say("Settings")),
        actions(button(say("Notifications"), Action.NOTIFY_OPEN), sign_in, unlink, _web_button(web_url)),
    ]


def _web_button(web_url: str) -> Button:
    return button(say("EcoTaxa's website"), Action.WEB_OPEN, url=web_url)


def _view(blocks: list[Block]) -> dict[str, Any]:
    return {"type": "home", "blocks": message([], blocks).blocks}

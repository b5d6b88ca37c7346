"""Many jobs watched as one: a card with a cell for each, and the modal that chooses them; no I/O."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from slackblocks import (
    Block,
    Button,
    InputBlock,
    ModalView,
    Option,
    PlainText,
    StaticMultiSelectMenu,
)

from bot.filters import Status
from bot.ids import Action, Modal
from bot.jobs import Job, JobState
from bot.language import number, say, say_n
from bot.messages.amounts import amount_words, numbers, status_of, sum_words
from bot.messages.blocks import Message, actions, button, message, note, section
from bot.messages.words import joined, shown_projects, state_words, titled, type_words
from bot.names import NO_TITLES, Titles
from bot.text import plain

MOST = 100
"""Jobs that the modal offers: Slack takes no more options."""

_WIDTH = 60
_NAMED = 5
_CHOSEN = "jobs"

_CELLS = {
    Status.FINISHED: "■",
    Status.FAILED: "✕",
    Status.STOPPED: "◇",
    Status.ASKING: "?",
    Status.RUNNING: "▣",
    Status.WAITING: "□",
}
"""How a job of each state is drawn; a bar that is too short for all has them in this order."""


@dataclass(frozen=True)
class Cells:
    """What a watch is about: its jobs' states in order of their ids, and who was stopped of those failed.

    `project_id` is the project whose jobs they are, where the watch is for one.
    """

    jobs: Mapping[int, JobState]
    stopped: frozenset[int] = frozenset()
    project_id: int | None = None

    @cached_property
    def statuses(self) -> Mapping[int, Status]:
        """What people call the state of each job."""
        return {
            job_id: status_of(state, was_killed=state is JobState.ERROR and job_id in self.stopped)
            for job_id, state in self.jobs.items()
        }

    @cached_property
    def counts(self) -> Counter[Status]:
        """How many jobs there are of each state."""
        return Counter(self.statuses.values())

    @property
    def done(self) -> int:
        """How many have come to an end, good or bad."""
        return sum(state.has_ended for state in self.jobs.values())

    @property
    def failed(self) -> list[int]:
        """Those that failed, and were not stopped."""
        return self._of(Status.FAILED)

    @property
    def asking(self) -> list[int]:
        """Those that wait for an answer."""
        return self._of(Status.ASKING)

    @property
    def open(self) -> list[int]:
        """Those that have not come to an end: while there are any, the watch goes on."""
        return [job_id for job_id, state in self.jobs.items() if not state.has_ended]

    def _of(self, status: Status) -> list[int]:
        return [job_id for job_id, it in self.statuses.items() if it is status]


def watch_card(cells: Cells, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """The batch while it is under way: the sum in words, then a cell a job."""
    lead = say("{done} of {total} jobs done", done=number(cells.done), total=number(len(cells.jobs)))
    return _card(cells, lead, web_url, titles, button(say("Stop watching"), Action.WATCH_STOP))


def watch_done(cells: Cells, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """The whole batch has come to its end."""
    return _card(cells, say_n("The job is done", "All {n} jobs are done", cells.done), web_url, titles)


def watch_stopped(cells: Cells, web_url: str, titles: Titles = NO_TITLES) -> Message:
    """Nobody watches the batch any more: how it was at last."""
    return _card(cells, say("No longer watched"), web_url, titles)


def watch_nothing(project_id: int | None) -> Message:
    """There is no job to watch."""
    if project_id is None:
        return note(say("None of your jobs waits, runs or asks: there is nothing to watch."))
    return note(
        say(
            "None of your jobs of project {project} waits, runs or asks: there is nothing to watch.",
            project=project_id,
        )
    )


def watch_none_of(job_ids: Sequence[int]) -> Message:
    """None of the jobs that were named can be watched."""
    return note(_not_watched(job_ids))


def watch_begun(place: str, left_out: Sequence[int] = ()) -> Message:
    """The card comes: into the channel `place`, or by direct message; without those that are `left_out`."""
    if place:
        first = say("👀 I watch them in <#{channel}>, and say so there once all are done.", channel=place)
    else:
        first = say("👀 I watch them in our direct conversation, and say so there once all are done.")
    lines = [first, *([_not_watched(left_out)] if left_out else [])]
    return message(lines, [section(*lines)])


def watch_offered() -> Message:
    """No modal can be opened from where it was asked for: the button can."""
    first = say("Which jobs do you want to watch together?")
    return message([first], [section(first), actions(button(say("Choose"), Action.WATCH_OPEN))])


def watch_of_other(user_id: str) -> Message:
    """Somebody else pressed *Stop watching*."""
    return note(say("Only <@{user}> can stop this: they began it.", user=user_id))


def not_watched() -> Message:
    """The pressed message is not, or no more, one that shows a watch."""
    return note(say("Nothing is watched here any more."))


def _not_watched(job_ids: Sequence[int]) -> str:
    return say_n(
        "{jobs} is no job of yours that waits, runs or asks.",
        "{jobs} are no jobs of yours that wait, run or ask.",
        len(job_ids),
        jobs=numbers(job_ids, _NAMED),
    )


def watch_button() -> Button:
    """*Watch together*, below a list: opens the chooser."""
    return button(say("Watch together"), Action.WATCH_OPEN)


def watch_chooser(jobs: Sequence[Job], titles: Titles = NO_TITLES) -> dict[str, Any]:
    """The modal that asks which jobs to watch as one: at first all of them, as far as there is room."""
    options = [_option(job, titles) for job in jobs[:MOST]]
    blocks: list[Block] = []
    if options:
        menu = StaticMultiSelectMenu(_CHOSEN, options, initial_options=options)
        blocks.append(InputBlock(say("Jobs"), menu, block_id=_CHOSEN))
    else:
        blocks.append(section(watch_nothing(None).text))
    view = ModalView(
        plain(say("Watch together"), 24),
        blocks,
        submit=plain(say("Watch"), 24) if options else None,
        close=plain(say("Cancel"), 24),
        callback_id=str(Modal.WATCH),
    )
    return dict(view.to_dict())


def read_watch_chooser(view: Mapping[str, Any]) -> list[int]:
    """The numbers of the jobs that were chosen; whatever else came back is left out."""
    state = view.get("state", {}).get("values", {}).get(_CHOSEN, {}).get(_CHOSEN, {})
    values = [str(option["value"]) for option in state.get("selected_options") or ()]
    return [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) <= 10]


def _card(cells: Cells, lead: str, web_url: str, titles: Titles, offered: Button | None = None) -> Message:
    first, alone = (joined(lead, _project(cells, titles, url)) for url in (web_url, None))
    sums = [(cell, amount_words(status, cells.counts[status])) for status, cell in _CELLS.items()]
    drawn = joined(*(f"{cell} {words}" for cell, words in sums if words))
    blocks: list[Block] = [section(f"*{first}*", drawn, _bar(cells), *_needing(cells, web_url))]
    blocks += [actions(offered)] if offered else []
    return message([alone, sum_words(cells.counts), *_needing(cells, None)], blocks)


def _needing(cells: Cells, web_url: str | None) -> list[str]:
    """The jobs that somebody has to look after."""
    asking, failed = (numbers(some, _NAMED, web_url) for some in (cells.asking, cells.failed))
    return [
        say("Asks: {jobs}", jobs=asking) if asking else "",
        say("Failed: {jobs}", jobs=failed) if failed else "",
    ]


def _project(cells: Cells, titles: Titles, web_url: str | None) -> str:
    if cells.project_id is None:
        return ""
    return titled(cells.project_id, titles, web_url, alone=True)


def _bar(cells: Cells) -> str:
    """A cell a job; where there are too many, as many of each state as is its share, but at least one."""
    drawn = "".join(_CELLS[status] for status in cells.statuses.values())
    if len(drawn) > _WIDTH:
        shares = {cell: max(1, drawn.count(cell) * _WIDTH // len(drawn)) for cell in dict.fromkeys(drawn)}
        shares[max(shares, key=lambda cell: shares[cell])] += _WIDTH - sum(shares.values())
        drawn = "".join(cell * shares.get(cell, 0) for cell in _CELLS.values())
    return f"`{drawn}`" if drawn else ""


def _option(job: Job, titles: Titles) -> Option:
    project = next(iter(shown_projects(job)), None)
    named = "" if project is None else say("project {project}", project=project)
    title = titles.get(project, "") if project is not None else ""
    words = joined(f"#{job.id}", state_words(job), type_words(job), named, title)
    return Option(PlainText(plain(words, 75)), value=str(job.id))

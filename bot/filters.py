"""Which of the jobs a list shows, in words that people type and that buttons carry; no I/O."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import reduce

from bot.errors import UsageError
from bot.language import say, say_n
from bot.text import one_line

HIGHEST_ID = 2_147_483_647
"""The highest number EcoTaxa's database has for a project."""
DUMP_LIMIT = 200
"""Characters of a filter in a button's value; whatever is longer was not made here."""


class Status(StrEnum):
    """What state a job is in, as people say it; *stopped* is apart from *failed*."""

    FAILED = "failed"
    ASKING = "asking"
    RUNNING = "running"
    WAITING = "waiting"
    FINISHED = "finished"
    STOPPED = "stopped"


class Kind(StrEnum):
    """What a job does, as people say it."""

    EXPORTS = "exports"
    IMPORTS = "imports"
    PREDICTIONS = "predictions"
    SUBSETS = "subsets"

    @property
    def one(self) -> str:
        """The word for a single one."""
        return self.value.removesuffix("s")


_STATUSES: Mapping[Status, tuple[str, ...]] = {
    Status.FAILED: ("fail", "fails", "failure", "failures", "error", "errors", "broken"),
    Status.ASKING: ("ask", "asks", "question", "questions", "unanswered"),
    Status.RUNNING: ("run", "runs", "active", "current"),
    Status.WAITING: ("wait", "waits", "pending", "queued", "queue"),
    Status.FINISHED: ("finish", "done", "complete", "completed", "success", "successful", "succeeded", "ok"),
    Status.STOPPED: ("stop", "killed", "cancelled", "canceled", "aborted"),
}
_KINDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.EXPORTS: ("export",),
    Kind.IMPORTS: ("import",),
    Kind.PREDICTIONS: ("prediction", "predict"),
    Kind.SUBSETS: ("subset",),
}
_STATUS_WORDS: Mapping[Status, Callable[[int], str]] = {
    Status.FAILED: lambda amount: say_n("failed", "failed", amount),
    Status.ASKING: lambda amount: say_n("asking", "asking", amount),
    Status.RUNNING: lambda amount: say_n("running", "running", amount),
    Status.WAITING: lambda amount: say_n("waiting", "waiting", amount),
    Status.FINISHED: lambda amount: say_n("finished", "finished", amount),
    Status.STOPPED: lambda amount: say_n("stopped", "stopped", amount),
}
"""How so many jobs in a state are called: other languages bend the word where English does not."""
_KIND_WORDS: Mapping[Kind, Callable[[int], str]] = {
    Kind.EXPORTS: lambda amount: say_n("export", "exports", amount),
    Kind.IMPORTS: lambda amount: say_n("import", "imports", amount),
    Kind.PREDICTIONS: lambda amount: say_n("prediction", "predictions", amount),
    Kind.SUBSETS: lambda amount: say_n("subset", "subsets", amount),
}
_EVERYONE = "all"
_NAMES: Mapping[str, Status | Kind | None] = {
    **{name: status for status, others in _STATUSES.items() for name in (status.value, *others)},
    **{name: kind for kind, others in _KINDS.items() for name in (kind.value, *others)},
    **dict.fromkeys((_EVERYONE, "everyone", "everybody", "everyone's", "everybody's")),
}
_FILLERS = frozenset({"and", "or", "in", "of", "with", "my", "the", "jobs", "job", "only", "that"})

# A project is named by its number or by the address of its page, as Slack wraps it too.
_PROJECT = re.compile(
    r"<?https?://[^\s<>|]*/prj/(\d+)/?[^\s<>|]*(?:\|[^<>]*)?>?|\b(?:projects?|prj)\b[\s:#]*(\d+)(?![^\s,])",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs to show: in any of the states, of any of the kinds; all where none is named.

    `everyone` asks for everybody's jobs, which EcoTaxa shows only to its administrators.
    """

    states: frozenset[Status] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    project_id: int | None = None
    everyone: bool = False

    @classmethod
    def parse(cls, text: str) -> "Filter":
        """Read the words after `jobs`, in any order; raises UsageError, which says what would be right."""
        projects = {_project(found[1] or found[2]) for found in _PROJECT.finditer(text)}
        if len(projects) > 1:
            raise UsageError(say("I can show one project at a time. Name only one."))
        named = [_named(word) for word in _PROJECT.sub(" ", text).casefold().replace(",", " ").split()]
        return cls(
            frozenset(name for name in named if isinstance(name, Status)),
            frozenset(name for name in named if isinstance(name, Kind)),
            projects.pop() if projects else None,
            None in named,
        )

    def dump(self) -> str:
        """The filter as the words that `parse` reads: for a button's value, and to be typed again."""
        words = [status.value for status in Status if status in self.states]
        words += [kind.value for kind in Kind if kind in self.kinds]
        project = [f"project {self.project_id}"] if self.project_id is not None else []
        return " ".join((*words, *project, *([_EVERYONE] if self.everyone else [])))

    @classmethod
    def load(cls, text: str) -> "Filter":
        """The filter that a button carries; one that was not made here shows everything of one's own."""
        try:
            return cls.parse(text) if len(text) <= DUMP_LIMIT else cls()
        except UsageError:
            return cls()

    @property
    def is_plain(self) -> bool:
        """Whether it shows all of one's own jobs."""
        return self == Filter()

    def nouns(self, number: int = 2) -> str:
        """What is shown, without project and owner: `failed or asking exports`, `job` when it is one."""
        kinds = [_KIND_WORDS[kind](number) for kind in Kind if kind in self.kinds]
        kinds = kinds or [say_n("job", "jobs", number)]
        what = _either(kinds) if number == 1 else _both(kinds)
        states = [_STATUS_WORDS[status](number) for status in Status if status in self.states]
        return say("{states} {kinds}", states=_either(states), kinds=what) if states else what


def _either(words: Sequence[str]) -> str:
    return reduce(lambda first, second: say("{first} or {second}", first=first, second=second), words)


def _both(words: Sequence[str]) -> str:
    return reduce(lambda first, second: say("{first} and {second}", first=first, second=second), words)


def _named(word: str) -> Status | Kind | str | None:
    if word in _FILLERS:
        return word
    if word in _NAMES:
        return _NAMES[word]
    shown = one_line(word).replace("`", "'")
    shown = f"{shown[:30]}…" if len(shown) > 31 else shown or say("that")
    if word.lstrip("#").isdecimal():
        raise UsageError(
            say(
                "Is `{typed}` a job or a project?"
                " Type `/ecotaxa job …` or `/ecotaxa jobs project …` with it.",
                typed=shown,
            )
        )
    if word.rstrip("s#:") in ("project", "prj"):
        raise UsageError(say("Which project? Type its number, as in `/ecotaxa jobs project 42`."))
    near = get_close_matches(word[:40], _NAMES, n=1, cutoff=0.6)
    if near:
        meant = _NAMES[near[0]] or _EVERYONE
        hint = say("I don't know `{typed}` here. Did you mean `{word}`?", typed=shown, word=meant)
    else:
        hint = say(
            "I don't know `{typed}` here."
            " Try `failed`, `asking`, `running`, `finished`, `exports`, `imports` or `project 42`.",
            typed=shown,
        )
    raise UsageError(hint)


def _project(digits: str) -> int:
    number = digits.lstrip("0")
    if not number or len(number) > len(str(HIGHEST_ID)) or int(number) > HIGHEST_ID:
        raise UsageError(say("Project numbers go from 1 to {highest}.", highest=HIGHEST_ID))
    return int(number)

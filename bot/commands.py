"""The words of `/ecotaxa`: one table that parses them, helps with them and documents them; no I/O."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from bot.errors import UsageError
from bot.filters import Filter
from bot.language import mark, say
from bot.numbers import echo, job_number, project_number
from bot.text import one_line

NAME = "/ecotaxa"


class Word(StrEnum):
    """What a person can ask for."""

    JOBS = "jobs"
    JOB = "job"
    FILE = "file"
    LOG = "log"
    RESTART = "restart"
    KILL = "kill"
    DELETE = "delete"
    CLEAN = "clean"
    EXPORT = "export"
    NOTIFY = "notify"
    WATCH = "watch"
    DOCTOR = "doctor"
    LINK = "link"
    WHOAMI = "whoami"
    UNLINK = "unlink"
    FORGET = "forget"
    AUDIT = "audit"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Entry:
    """One word with what follows it, what it does in one line (to be said), and its other names."""

    word: Word
    help: str
    arguments: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """The whole command as one types it."""
        return " ".join(filter(None, (NAME, self.word, self.arguments)))


TABLE = (
    Entry(
        Word.JOBS,
        mark("your jobs, the active ones on top; or some: `jobs failed exports project 42`"),
        aliases=("list", "ls", "tasks"),
    ),
    Entry(Word.JOB, mark("one job in detail; a link to its page does too"), "1234", ("show", "task", "open")),
    Entry(Word.FILE, mark("a finished export's file, here"), "1234", ("download", "get")),
    Entry(Word.LOG, mark("what a job wrote while it ran"), "1234", ("logs",)),
    Entry(Word.RESTART, mark("a failed job, once more"), "1234", ("retry", "rerun")),
    Entry(Word.KILL, mark("stop a job that waits, runs or asks"), "1234", ("stop", "cancel", "abort")),
    Entry(Word.DELETE, mark("a finished or failed job, with its file"), "1234", ("remove", "rm", "erase")),
    Entry(
        Word.CLEAN,
        mark("delete all your finished or failed jobs; asks first"),
        "done",
        ("cleanup", "purge"),
    ),
    Entry(Word.EXPORT, mark("start an export of a project"), "42"),
    Entry(
        Word.NOTIFY,
        mark("what I tell you, when and where; `notify here` tells your jobs in a channel"),
        aliases=("notifications", "settings", "preferences"),
    ),
    Entry(
        Word.WATCH,
        mark("several jobs as one; `watch 1234 @someone` tells them too when it ends"),
        "project 42",
        ("follow",),
    ),
    Entry(Word.DOCTOR, mark("what works and what does not"), aliases=("check", "health", "diagnose")),
    Entry(Word.LINK, mark("link your EcoTaxa account"), aliases=("login", "signin", "connect")),
    Entry(Word.WHOAMI, mark("the account I know you by"), aliases=("me", "who", "status")),
    Entry(Word.UNLINK, mark("forget your account"), aliases=("logout", "signout", "disconnect")),
    Entry(Word.FORGET, mark("delete everything I know about you; asks first"), "me"),
    Entry(Word.AUDIT, mark("what you did through me lately"), aliases=("history", "acts")),
    Entry(Word.HELP, mark("these lines"), aliases=("?", "h", "hello")),
)

_NAMES = {name: entry.word for entry in TABLE for name in (entry.word.value, *entry.aliases)}

_PROJECT_WORD = re.compile(r"project\b|<?https?://[^\s<>|]*/prj/", re.IGNORECASE)


ONE_JOB = frozenset({Word.JOB, Word.FILE, Word.LOG, Word.RESTART, Word.KILL, Word.DELETE})
"""The words that are about one job."""


class Scope(StrEnum):
    """Which jobs a clean-up is about."""

    DONE = "done"
    FAILED = "failed"
    ALL = "all"


class Here(StrEnum):
    """Whether a person's jobs are to be told in the channel where they typed that."""

    ON = "on"
    OFF = "off"


MOST_WATCHED = 100
"""Jobs that one can name to be watched as one."""

_OFF = frozenset({"off", "stop", "end", "no"})
_SOMEBODY = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
"""A mention, as Slack sends it."""
_SCOPES = {"finished": Scope.DONE, "errors": Scope.FAILED, "everything": Scope.ALL}


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asked for: `job_id` where the word is about one job, `project_id` where about those of
    one project, `scope` for a clean-up.

    `here` is for the channel where it was typed; `job_ids` are to be watched as one, or told to the
    `follower` too, which is a Slack user.
    """

    word: Word
    job_id: int | None = None
    project_id: int | None = None
    scope: Scope | None = None
    wanted: Filter = Filter()  # noqa: RUF009  # frozen
    here: Here | None = None
    job_ids: tuple[int, ...] = ()
    follower: str = ""


def parse(text: str, web_url: str) -> Command:
    """Read what stands behind `/ecotaxa`; nothing at all is a cry for help.

    A job's number, with or without `#`, or the link to its page asks for that job even without a word;
    `web_url` is the address of this EcoTaxa's pages.
    Raises UsageError, which says what would have been right.
    """
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    rest = rest.strip()
    if not first:
        return Command(Word.HELP)
    word = _NAMES.get(first.casefold())
    if word is None:
        if _is_about_a_job(text.strip()):
            return Command(Word.JOB, job_number(text, web_url))
        raise UsageError(_unknown(first))
    return _read(word, rest, web_url)


def _read(word: Word, rest: str, web_url: str) -> Command:
    if word in ONE_JOB:
        return Command(word, job_number(rest, web_url, word))
    match word:
        case Word.JOBS:
            return Command(word, wanted=Filter.parse(rest))
        case Word.CLEAN:
            return Command(word, scope=_scope(rest))
        case Word.EXPORT:
            return Command(word, project_id=project_number(rest) if rest else None)
        case Word.NOTIFY:
            return _notify(rest)
        case Word.WATCH:
            return _watch(rest, web_url)
        case Word.FORGET:
            return _forget(rest)
    if rest and word is not Word.HELP:
        raise UsageError(
            say(
                "`{word}` stands alone. Type `/ecotaxa {word}`, or `/ecotaxa help` for all I can do.",
                word=word.value,
            )
        )
    return Command(word)


def _forget(text: str) -> Command:
    """Only oneself, and said in full: nobody types that by mistake."""
    if text.casefold() != "me":
        raise UsageError(
            say("Type `/ecotaxa forget me` to have everything about you deleted. I forget nobody else.")
        )
    return Command(Word.FORGET)


def _notify(text: str) -> Command:
    """What is told where: nothing opens the settings, `here` is about the channel it is typed in."""
    if not text:
        return Command(Word.NOTIFY)
    first, rest = (*text.split(maxsplit=1), "")[:2]
    if first.casefold() != "here":
        raise UsageError(
            say(
                "Type `/ecotaxa notify` for your settings, or in a channel `/ecotaxa notify here`,"
                " `/ecotaxa notify here project 42` or `/ecotaxa notify here off`."
            )
        )
    if rest.strip().casefold() in _OFF:
        return Command(Word.NOTIFY, here=Here.OFF)
    project_id = project_number(rest, "notify here project 42") if rest else None
    return Command(Word.NOTIFY, here=Here.ON, project_id=project_id)


def _watch(text: str, web_url: str) -> Command:
    """Which jobs are to be watched as one; with a mention, which one is told to somebody else too."""
    people = _SOMEBODY.findall(text)
    words = _SOMEBODY.sub(" ", text).replace(",", " ").split()
    if any(word.startswith("@") for word in words):
        raise UsageError(
            say(
                "I could not tell who that is. Pick the person from the list that Slack shows after `@`,"
                " as in `/ecotaxa watch 1234 @someone`."
            )
        )
    is_project = bool(words) and _PROJECT_WORD.match(" ".join(words)) is not None
    if people and (is_project or len(people) > 1 or len(words) != 1):
        raise UsageError(say("One job and one person at a time, as in `/ecotaxa watch 1234 @someone`."))
    if is_project:
        return Command(Word.WATCH, project_id=project_number(" ".join(words), "watch project 42"))
    if len(words) > MOST_WATCHED:
        raise UsageError(say("I can watch {most} jobs as one. Name fewer.", most=MOST_WATCHED))
    job_ids = dict.fromkeys(job_number(word, web_url, Word.WATCH) for word in words)
    return Command(Word.WATCH, job_ids=tuple(job_ids), follower=people[0] if people else "")


def _scope(text: str) -> Scope:
    word = text.strip().casefold()
    if word in _SCOPES:
        return _SCOPES[word]
    try:
        return Scope(word)
    except ValueError:
        raise UsageError(
            say("Which jobs? Type `/ecotaxa clean done`, `/ecotaxa clean failed` or `/ecotaxa clean all`.")
        ) from None


def spoken(text: str, bot_user: str) -> str:
    """What is said to the bot in a message: all that follows its mention, or the whole.

    `text` is as Slack sends it, escaped; code ticks, and `/ecotaxa` where it was copied too, are left out.
    """
    before, mention, after = text.partition(f"<@{bot_user}>")
    said = one_line(after if mention else before).strip(" `*:,")
    first, _, rest = said.partition(" ")
    said = rest.strip() if first.casefold().lstrip("/") == NAME.lstrip("/") else said
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _is_about_a_job(text: str) -> bool:
    return text[0] in "#+-<0123456789" or text.casefold().startswith(("http://", "https://"))


def _unknown(typed: str) -> str:
    word = typed.casefold()[:40]
    near = [name for name in _NAMES if len(word) > 1 and name.startswith(word)]
    near = near or get_close_matches(word, _NAMES, n=1, cutoff=0.6)
    if near:
        return say(
            "I don't know `{typed}`. Did you mean `{word}`?", typed=echo(typed), word=_NAMES[near[0]].value
        )
    return say("I don't know `{typed}`. Type `/ecotaxa help` to see what I can do.", typed=echo(typed))

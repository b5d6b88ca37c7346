"""The words of `/ecotaxa`: one table that parses them, helps with them and documents them; no I/O."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from bot.errors import UsageError
from bot.text import one_line

NAME = "/ecotaxa"
HIGHEST_JOB = 2_147_483_647
"""The highest number EcoTaxa's database has for a job."""


class Word(StrEnum):
    """What a person can ask for."""

    JOBS = "jobs"
    JOB = "job"
    LINK = "link"
    WHOAMI = "whoami"
    UNLINK = "unlink"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Entry:
    """One word with what follows it, what it does in one line, and its other names."""

    word: Word
    help: str
    arguments: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """The whole command as one types it."""
        return " ".join(filter(None, (NAME, self.word, self.arguments)))


TABLE = (
    Entry(Word.JOBS, "your jobs, the active ones on top", aliases=("list", "ls", "tasks")),
    Entry(Word.JOB, "one job in detail; a link to its page does too", "1234", ("show", "task", "open")),
    Entry(Word.LINK, "link your EcoTaxa account", aliases=("login", "signin", "connect")),
    Entry(Word.WHOAMI, "the account I know you by", aliases=("me", "who", "status")),
    Entry(Word.UNLINK, "forget your account", aliases=("logout", "signout", "disconnect")),
    Entry(Word.HELP, "these lines", aliases=("?", "h", "hello")),
)

_NAMES = {name: entry.word for entry in TABLE for name in (entry.word.value, *entry.aliases)}

_WRAPPED = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")
_PAGE = re.compile(r"https?://[^\s<>|]*/job/show/([^\s<>|/?#]*)/?(?:[?#]\S*)?", re.IGNORECASE)
_NUMBER = re.compile(r"#?\s*([+-]?[0-9]+)")


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asked for; `job_id` where the word is about one job."""

    word: Word
    job_id: int | None = None


def parse(text: str) -> Command:
    """Read what stands behind `/ecotaxa`; nothing at all is a cry for help.

    A job's number, with or without `#`, or the link to its page asks for that job even without a word.
    Raises UsageError, which says what would have been right.
    """
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    rest = rest.strip()
    if not first:
        return Command(Word.HELP)
    word = _NAMES.get(first.casefold())
    if word is None:
        if _is_about_a_job(text.strip()):
            return Command(Word.JOB, job_number(text))
        raise UsageError(_unknown(first))
    if word is Word.JOB:
        return Command(word, job_number(rest))
    if rest and word is not Word.HELP:
        raise UsageError(f"`{word}` stands alone. Type `{NAME} {word}`, or `{NAME} help` for all I can do.")
    return Command(word)


def job_number(text: str) -> int:
    """The job that a number, `#1234` or the address of its page names, also as Slack wraps a link.

    Raises UsageError when it names none.
    """
    text = text.strip()
    if not text:
        raise UsageError(f"Which job? Type its number, as in `{NAME} job 1234`.")
    wrapped = _WRAPPED.fullmatch(text)
    address = (wrapped[1] if wrapped else text).strip()
    page = _PAGE.fullmatch(address)
    number = _NUMBER.fullmatch(page[1] if page else address)
    if number is None:
        what = "That link leads to no job" if "://" in address else f"`{_echo(text)}` is not a job's number"
        raise UsageError(f"{what}. Type one as in `{NAME} job 1234`, or paste the link to the job's page.")
    return _in_range(number[1])


def _in_range(digits: str) -> int:
    value = digits.lstrip("+-0")
    if digits.startswith("-") or not value:
        raise UsageError("Job numbers start at 1.")
    # Python refuses to read very long numbers, so that the length is looked at first.
    if len(value) > len(str(HIGHEST_JOB)) or int(value) > HIGHEST_JOB:
        raise UsageError(f"That number is too high for a job: {HIGHEST_JOB} is the highest there can be.")
    return int(value)


def _is_about_a_job(text: str) -> bool:
    return text[0] in "#+-<0123456789" or text.casefold().startswith(("http://", "https://"))


def _unknown(typed: str) -> str:
    word = typed.casefold()[:40]
    near = [name for name in _NAMES if len(word) > 1 and name.startswith(word)]
    near = near or get_close_matches(word, _NAMES, n=1, cutoff=0.6)
    advice = f"Did you mean `{_NAMES[near[0]]}`?" if near else f"Type `{NAME} help` to see what I can do."
    return f"I don't know `{_echo(typed)}`. {advice}"


def _echo(text: str) -> str:
    """What was typed, short and unable to end the code span it is shown in."""
    shown = one_line(text).replace("`", "'")
    return f"{shown[:30]}…" if len(shown) > 31 else shown or "that"

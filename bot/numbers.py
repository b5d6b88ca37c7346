"""Numbers of jobs and projects, as people type them, paste links to them, and write of them; no I/O."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from bot.errors import UsageError
from bot.language import mark, say
from bot.text import one_line

HIGHEST_JOB = 2_147_483_647
"""The highest number EcoTaxa's database has for a job."""

_WRAPPED = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")
_PAGE = re.compile(r"https?://[^\s<>|]*/job/show/([^\s<>|/?#]*)/?(?:[?#]\S*)?", re.IGNORECASE)
_PROJECT = re.compile(
    r"(?:project\s+)?#?\s*([+-]?[0-9]+)|https?://[^\s<>|]*/prj/([0-9]+)/?(?:[?#]\S*)?", re.IGNORECASE
)
_NUMBER = re.compile(r"#?\s*([+-]?[0-9]+)")
_NAMED = (
    re.compile(r"https?://[^\s<>|]*/job/show/([0-9]{1,10})\b"),
    re.compile(r"(?<![\w&/#])#([0-9]{1,10})\b"),
)
"""How running text names a job: by the link to its page, or by `#1234`."""
_WORDED = (
    re.compile(
        r"\b(?:job|task|import|export|prediction|subset)(?:\s+|\s*#\s*)([0-9]{1,10})(?!\w|[-.,:/][0-9]|\s?%)",
        re.IGNORECASE,
    ),
)
"""How people write it: `import 1234`, but no date, no amount and no time of day."""
_LINK = re.compile(r"<(https?://[^<>|]*)(?:\|[^<>]*)?>|https?://[^\s<>|]+", re.IGNORECASE)
"""A link in running text, as Slack wraps it, with what it is shown as; or as it was typed."""


def project_number(text: str, example: str = "export 42") -> int:
    """The project that a number, `#42`, `project 42` or the address of its page names.

    Raises UsageError when it names none, with the `example` of how to type one.
    """
    wrapped = _WRAPPED.fullmatch(text.strip())
    found = _PROJECT.fullmatch((wrapped[1] if wrapped else text).strip())
    if found is None:
        raise UsageError(
            say(
                "`{typed}` is not a project's number. Type one as in `/ecotaxa {example}`.",
                typed=echo(text),
                example=example,
            )
        )
    return _in_range(
        found[1] or found[2],
        mark("Project numbers start at 1."),
        mark("That number is too high for a project: {highest} is the highest there can be."),
    )


def is_ours(url: str, web_url: str) -> bool:
    """Whether an address is below `web_url`, that of EcoTaxa's pages."""
    try:
        given, ours = urlsplit(url), urlsplit(web_url)
    except ValueError:
        return False
    root = ours.path.rstrip("/")
    return given.netloc.casefold() == ours.netloc.casefold() and given.path.startswith(f"{root}/")


def job_number(text: str, web_url: str, word: str = "job") -> int:
    """The job that a number, `#1234` or the address of its page names, also as Slack wraps a link.

    Raises UsageError when it names none, or one of another EcoTaxa than that at `web_url`; `word` is
    the one to show in its example.
    """
    text = text.strip()
    if not text:
        raise UsageError(say("Which job? Type its number, as in `/ecotaxa {word} 1234`.", word=word))
    wrapped = _WRAPPED.fullmatch(text)
    address = (wrapped[1] if wrapped else text).strip()
    page = _PAGE.fullmatch(address)
    if page and not is_ours(address, web_url):
        raise UsageError(
            say("That link is of another EcoTaxa. Paste one that begins with `{address}`.", address=web_url)
        )
    number = _NUMBER.fullmatch(page[1] if page else address)
    if number is None:
        raise UsageError(_no_number(text, word, is_link="://" in address))
    return _in_range(
        number[1],
        mark("Job numbers start at 1."),
        mark("That number is too high for a job: {highest} is the highest there can be."),
    )


def _no_number(text: str, word: str, *, is_link: bool) -> str:
    if is_link:
        return say(
            "That link leads to no job."
            " Type one as in `/ecotaxa {word} 1234`, or paste the link to the job's page.",
            word=word,
        )
    return say(
        "`{typed}` is not a job's number."
        " Type one as in `/ecotaxa {word} 1234`, or paste the link to the job's page.",
        typed=echo(text),
        word=word,
    )


def job_named_in(text: str, web_url: str) -> int | None:
    """The first job that running text names, by a link to its page or else by `#1234`.

    A link that leads elsewhere than to `web_url` names none, whatever it is shown as.
    """
    return _first_job(_NAMED, text, web_url)


def job_worded_in(text: str, web_url: str) -> int | None:
    """The first job that running text names in words, as in `import 1234`; as `job_named_in`, no stranger's.

    A guess, for where somebody has said that there is a job to be found.
    """
    return _first_job(_WORDED, text, web_url)


def _first_job(patterns: Iterable[re.Pattern[str]], text: str, web_url: str) -> int | None:
    own = _LINK.sub(lambda link: link[0] if is_ours(link[1] or link[0], web_url) else " ", text)
    for pattern in patterns:
        for found in pattern.finditer(own):
            if 0 < int(found[1]) <= HIGHEST_JOB:
                return int(found[1])
    return None


def _in_range(digits: str, too_low: str, too_high: str) -> int:
    value = digits.lstrip("+-0")
    if digits.startswith("-") or not value:
        raise UsageError(say(too_low))
    # Python refuses to read very long numbers, so that the length is looked at first.
    if len(value) > len(str(HIGHEST_JOB)) or int(value) > HIGHEST_JOB:
        raise UsageError(say(too_high, highest=HIGHEST_JOB))
    return int(value)


def echo(text: str) -> str:
    """What was typed, short and unable to end the code span it is shown in."""
    shown = one_line(text).replace("`", "'")
    return f"{shown[:30]}…" if len(shown) > 31 else shown or say("that")

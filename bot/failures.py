"""Why a job failed, in words that a person can read; no I/O.

EcoTaxa tells failures as lists of lines that continue one another, as HTML, as Python stack traces, as
3,000 characters of SQL, or not at all.  What leaves here is plain text on one line, still foreign (escape
it), without SQL, parameters, server paths or whole e-mail addresses.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.failure_kinds import Kind, kind_of, shape_of
from bot.jobs import Job, JobState
from bot.language import mark, say, say_n
from bot.redaction import before_sql, masked
from bot.text import clip, one_line

LIMIT = 300
"""The most code points that one readable line has."""

UNEXPLAINED = mark("EcoTaxa did not say why.")

_READ = 4_000
"""How much of a text is looked at: what matters stands at its beginning."""

_COUNT = re.compile(r"\s*(\d{1,9}) error\(s\) during run\s*")

_HEADER = re.compile(r"\s*+In (\S.*):\s*")
_CONTINUED = re.compile(r"\s++[-*•]\s")
_INDENTED = re.compile(r"[ \t]{4}")

_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r'^[ \t]*File "[^"\n]*", line \d+[^\n]*\n?(?:[ \t]{4,}[^\n]*(?:\n|\Z))*', re.MULTILINE)
_LEFT_OUT = re.compile(r"^[^\w\n]*+further stack-trace lines[^\w\n]*$", re.MULTILINE)

_BREAK = re.compile(r"<\s*/?\s*(?:br|p|li|ul|ol|tr|table|div|h[1-6])(?=[\s/>])[^<>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(
    r"<\s*/?\s*(?:a|b|i|u|em|strong|small|span|font|pre|code|tt|td|th|hr)(?=[\s/>])[^<>]{0,500}>",
    re.IGNORECASE,
)
_CLASS = re.compile(r"\s*<class '[^'\n]*'>")
_BULLET = re.compile(r"[-*•]\s+")

_EXCEPTION = re.compile(r"(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Warning|Interrupt))(?::\s*|\Z)")
_KEY = re.compile(r"(['\"])([^'\"\n]{1,80})\1")

_DRIVER = re.compile(r"\((?:psycopg|asyncpg|sqlite3|sqlalchemy|pg)[\w.]*\)\s*")
_ROW = "Failing row contains"
_UNKNOWN_ID = re.compile(r"Key \((\w+)\)=\(([^)]*)\) is not present in table \"\w+\"")
_UNKNOWN = {
    "classif_id": mark("EcoTaxa knows no taxon with the number {id}."),
    "classif_who": mark("EcoTaxa knows no user with the number {id}."),
}


def why(job: Job) -> str:
    """One readable line of why the job failed; empty unless it has failed."""
    if job.state is not JobState.ERROR:
        return ""
    if job.was_killed:
        return say("It was stopped.")
    counted = _COUNT.fullmatch(job.progress_msg)
    said = "" if counted else readable(job.progress_msg)
    if said:
        return said
    found = list(_errors(job.errors))
    for at, error in enumerate(found, start=1):
        if line := _line(*error):
            left = len(found) - at
            if not left:
                return line
            rest = say_n("(and {n} more)", "(and {n} more)", left)
            return f"{clip(line, LIMIT - len(rest) - 1)} {rest}"
    if counted:
        return say_n(
            "EcoTaxa counted {n} error, but lists none.",
            "EcoTaxa counted {n} errors, but lists none.",
            int(counted[1]),
        )
    return say(UNEXPLAINED)


@dataclass(frozen=True, slots=True)
class Group:
    """Errors of one kind: how many, and the first of them as a readable line.

    `kind` is None for a sort that is not known: then they only look alike.
    """

    kind: Kind | None
    count: int
    example: str


def grouped(job: Job, limit: int) -> tuple[list[Group], int]:
    """What a job tells went wrong, or a finished one remarks, by kind: the most frequent first.

    At most `limit` groups, and how many lines are in none of them.
    """
    counts: dict[Kind | str, int] = {}
    firsts: dict[Kind | str, tuple[str, str]] = {}
    for file, entry in _told(job):
        key = kind_of(entry) or shape_of(entry)
        counts[key] = counts.get(key, 0) + 1
        firsts.setdefault(key, (file, entry))
    groups: list[Group] = []
    rest = 0
    for key in sorted(counts, key=lambda key: -counts[key]):
        example = _line(*firsts[key]) if len(groups) < limit else ""
        if example:
            groups.append(Group(key if isinstance(key, Kind) else None, counts[key], example))
        elif len(groups) == limit:
            rest += counts[key]
    return groups, rest


def all_lines(job: Job) -> list[str]:
    """Everything a job tells went wrong, or a finished one remarks, as readable lines in its order."""
    return [line for file, entry in _told(job) if (line := _line(file, entry))]


def readable(text: str) -> str:
    """Whatever EcoTaxa says, as one line of plain words; empty when nothing of it is for people."""
    text = _cause(text[:_READ])
    text = _BREAK.sub("\n", _CLASS.sub("", text))
    text = html.unescape(_TAG.sub("", text)).strip()
    return clip(one_line(masked(_joined(_database(_exception(text))))), LIMIT)


def _told(job: Job) -> list[tuple[str, str]]:
    """What a job that came to its end says against itself, each with the file it is about."""
    if job.state is JobState.FINISHED:
        return list(_errors(job.warnings))
    if job.state is not JobState.ERROR or job.was_killed:
        return []
    errors = list(_errors(job.errors))
    # A message that only counts the errors is none of them; any other is the cause.
    said = "" if _COUNT.fullmatch(job.progress_msg) else job.progress_msg
    return [("", said), *errors] if said.strip() else errors


def _line(file: str, entry: str) -> str:
    said = readable(entry)
    return clip(f"{file}: {said}" if said and file else said, LIMIT)


def _errors(entries: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each error with the file it is in; headers and the lines of stack traces are not errors."""
    file, in_trace = "", False
    for entry in entries:
        if in_trace and _INDENTED.match(entry):
            continue
        in_trace = entry.startswith(_TRACEBACK) or bool(_FRAME.match(entry) or _LEFT_OUT.match(entry))
        if in_trace and not _cause(entry):
            continue
        header = _HEADER.fullmatch(entry[:_READ])
        if header:
            file = header[1].replace("\\", "/").rstrip("/").rpartition("/")[2]
            continue
        if not _CONTINUED.match(entry):
            file = ""
        if entry.strip():
            yield file, entry


def _cause(text: str) -> str:
    """What a stack trace ends in: the trace itself says nothing to the person."""
    before, marker, last = text.rpartition(_TRACEBACK)
    bare = _LEFT_OUT.sub("", _FRAME.sub("", last)).rstrip()
    if not bare.strip() and marker:
        return _FRAME.sub("", before.partition(_TRACEBACK)[0]).strip()
    return bare


def _exception(text: str) -> str:
    """The message of a Python exception, without the name of its class where it has any words."""
    named = _EXCEPTION.match(text)
    if named:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", named[1]).capitalize()
        text = text[named.end() :].strip() or f"{words}."
    key = _KEY.fullmatch(text)
    if key is None:
        return text
    if key[2] in ("users", "taxa"):
        return say("The answer was incomplete.")
    return say("EcoTaxa missed something that it needs: {name}.", name=key[2])


def _database(text: str) -> str:
    """A database's message by its first meaningful sentence: no SQL, no parameters, no row's contents."""
    told, has_sql = before_sql(text)
    if not has_sql and not _DRIVER.search(text):
        return text
    message, _, detail = told.partition("DETAIL:")
    said = one_line(detail)
    if not said or said.startswith(_ROW):
        said = one_line(_DRIVER.sub("", message))
    unknown = _UNKNOWN_ID.match(said)
    if unknown and unknown[1] in _UNKNOWN:
        return say(_UNKNOWN[unknown[1]], id=unknown[2])
    return say("The database refused it: {reason}", reason=said) if said else say("The database refused it.")


def _joined(text: str) -> str:
    """Several lines as one, each a sentence or a part between semicolons."""
    joined = ""
    for line in map(str.strip, text.splitlines()):
        part = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
        if part and joined:
            joined += " " if joined[-1] in ".:;,!?" else "; "
        joined += part
    return joined

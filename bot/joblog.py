"""What a job's log tells: its last entries for people, or all of its lines without what must not be told.

EcoTaxa writes `2026-11-23 11:25:37,191:API_operations.exports.ForProject:INFO words`, always in UTC; a
line without such a beginning goes on with the one above, as stack traces and SQL do.  No I/O.
"""

import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.failures import readable
from bot.language import mark, say
from bot.redaction import before_sql, masked
from bot.text import clip

_HEAD = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[.,]?\d*:([\w.-]*):([A-Z]+)[ :]?")
_BEFORE_HEAD = re.compile(rf"\n(?={_HEAD.pattern})")
_TRACE = "Traceback (most recent call last):"
_FRAME = '  File "'
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
_ROW = "Failing row contains"

_CALM = frozenset({"INFO", "DEBUG"})
_LINES = 40
"""How many lines of one entry are looked at: what matters stands at its beginning or ends its trace."""
_LONGEST = 4_000
"""As many characters of a line are kept."""
LOOKED_AT = 64_000
"""Characters at a log's end among which its last entries are looked for."""
LEFT_OUT = mark("[SQL left out]")
CUT_OFF = mark("[the end of a very long entry left out]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a job noted: when (aware, UTC), how bad where it is bad (`ERROR`), and what, on one line."""

    at: datetime | None
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Tail:
    """The last bytes of a log as text that begins with a whole entry, and whether there was more before."""

    text: str
    is_cut: bool


async def tail(chunks: AsyncIterator[bytes], limit: int) -> Tail:
    """Read a log to its end and keep its last `limit` bytes, less the rest of an entry that begins before."""
    kept: deque[bytes] = deque()
    size = total = 0
    async for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        total += len(chunk)
        while size - len(kept[0]) >= limit:
            size -= len(kept.popleft())
    is_cut = total > limit
    text = b"".join(kept)[-limit:].decode(errors="replace")
    return Tail(_whole_entries(text) if is_cut else text, is_cut)


def entries(text: str, limit: int = 30) -> list[Entry]:
    """A log's last entries, oldest first: each on one line, stack traces folded to their cause.

    At most `limit` are looked at, however long the log; one that says nothing, or the same as the one
    before, is left out.
    """
    if len(text) > LOOKED_AT:
        text = _whole_entries(text[-LOOKED_AT:])
    found: list[Entry] = []
    for at, level, lines in deque(_split(text), maxlen=limit):
        said = readable("\n".join(_folded(lines)))
        if said and not (found and (found[-1].text, found[-1].level) == (said, level)):
            found.append(Entry(at, level, said))
    return found


def redacted(text: str) -> str:
    """All lines of a log, without SQL and what it holds, e-mail addresses and places on the server."""
    told: list[str] = []
    in_sql = False
    for line in text.splitlines():
        if in_sql and not _HEAD.match(line):
            continue
        before, in_sql = before_sql(clip(line, _LONGEST))
        before, has_row, _ = before.partition(_ROW)
        said = masked(before).rstrip()
        told.append(f"{said} {say(LEFT_OUT)}".lstrip() if in_sql or has_row else said)
    return "\n".join(told)


def _whole_entries(text: str) -> str:
    """What is left of a text that begins anywhere without the rest of an entry at its beginning.

    That rest may be the rows of an SQL statement, which only the words before them tell apart.
    """
    before = _BEFORE_HEAD.search(text)
    return text[before.end() :] if before else say(CUT_OFF)


def _split(text: str) -> Iterator[tuple[datetime | None, str, list[str]]]:
    """Each entry's moment, level and lines; the first may be the rest of one that is cut off."""
    at: datetime | None = None
    level = ""
    lines: list[str] = []
    for line in text.splitlines():
        head = _HEAD.match(line)
        if head is None:
            lines.append(line[:_LONGEST])
            continue
        if lines:
            yield at, level, lines
        at, level = _moment(head[1]), "" if head[3] in _CALM else head[3]
        lines = [line[head.end() : head.end() + _LONGEST]]
    if lines:
        yield at, level, lines


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _folded(lines: list[str]) -> list[str]:
    """The words before a stack trace and the cause after the last one, without the trace."""
    before: list[str] = []
    cause: list[str] = []
    in_trace = has_trace = False
    for line in lines:
        if line.startswith((_TRACE, _FRAME)):
            in_trace = has_trace = True
            cause = []
        elif in_trace and (line.startswith("  ") or not line.strip()):
            continue
        elif not line.startswith(_CHAINED):
            in_trace = False
            (cause if has_trace else before).append(line)
    return before[:_LINES] + cause[:_LINES]

"""A table of nasty texts, through everything that is shown: none pings, formats, links or passes for ours.

Where they stand: as names of jobs' files, people, projects and taxa, as messages, errors, warnings and lines
of a log, and as what somebody types or writes to a colleague.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.messages import Message
from tests.bot.test_all_surfaces import check, jobs_in_each_state, of_many, of_none, of_one, shown

ALIVE = {
    "a channel": "<!channel>",
    "a channel, in words": "<!here|here>",
    "a group": "<!subteam^S0EVIL>",
    "a person as ours": "<@U0EVIL>",
    "a channel as ours": "<#C0EVIL>",
    "a link": "<https://evil.example|click>",
    "a link as ours": "<https://ecotaxa.example/prj/66|project 66>",
    "a date as ours": "<!date^66^{date}|today>",
    "bold": "*b0ld*",
    "italics": "_1talics_",
    "struck": "~strvck~",
    "an emoji": ":sm1le:",
    "closing a code span": "x` *b0ld* `x",
    "closing a block of code": "```\n*b0ld*\n```",
    "a quotation": "> qu0ted",
    "split by what is not seen": "<!chan\u200bnel> *b\u200b0ld*",
}
"""What would do something, and must not stand there as it is."""
ODD = {
    "written backwards": "export\u202egpj.exe",
    "not seen at all": "\u200b\u200d\ufeff\u2060",
    "escaped before": "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "with NUL": "a\x00b\x1b[31m",
    "half a letter": "a\ud800b",
    "on many lines": "a\r\nb\u2028c\x85d",
    "long": "x" * 10_000,
    "long and escaped": "<&>" * 4_000,
    "long and formatted": "*`_~" * 3_000,
    "a table": "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "a link of Markdown": "[click](https://evil.example)",
    "marks on marks": "Z\u0351\u036b\u0343" * 500,
}
"""What would break something."""

_CODE = re.compile(r"`[^`\n]+`")


def surfaces(words: str) -> Iterator[Any]:
    """Everything that can be shown with these words wherever foreign ones stand."""
    imports, exports = jobs_in_each_state("FileImport", words), jobs_in_each_state("GeneralExport", words)
    log = "\n".join(f"2026-11-23 11:25:37,191:Job.run:ERROR {words} {n}" for n in range(3))
    for turn, pair in enumerate(zip(imports, exports, strict=True)):
        job = pair[turn % 2]
        yield from (made for _, made in shown(of_one(job, words, log), turn * 5, fewer=of_none(words)))
    for turn in range(0, 35, 9):
        yield from (made for _, made in shown(of_many(imports + exports, words), turn))
        yield from (made for _, made in shown(of_none(words), turn))


def spoken(made: Any) -> Iterator[str]:
    """All mrkdwn of something shown, without its code spans: there nothing comes alive."""
    match made:
        case Message():
            yield _CODE.sub("", made.text)
            yield from spoken(made.blocks)
        case {"type": "mrkdwn", "text": str(text)}:
            yield _CODE.sub("", text)
        case {"type": "plain_text", "text": str(text), "emoji": True}:
            yield text
        case dict():
            for value in made.values():
                yield from spoken(value)
        case list():
            for value in made:
                yield from spoken(value)


@pytest.mark.parametrize("words", [pytest.param(text, id=name) for name, text in ALIVE.items()])
def test_what_would_come_alive_stays_dead(words: str) -> None:
    living = [part for part in words.replace("\u200b", "").split() if not part.strip("x`").isalnum()]
    seen = 0
    for made in surfaces(words):
        check(made)
        for said in spoken(made):
            seen += 1
            assert not any(part in said for part in living if part != ">"), said
            assert not re.search(r"^&gt;", said, re.MULTILINE), said
    assert seen > 500, "they are really shown"


@pytest.mark.parametrize("words", [pytest.param(text, id=name) for name, text in ODD.items()])
def test_what_is_odd_breaks_nothing(words: str) -> None:
    for made in surfaces(words):
        check(made)

"""Wild words and values, marked secrets, and ways to spoil what was good."""

import copy
import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.bot.slack_limits import nasty_text

SECRET = "zqSECRETqz"
"""Stands in everything that nobody may read: in no text, in no log line."""

NUMBERS = (
    "1234", "1", "7", "0", "-1", "+3", "007", "2147483647", "2147483648", "9999999999", "9" * 400, "²", "١٢٣",
    "1e3", "1234 0", "1234 2 failed exports", "1234 99999999 asking", "1234 1700000000.000100", "",
    " ", "all",
)  # fmt: skip
DATES = (
    "2026-11-23T11:24:59.123456", "2026-11-23T11:24:59+02:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "yesterday", "",
)  # fmt: skip

_LONG = ('"' * 4_000, "\\" * 4_000, "é" * 4_000, "a b " * 1_000)

words = st.sampled_from(NUMBERS) | nasty_text | st.sampled_from(_LONG)
"""Any text at all, also with lone surrogates."""

junk: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.sampled_from([10**30, -1, 0, 2**31, 1e308, float("nan"), float("inf")]),
    words,
    st.sampled_from([[], {}, [[]], [None], {"": None}, [{}], {"id": {}}, ["a", 1]]),
    st.just("\N{PILE OF POO}" * 20_000),
)


@cache
def below(most: int) -> st.SearchStrategy[int]:
    """A number from 0 on; strategies are made once, for making one costs more than drawing from it."""
    return st.integers(0, most - 1)


def sayable(text: str) -> str:
    """The text as UTF-8 can carry it: Slack sends nothing else."""
    return text.encode(errors="ignore").decode()


@cache
def text(most: int) -> st.SearchStrategy[str]:
    """Any text of at most so many characters that Slack would send."""
    return words.map(lambda wild: sayable(wild)[:most])


@st.composite
def spoilt(draw: st.DrawFn, good: Any, times: int = 3) -> Any:
    """The same with some parts gone, or with something else in their place."""
    if not isinstance(good, dict | list):
        return draw(junk)
    body = copy.deepcopy(good)
    for _ in range(1 + draw(below(times))):
        part = body
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = keys[draw(below(len(keys)))]
            inner = part[key]
            if isinstance(inner, dict | list) and inner and draw(below(4)):
                part = inner
                continue
            if draw(below(2)):
                del part[key]
            else:
                # A copy: the next round may spoil what this one put in.
                part[key] = copy.deepcopy(draw(junk))
            break
    return body


@st.composite
def spoilt_json(draw: st.DrawFn, good: str) -> str:
    """JSON as it was written, or a little otherwise, or none at all."""
    match draw(below(5)):
        case 0 | 1:
            return good
        case 2 | 3:
            try:
                held = json.loads(good)
            except ValueError:
                return draw(words)
            return json.dumps(draw(spoilt(held, 2)) if held else draw(junk))
    return draw(words)

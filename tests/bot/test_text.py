import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import NOTHING, clip, code, escape, one_line, plain, prose, sentences
from tests.bot.slack_limits import nasty_text


def test_escaped_text_cannot_ping() -> None:
    assert escape("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


@pytest.mark.parametrize(
    ("text", "limit", "clipped"),
    [
        ("short", 5, "short"),
        ("too long", 5, "too…"),
        ("four and", 5, "four…"),
        ("", 0, ""),
        ("x", 0, ""),
        ("xy", 1, "…"),
        ("a&amp;b", 3, "a…"),
        ("a&amp;b", 6, "a…"),
        ("a&amp;b", 7, "a&amp;b"),
        ("a&amp;bcd", 7, "a&amp;…"),
        ("R&D and more", 5, "R&D…"),
        ("\U0001d518\U0001d518\U0001d518", 2, "\U0001d518…"),
    ],
)
def test_clipping_counts_code_points_and_keeps_entities_whole(text: str, limit: int, clipped: str) -> None:
    assert clip(text, limit) == clipped


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\r\n  lines\t", "two lines"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("a\x00b\x1bc", "abc"),
        ("ab\u202egnp.exe", "abgnp.exe"),
        ("zero\u200b\u200d\ufeffwidth", "zerowidth"),
        ("half \ud800 pair", "half pair"),
        ("\u3164\u2800\u034f", ""),
        ("Über ▶️ naïve 海", "Über ▶️ naïve 海"),
    ],
)
def test_one_line_shows_only_what_can_be_seen(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        (
            "*bold* ~gone~ `code`",
            "\N{ASTERISK OPERATOR}bold\N{ASTERISK OPERATOR} \N{TILDE OPERATOR}gone\N{TILDE OPERATOR} 'code'",
        ),
        ("_leaning_ but object_lat", "ˍleaningˍ but object_lat"),
        ("a :smile: for you", "a \N{RATIO}smile: for you"),
        ("In a.tsv: line 3: wrong", "In a.tsv: line 3: wrong"),
        ("<!here> & co", "&lt;!here&gt; &amp; co"),
        (">> quoted > 3", "\u203a\u203a quoted &gt; 3"),
    ],
)
def test_foreign_prose_formats_nothing(text: str, quiet: str) -> None:
    assert prose(text, 100) == quiet


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("export__TSV_1.zip", "`export__TSV_1.zip`"),
        ("a`b`` <!channel>", "`a'b'' &lt;!channel&gt;`"),
        ("two\nlines", "`two lines`"),
        ("", f"`{NOTHING}`"),
        ("\u200b", f"`{NOTHING}`"),
    ],
)
def test_a_code_span_cannot_be_closed_from_inside(text: str, span: str) -> None:
    assert code(text) == span


def test_our_own_sentences_keep_their_code_marks_and_lines() -> None:
    assert sentences(" Type `/ecotaxa`.\nNot <!here>. ", 100) == "Type `/ecotaxa`.\nNot &lt;!here&gt;."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("`a` `b", "`a` 'b"),
        ("`a long span`", "'a long…"),
        ("```", "'''"),
        ("*no* _way_", "\N{ASTERISK OPERATOR}no\N{ASTERISK OPERATOR} \N{MODIFIER LETTER LOW MACRON}w…"),
    ],
)
def test_whatever_slips_into_our_own_sentences_stays_dead(text: str, said: str) -> None:
    assert sentences(text, 8) == said


def test_text_for_plain_objects_is_never_empty() -> None:
    assert plain("\u200b\n", 24) == NOTHING
    assert plain("A title that is far too long", 10) == "A title t…"


@given(nasty_text, st.integers(1, 400))
def test_foreign_text_stays_within_its_limit_and_dead(text: str, limit: int) -> None:
    said, span = prose(text, limit), code(text, limit)

    assert len(said) <= limit
    assert len(span) <= limit + 2
    for safe in (said, span[1:-1]):
        assert not set(safe) & set("<>`\n")
        assert not re.search(r"&(?!amp;|lt;|gt;)", safe)
        assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in safe)
    assert not set(said) & set("*~")
    assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", said)

"""Foreign text made safe for Slack: it never pings, links, formats or breaks out; no I/O.

What comes from EcoTaxa or from people's files goes through `prose` or `code` where Slack reads mrkdwn
(also a message's fallback `text`), and through `plain` where it reads plain_text.
"""

import re
import unicodedata

NOTHING = "\N{MINUS SIGN}"
"""What stands where foreign text has nothing to show: Slack refuses empty texts."""

_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
"""Unicode categories without a glyph: control, format (zero-width, bidi), lone surrogates."""
_BLANK_LETTERS = dict.fromkeys((0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0))
"""Characters that count as printable and yet show nothing."""

# mrkdwn has no escape for its marks, so that look-alikes stand in for them.
_MARKS = str.maketrans({"*": "\N{ASTERISK OPERATOR}", "~": "\N{TILDE OPERATOR}", "`": "'"})
_LOOSE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_SPAN = re.compile(r"(`[^`]+`)")
_EMOJI_COLON = re.compile(r":(?=[^\s:]+:)")
_QUOTING = re.compile(r"^>+")
"""Also escaped it makes a quotation of a line that begins so."""


def escape(text: str) -> str:
    """Spell `&`, `<` and `>` as Slack wants them, so that `<!channel>` is only words."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, limit: int) -> str:
    """Cut to at most `limit` code points, the last one then `…`, and never inside an escaped entity."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    kept = text[: limit - 1]
    start = kept.rfind("&", -4)
    entity = _ENTITY.match(text, start) if start >= 0 else None
    if entity and entity.end() > len(kept):
        kept = kept[:start]
    return kept.rstrip() + "…"


def one_line(text: str) -> str:
    """Put everything on one line, without control, zero-width, direction or other unseen characters."""
    text = text.translate(_BLANK_LETTERS)
    if not text.isprintable():
        text = "".join(map(_seen, text))
    return " ".join(text.split())


def _seen(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in _HIDDEN else char


def plain(text: str, limit: int) -> str:
    """Foreign text for a plain_text object: one line of at most `limit` code points, or NOTHING."""
    return clip(one_line(text), limit) or NOTHING


def prose(text: str, limit: int) -> str:
    """Foreign words inside mrkdwn: one escaped line of at most `limit` code points that formats nothing.

    Stars, tildes, backticks, loose underscores, the colons of emoji and what begins a quotation become
    look-alikes.
    """
    return clip(escape(_quiet(one_line(text))), limit)


def code(text: str, limit: int = 200) -> str:
    """A foreign name as a mrkdwn code span that cannot be closed from inside; `limit` without its ticks."""
    return f"`{clip(escape(one_line(text).replace('`', chr(39))), limit) or NOTHING}`"


def sentences(text: str, limit: int) -> str:
    """Sentences of our own for mrkdwn, such as an error's hint: only line breaks and `code` stay alive."""
    said = clip("\n".join(_marked(line) for line in text.strip().splitlines()), limit)
    if said.count("`") % 2:
        before, _, cut = said.rpartition("`")
        said = f"{before}'{cut}"
    return said or NOTHING


def _quiet(line: str) -> str:
    unmarked = _LOOSE_UNDERSCORE.sub("\N{MODIFIER LETTER LOW MACRON}", line.translate(_MARKS))
    unquoted = _QUOTING.sub(
        lambda marks: "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}" * len(marks[0]), unmarked
    )
    return _EMOJI_COLON.sub("\N{RATIO}", unquoted)


def _marked(line: str) -> str:
    parts = _SPAN.split(one_line(line))
    return "".join(escape(part if at % 2 else _quiet(part)) for at, part in enumerate(parts))

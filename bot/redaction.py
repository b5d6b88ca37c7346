"""What must not be told on: SQL and its data, e-mail addresses, places on a server; no I/O."""

import re

_SQL = re.compile(
    r"\[SQL:|\[parameters:|\(Background on this error|^\s*(?:LINE \d+|CONTEXT|HINT|QUERY|STATEMENT):"
    r"|\bINSERT\s+INTO\s|\bDELETE\s+FROM\s|\bUPDATE\s+\S+\s+SET\s|\bWITH\s+\w+\s+AS\s*\("
    r"|\bSELECT\s+(?:DISTINCT\s+)?[\w.*\"()]+(?:\s+AS\s+\w+)?\s*(?:,|\bFROM\b|\Z)",
    re.MULTILINE,
)
_EMAIL = re.compile(r"(?<![\w.%+-])([\w%+])[\w.%+-]*+@(?=\w)")
_PATH_START = r"(?:\[base\]|\.{1,3}|~|file:/{2}|[A-Za-z]:)?"
_QUOTED_PATH = re.compile(
    rf"(?P<quote>['\"]){_PATH_START}[/\\](?:[^'\"/\\\n]*[/\\])*(?P<name>[^'\"/\\\n]+)[/\\]?(?P=quote)"
)
_PATH = re.compile(
    rf"(?<![\w.:/\\+°%-]){_PATH_START}[/\\](?:[^\s'\"<>|,;:()/\\]+[/\\])*(?P<name>[^\s'\"<>|,;:()/\\]+)[/\\]?"
)


def masked(text: str) -> str:
    """The text with only the first letter of each e-mail's name, and only the last part of each path."""
    text = _EMAIL.sub(r"\1…@", text)
    return _PATH.sub(r"\g<name>", _QUOTED_PATH.sub(r"\g<quote>\g<name>\g<quote>", text))


def before_sql(text: str) -> tuple[str, bool]:
    """What is said before the first SQL statement or its data, and whether there is any."""
    told, *sql = _SQL.split(text, maxsplit=1)
    return told, bool(sql)

"""SQL's LIKE, as the searches of EcoTaxa lean on it."""

import re


def like(pattern: str) -> re.Pattern[str]:
    """A case-insensitive LIKE: `%` stands for any text, `_` for one character; use it with `fullmatch`."""
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(c, re.escape(c)) for c in pattern), re.IGNORECASE | re.DOTALL)

"""Where the bot may send: to the hosts that are configured, and to those where Slack takes more; no I/O."""

import re
from urllib.parse import urlsplit

_BESIDE = frozenset(
    f"https://{name}.{domain}" for name in ("hooks", "files") for domain in ("slack.com", "slack-gov.com")
)
"""Where Slack takes answers to presses and commands, and files, beside its Web API."""
_SOCKETS = re.compile(r"wss://[a-z0-9-]+\.(?:slack|slack-gov)\.com")
"""Where Slack lets apps listen, such as wss://wss-primary.slack.com."""
_AMBIGUOUS = re.compile(r"[^!-~]|\\")
"""What is skipped or turned by some who read an address: spaces, other than ASCII, backslashes."""


def is_slacks(url: str, api_url: str) -> bool:
    """Whether an address leads to Slack: to the origin of its Web API at `api_url`, or to one beside it.

    Scheme, host and port have to be the very ones, and nobody's name may stand before the host.
    """
    return _origin(url) in _BESIDE | {_origin(api_url)}


def is_slacks_socket(url: str, api_url: str) -> bool:
    """Whether an address is one of Slack's for Socket Mode: encrypted, or beside a Web API that is not."""
    origin, beside = _origin(url) or "", re.sub("^http", "ws", _origin(api_url) or "-")
    return origin == beside or _SOCKETS.fullmatch(origin) is not None


def _origin(url: str) -> str | None:
    """How an address begins; None for one that two readers might read in two ways."""
    if _AMBIGUOUS.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}" if parts.netloc else None

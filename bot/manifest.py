"""The manifest that creates the Slack app: its names, its rights, and how Slack reaches it."""

from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from bot.commands import TABLE

EVENTS_PATH = "/slack/events"
"""Where the bot takes what Slack sends over HTTP."""
INSTALL_PATH = "/slack/install"
"""Where people begin to install it into their workspace."""
REDIRECT_PATH = "/slack/oauth_redirect"
"""Where Slack sends them back."""


def manifest(web_url: str, public_url: str | None = None) -> str:
    """The manifest as YAML, ready to paste.

    `web_url` is where EcoTaxa's pages are, whose links unfurl.  Slack reaches the bot over HTTP at
    `public_url`, an address like `https://bot.lab.example`; with None through Socket Mode.
    Raises ValueError when Slack could not send anything there.

    https://docs.slack.dev/reference/app-manifest
    """
    lines = Template(files("bot").joinpath("manifest.yaml").read_text("utf-8"))
    request_url = redirect_url = None
    if public_url is not None:
        origin = _origin(public_url)
        request_url, redirect_url = origin + EVENTS_PATH, origin + REDIRECT_PATH
    return lines.substitute(
        usage=" | ".join(f"{entry.word} {entry.arguments}".strip() for entry in TABLE),
        domain=urlsplit(web_url).hostname or "",
        command_url=_line(6, "url", request_url),
        request_url=_line(4, "request_url", request_url),
        redirect_urls="" if redirect_url is None else f"\n  redirect_urls:\n    - {redirect_url}",
        options_url=_line(4, "message_menu_options_url", request_url),
        socket_mode="true" if request_url is None else "false",
    )


def _origin(public_url: str) -> str:
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("--url must be an address like https://bot.lab.example: Slack sends to https only")
    return public_url.rstrip("/")


def _line(indent: int, key: str, value: str | None) -> str:
    return "" if value is None else f"\n{' ' * indent}{key}: {value}"

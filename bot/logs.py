"""What the bot writes to its log: a line of JSON an event, or one to read on a terminal; without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_SLASH = r"(?:\\*/|%2[Ff])"
"""Also as it stands in JSON and in an address within an address."""
_SECRETS = re.compile(
    rf"""xox[a-z]-[\w-]+ | xapp-[\w-]+               # Slack's tokens
      | ((?i:Bearer)(?:\s|\+|%20)+)\S+               # any bearer token
      | ey[\w-]{{6,}}\.[\w-]{{4,}}\.[\w-]{{10,}}     # EcoTaxa's tokens
      | gAAAA[\w=-]{{20,}}                           # sealed tokens
      | (:{_SLASH}{{2}})[^/\s:@]+:[^/\s@]+(?=@)      # a password in an address
      | ({_SLASH}(?:actions|commands){_SLASH})(?:[\w-]|{_SLASH}){{20,}} | ({_SLASH}respond{_SLASH})[\w-]{{8,}}
    """,  # the last ones: response_url
    re.VERBOSE,
)
_HEAD = ("timestamp", "level", "event", "ref")
_EXCEPTIONS = ("exception", "stack")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_WITHIN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def redact(text: str) -> str:
    """The same text with everything that looks like a secret replaced by `[secret]`."""
    return _SECRETS.sub(lambda found: "".join(filter(None, found.groups())) + "[secret]", text)


def configure(level: str) -> None:
    """Send every log line, also of the libraries, without secrets to standard error.

    Whoever reads it there on a terminal gets it in colour, everything else as JSON.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redacted,
                *(_for_eyes() if sys.stderr.isatty() else [structlog.processors.JSONRenderer()]),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These tell every request at INFO, and payloads at DEBUG.
    for name in ("httpx", "httpcore", "aiosqlite", "slack_sdk", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of every tick that is left out because the one before it is still at it.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # Bolt warns at every start that it does not use SLACK_BOT_TOKEN, which it reads by itself.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)


def _for_eyes() -> list[structlog.typing.Processor]:
    return [
        _harmless,
        structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback),
    ]


def _redacted(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Before it takes any form: a secret is found as it is, and what replaces it breaks no form."""
    known = [name for name in _HEAD if name in event]
    return {redact(name): _without_secrets(event[name]) for name in dict.fromkeys([*known, *event])}


def _without_secrets(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value)
        case Mapping():
            return {redact(str(key)): _without_secrets(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_without_secrets(inner) for inner in value]
        case _:
            return redact(repr(value))


def _harmless(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What others said moves no cursor, and begins no line that looks like the bot's own."""
    return {
        name: (_CONTROLS_WITHIN if name in _EXCEPTIONS else _CONTROLS).sub(_escaped, value)
        if isinstance(value, str)
        else value
        for name, value in event.items()
    }


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()

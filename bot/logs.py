"""What the bot writes to its log: one line an event, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRETS = re.compile(
    r"""xox[a-z]-[\w-]+ | xapp-[\w-]+              # Slack's tokens
      | (?<=Bearer\ )\S+                            # any bearer token
      | ey[\w-]{6,}\.[\w-]{4,}\.[\w-]{10,}          # EcoTaxa's tokens
      | gAAAA[\w=-]{20,}                            # sealed tokens
      | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)             # a password in an address
      | (?<=/actions/)[\w/-]{20,} | (?<=/commands/)[\w/-]{20,} | (?<=/respond/)[\w-]{8,}  # response_url
    """,
    re.VERBOSE,
)


def redact(text: str) -> str:
    """The same text with everything that looks like a secret replaced by `[secret]`."""
    return _SECRETS.sub("[secret]", text)


def _redacted(_logger: Any, _method: str, event: MutableMapping[str, Any] | str) -> str:
    return redact(str(event))


def configure(level: str) -> None:
    """Send every log line, also of the libraries, through one redacting formatter to standard error."""
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
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
                _redacted,
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

"""Statements that take long are told in the log, without what they were about."""

import time
from typing import Any

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

_log = structlog.get_logger(__name__)

SLOW_SECONDS = 1.0
"""A statement that takes longer, with what it waited for locks, is worth a line."""
_LONGEST = 300
"""Characters of a statement that are told."""


def tell_slow(engine: AsyncEngine) -> None:
    """Log every statement of this engine's that was slow: its text, whose values stand elsewhere."""
    event.listen(engine.sync_engine, "before_cursor_execute", _began)
    event.listen(engine.sync_engine, "after_cursor_execute", _ended)


def _began(connection: Connection, *_: Any) -> None:
    connection.info["began"] = time.monotonic()


def _ended(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    took = time.monotonic() - connection.info["began"]
    if took >= SLOW_SECONDS:
        _log.warning("a slow query", seconds=round(took, 2), statement=" ".join(statement.split())[:_LONGEST])

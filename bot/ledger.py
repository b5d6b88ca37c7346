"""The audit as an operator takes it out: comma-separated, or an object of JSON a line."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.acts import AuditEntry
from bot.store import Store

_COLUMNS = ("at", "enterprise", "team", "user", "act", "job", "outcome", "detail", "other_user")


async def ledger(store: Store, since: datetime | None, *, as_csv: bool) -> Iterator[str]:
    """A line for every act since then, oldest first; in front of comma-separated ones that of their names.

    Who was forgotten has no name in it.  Raises DatabaseUnusable when the database cannot be read.
    """
    rows = [_row(act) for act in await store.acts_since(since)]
    if not as_csv:
        return map(json.dumps, rows)
    return map(_comma_separated, [dict(zip(_COLUMNS, _COLUMNS, strict=True)), *rows])


def _row(act: AuditEntry) -> dict[str, Any]:
    person = act.person
    told = (
        act.at.isoformat(),
        person and person.enterprise_id,
        person and person.team_id,
        person and person.user_id,
        act.act,
        act.job_id,
        act.outcome,
        act.detail,
        act.other and act.other.user_id,
    )
    return dict(zip(_COLUMNS, told, strict=True))


def _comma_separated(row: dict[str, Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row.values())
    return line.getvalue()

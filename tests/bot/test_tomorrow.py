"""When tomorrow begins for whoever wants to hear nothing until then."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.rules.audience import tomorrow


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("UTC", at(3, 2, 18, 0), at(3, 3, 8, 0)),
        ("UTC", at(3, 2, 7, 55), at(3, 3, 8, 0)),
        ("UTC", at(3, 2, 1, 30), at(3, 2, 8, 0)),
        ("Europe/Paris", at(3, 2, 23, 30), at(3, 3, 7, 0)),
        ("Europe/Paris", at(3, 28, 18, 0), at(3, 29, 6, 0)),
        ("Asia/Tokyo", at(3, 2, 18, 0), at(3, 2, 23, 0)),
    ],
)
def test_tomorrow_begins_at_eight_where_one_lives(zone: str, now: datetime, until: datetime) -> None:
    assert tomorrow(now, ZoneInfo(zone)) == until

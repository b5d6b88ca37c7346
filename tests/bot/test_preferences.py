"""A person's choices: kept, and what they mean for quiet hours and summaries."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filters import Kind
from bot.jobs import Job
from bot.rules.preferences import Preferences, Quiet, Summary, kind_of, zone_of

PARIS = ZoneInfo("Europe/Paris")
NIGHT = Quiet(time(20), time(7, 30))
NOON = Quiet(time(12), time(14))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(st.from_type(Preferences))
def test_choices_are_kept_as_they_are(chosen: Preferences) -> None:
    assert Preferences.load(chosen.dump()) == chosen


@pytest.mark.parametrize("text", [None, "", "{}", "[]", "{", '{"summary": "hourly"}', '{"unknown": 1}'])
def test_what_is_odd_is_as_by_default(text: str | None) -> None:
    assert Preferences.load(text) == Preferences()


@pytest.mark.parametrize(
    ("quiet", "now", "ends"),
    [
        (NIGHT, "2026-11-27T18:59", None),  # 19:59 in Paris
        (NIGHT, "2026-11-27T19:00", "2026-11-28T06:30"),
        (NIGHT, "2026-11-28T00:30", "2026-11-28T06:30"),
        (NIGHT, "2026-11-28T06:29", "2026-11-28T06:30"),
        (NIGHT, "2026-11-28T06:30", None),
        (NOON, "2026-11-27T10:59", None),
        (NOON, "2026-11-27T11:00", "2026-11-27T13:00"),
        (NOON, "2026-11-27T13:00", None),
        (Quiet(time(9), time(9)), "2026-11-27T08:00", None),
        # The clocks go back between the evening and the morning.
        (NIGHT, "2026-10-24T20:00", "2026-10-25T06:30"),
        (NIGHT, "2026-03-28T20:00", "2026-03-29T05:30"),
    ],
)
def test_quiet_hours_are_those_of_the_person(quiet: Quiet, now: str, ends: str | None) -> None:
    assert quiet.ends_after(utc(now), PARIS) == (utc(ends) if ends else None)


@pytest.mark.parametrize(
    ("summary", "now", "due"),
    [
        (Summary.OFF, "2026-11-27T07:00", None),
        (Summary.DAILY, "2026-11-27T07:59", "2026-11-27T08:00"),
        (Summary.DAILY, "2026-11-27T08:00", "2026-11-28T08:00"),
        (Summary.WEEKLY, "2026-11-27T07:00", "2026-11-30T08:00"),  # a Friday, and the Monday after
        (Summary.WEEKLY, "2026-11-30T08:00", "2026-12-07T08:00"),
    ],
)
def test_a_summary_comes_in_the_morning(summary: Summary, now: str, due: str | None) -> None:
    assert Preferences(summary=summary).next_summary(utc(now), PARIS) == (utc(due) if due else None)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("GeneralExport", Kind.EXPORTS),
        ("GenExport", Kind.EXPORTS),
        ("FileImport", Kind.IMPORTS),
        ("SimpleImport", Kind.IMPORTS),
        ("Prediction", Kind.PREDICTIONS),
        ("Subset", Kind.SUBSETS),
        ("NightlyMaintenance", None),
        ("", None),
    ],
)
def test_only_chosen_kinds_are_told(type_: str, kind: Kind | None) -> None:
    job = Job.parse({"id": 1, "type": type_})

    assert kind_of(job) is kind
    assert Preferences().wants_kind(job)
    assert Preferences(kinds=frozenset({Kind.SUBSETS})).wants_kind(job) is (kind in (None, Kind.SUBSETS))


def test_an_unknown_zone_is_utc() -> None:
    assert zone_of("Mars/Olympus").key == "UTC"
    assert zone_of("").key == "UTC"
    assert zone_of("Europe/Paris").key == "Europe/Paris"

"""Who hears of what, where and when."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.filters import Kind
from bot.jobs import Event, Job
from bot.rules.audience import ALL, Audience, moment
from bot.rules.kinds import Told
from bot.rules.places import Place
from bot.rules.preferences import Preferences, Quiet, Reminder

NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
NIGHT = Quiet(time(20), time(7))
LAB, SHIP = Place(1, "C0LAB", None), Place(2, "C0SHIP", 42)
QUESTION = {"missing_users": ["ada"], "missing_taxa": []}


def job(state: str = "F", project: int | None = 42, type_: str = "GeneralExport", **fields: Any) -> Job:
    params = {"req": {"project_id": project}}
    return Job.parse({"id": 7, "type": type_, "state": state, "params": params, **fields})


@pytest.mark.parametrize(
    ("audience", "places"),
    [
        (Audience(), [""]),
        (Audience(places=(LAB,)), ["", "C0LAB"]),
        (Audience(places=(LAB, SHIP)), ["", "C0LAB", "C0SHIP"]),
        (Audience(places=(Place(1, "C0LAB", None), Place(2, "C0LAB", 42))), ["", "C0LAB"]),
        (Audience(places=(Place(2, "C0SHIP", 43),)), [""]),
        (Audience(Preferences(direct=False), (LAB,)), ["C0LAB"]),
        (Audience(Preferences(direct=False)), [""]),  # somewhere it has to be told
        (Audience(Preferences(direct=False), (Place(2, "C0SHIP", 43),)), [""]),
        (Audience(reports={7: "C0HERE"}), ["C0HERE"]),
        (Audience(reports={7: "C0LAB"}, places=(LAB,)), ["C0LAB"]),
        (Audience(reports={8: "C0HERE"}), [""]),
        (Audience(Preferences(kinds=frozenset({Kind.IMPORTS}))), []),
        (Audience(Preferences(kinds=frozenset({Kind.EXPORTS}))), [""]),
        (Audience(mutes={"job:7": None}, places=(LAB,)), []),
        (Audience(mutes={"project:42": None}), []),
        (Audience(mutes={"job:8": None, "project:43": None}), [""]),
        (Audience(mutes={ALL: NOW + timedelta(hours=1)}), [""]),  # held back, not dropped
        (Audience(watched={7: ""}), []),
        (Audience(watched={7: ""}, places=(LAB,)), ["C0LAB"]),
        (Audience(watched={7: "C0LAB"}, places=(LAB,)), [""]),
        (Audience(watched={8: ""}), [""]),
    ],
)
def test_an_event_is_told_once_in_each_place(audience: Audience, places: list[str]) -> None:
    assert audience.places_of(Event.FINISHED, job()) == places


def test_a_question_is_told_also_where_its_job_is_watched_with_others() -> None:
    asking = job("A", question=QUESTION, type_="FileImport")

    assert Audience(watched={7: ""}).places_of(Event.ASKED, asking) == [""]


@pytest.mark.parametrize("kind", [Told.SLOW, Told.WAITS_LONG, Told.UNANSWERED, Told.FILE_EXPIRES])
def test_what_concerns_its_owner_alone_stays_out_of_channels(kind: str) -> None:
    assert Audience(places=(LAB,), reports={7: "C0HERE"}).places_of(kind, job()) == [""]


@pytest.mark.parametrize(
    ("kind", "choices", "mutes", "at"),
    [
        (Event.FINISHED, Preferences(), {}, NOW),
        (Event.FINISHED, Preferences(quiet=NIGHT), {}, datetime(2026, 11, 28, 7, tzinfo=UTC)),
        (Event.ASKED, Preferences(quiet=NIGHT), {}, datetime(2026, 11, 28, 7, tzinfo=UTC)),
        (Event.FINISHED, Preferences(quiet=Quiet(time(7), time(20))), {}, NOW),
        (Event.FINISHED, Preferences(), {ALL: NOW + timedelta(hours=1)}, NOW + timedelta(hours=1)),
        (Event.FINISHED, Preferences(), {ALL: NOW - timedelta(hours=1)}, NOW),
        # A mute that ends in the quiet hours goes on until they end.
        (
            Event.FINISHED,
            Preferences(quiet=NIGHT),
            {ALL: NOW + timedelta(hours=1)},
            datetime(2026, 11, 28, 7, tzinfo=UTC),
        ),
        (Event.FINISHED, Preferences(), {"job:7": None}, None),
        (Told.CARD, Preferences(), {}, NOW),
        (Told.CARD, Preferences(quiet=NIGHT), {}, None),
        (Told.WATCH, Preferences(quiet=NIGHT), {ALL: NOW + timedelta(hours=1)}, NOW),
        (Told.UNANSWERED, Preferences(), {}, NOW),
        (Told.UNANSWERED, Preferences(reminders=frozenset({Reminder.FILE})), {}, None),
        (Told.FILE_EXPIRES, Preferences(reminders=frozenset({Reminder.FILE})), {}, NOW),
        (Told.SIGN_IN_EXPIRES, Preferences(reminders=frozenset()), {}, None),
        (Told.UNREACHABLE, Preferences(quiet=NIGHT), {}, datetime(2026, 11, 28, 7, tzinfo=UTC)),
    ],
)
def test_a_message_waits_for_the_end_of_quiet_hours(
    kind: str, choices: Preferences, mutes: dict[str, datetime | None], at: datetime | None
) -> None:
    about = None if kind in (Told.WATCH, Told.SIGN_IN_EXPIRES, Told.UNREACHABLE) else job()

    assert moment(kind, about, choices, mutes, UTC_ZONE, NOW) == at

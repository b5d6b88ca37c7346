"""A script is the same for the same seed, as busy as it says, and nothing in it is too short to be seen."""

from itertools import pairwise

import pytest

from tests.simulation.oracle import direct
from tests.simulation.player import STEP
from tests.simulation.script import ENDS, HOUR, MEDIAN_MINUTES, MINUTE, SEEN, Script, a_day, a_morning

SCRIPTS = pytest.mark.parametrize(
    "script", [a_day(), a_morning(), a_day(7)], ids=["day", "morning", "another"]
)


def test_a_seed_makes_one_script() -> None:
    assert a_morning(3) == a_morning(3)
    assert a_morning(3) != a_morning(4)


def test_a_day_is_as_busy_as_it_says() -> None:
    day = a_day()

    assert (len(day.members), len(day.errands), day.seconds) == (200, 2_000, 24 * HOUR)
    assert day.ecotaxa_down.end - day.ecotaxa_down.start == 3 * MINUTE
    assert day.slack_down.end - day.slack_down.start == 10 * MINUTE
    assert {it.type for it in day.errands} == MEDIAN_MINUTES.keys()
    assert {beat.state for it in day.errands for beat in it.beats} == set("PRAFEK")


def test_most_people_have_the_defaults_and_the_others_wish_for_everything() -> None:
    members = a_day().members
    plain = [it for it in members if it.choices == type(it.choices)() and not it.channels and not it.mutes]

    assert len(members) / 2 < len(plain) < len(members) * 3 / 4
    wishes = [it.choices for it in members]
    assert any(it.quiet for it in wishes)
    assert any(it.kinds for it in wishes)
    assert any(it.least_minutes for it in wishes)
    assert any(it.in_thread for it in wishes)
    assert not all(it.cards for it in wishes)
    assert not all(it.direct for it in wishes)
    assert any(len(it.channels) > 1 for it in members)
    assert {mute.what.partition(":")[0] for it in members for mute in it.mutes} == {"project", "all"}
    assert len({direct(it) for it in members}) == len(members)


def test_some_batches_of_twenty_end_within_a_minute() -> None:
    ends = sorted((it.owner, it.beats[-1].at) for it in a_day().errands if it.beats[-1].state in ENDS)
    batches = [
        (owner, at)
        for n, (owner, at) in enumerate(ends[19:])
        if ends[n][0] == owner and at - ends[n][1] <= MINUTE
    ]

    assert len({owner for owner, _ in batches}) > 3


@SCRIPTS
def test_a_life_goes_on_as_in_ecotaxa(script: Script) -> None:
    goes = {"P": "RE", "R": "AFEK", "A": "P", "E": "P", "K": "P", "F": ""}

    for errand in script.errands:
        assert errand.beats[0].state == "P"
        for before, after in pairwise(errand.beats):
            assert after.state in goes[before.state], errand
            assert after.at > before.at, errand


@SCRIPTS
def test_what_is_to_be_told_lasts_until_it_can_be_seen(script: Script) -> None:
    for errand in script.errands:
        for before, after in pairwise(errand.beats):
            if before.state in "AEK":
                assert after.at - before.at >= SEEN > script.idle + STEP, errand


@SCRIPTS
def test_nothing_happens_while_ecotaxa_is_away(script: Script) -> None:
    assert not [it for it in script.errands for beat in it.beats if beat.at in script.ecotaxa_down]
    after = [beat for it in script.errands for beat in it.beats if beat.at == script.ecotaxa_down.end]
    assert after
    assert {beat.state for beat in after} == {"E"}

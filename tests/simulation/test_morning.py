"""Four hours of a lab in a few seconds: everybody is told what they were promised, and nothing else."""

from pathlib import Path

from structlog.testing import capture_logs

from tests.simulation.oracle import complaints
from tests.simulation.player import Played, play
from tests.simulation.reading import Kind, read
from tests.simulation.script import Script, a_morning
from tests.simulation.table import bands, markdown, rows, spread


async def test_everybody_gets_what_their_settings_promise(tmp_path: Path) -> None:
    script = a_morning()

    with capture_logs() as logs:
        played = await play(script, tmp_path)

    assert [entry for entry in logs if entry["log_level"] == "error"] == []
    assert complaints(script, played) == []
    assert played.refused == [], "Slack was asked for more than it takes"
    _nothing_is_missing_from_the_morning(script, played)
    _edits_keep_the_messages_few(script, played)


def _nothing_is_missing_from_the_morning(script: Script, played: Played) -> None:
    """The morning had all that it is there for: otherwise it would prove little."""
    reading = read(played.shown)
    assert {it.state for it in reading.tellings} >= set("FEA")
    assert {Kind.PING, Kind.CARD, Kind.WAITS, Kind.UNREACHABLE, Kind.SUMMARY} <= {
        it.kind for it in reading.posted
    }
    outage = script.slack_down
    in_outage = [
        beat for it in script.errands for beat in it.beats if beat.at in outage and beat.state in "FEKA"
    ]
    assert len(in_outage) > 3
    assert any(it.shown.thread_ts for it in reading.posted)
    assert any(it.shown.text.startswith("While it was quiet: ") for it in reading.posted)
    assert any(text.startswith("20 jobs: ") for text in reading.last.values()), "a batch is one message"


def _edits_keep_the_messages_few(script: Script, played: Played) -> None:
    found = rows(script, read(played.shown))
    assert sum(row.jobs for row in found) == len(script.errands)
    notified = spread(row.total for row in found)
    assert notified["all"] < 3 * len(script.errands)
    page = markdown("A morning", found)
    assert page.count("\n| p0") == len(script.members)
    assert f"| notified | {notified['median']} | {notified['p90']} | {notified['max']} |" in page
    assert sum(bands(row.total for row in found).values()) == len(script.members)

"""The page of figures says what was measured, also where a bar was missed."""

import json
from xml.etree import ElementTree

from tests.bench import page
from tests.bench.figures import Figure

GOOD = Figure("looks_ratio", 1.25, "times bare", 1.5, {"rounds": 3})
BAD = Figure("replicas_two", 0.9, "of one's time", 0.625)
NONE = Figure("replicas_lost", 0, "messages", 0)


def lines(*figures: Figure) -> list[page.Line]:
    return [json.loads(figure.line()) for figure in figures]


def test_every_figure_has_a_row_that_says_whether_it_holds() -> None:
    told = page.table(lines(GOOD, BAD, NONE))

    assert "| looks_ratio | 1.25 | 1.5 | times bare | yes |" in told
    assert "| replicas_two | 0.9 | 0.625 | of one's time | **no** |" in told
    assert "| replicas_lost | 0 | 0 | messages | yes |" in told


def test_how_often_a_day_notifies_people_is_told_in_full() -> None:
    spread = {"median": 9, "p90": 21, "max": 40, "all": 2_000}
    day = Figure(
        "day_notified_per_job",
        1.5,
        "new messages a job",
        3,
        {
            "people": 200,
            "jobs": 2_000,
            "edits": 7,
            "a_person": {"ping": spread},
            "people_by_messages": {"0": 3},
        },
    )

    told = page.table(lines(GOOD, day))

    assert "A simulated day of 200 people and 2000 jobs" in told
    assert "| ping | 9 | 21 | 40 | 2000 |\n" in told
    assert "| messages that day | 0 |\n| --- | ---: |\n| people | 3 |\n" in told
    assert "## How often" not in page.table(lines(GOOD)), "it was not measured"


def test_the_plot_draws_each_figure_that_has_a_bar_as_a_part_of_it() -> None:
    drawn = ElementTree.fromstring(page.plot(lines(GOOD, BAD, NONE)))

    said = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert said == ["looks_ratio", "0.83", "replicas_two", "1.44"]
    widths = [float(it.get("width", "")) for it in list(drawn.iter("{http://www.w3.org/2000/svg}rect"))[1:]]
    assert widths[0] < page.WIDTH / page.MOST < widths[1]


def test_a_bench_that_ran_anew_takes_the_place_of_its_line() -> None:
    again = Figure("looks_ratio", 1.1, "times bare", 1.5)

    kept = page.merged(lines(GOOD, BAD), lines(again))

    assert [(line["bench"], line["value"]) for line in kept] == [("looks_ratio", 1.1), ("replicas_two", 0.9)]


def test_the_committed_page_is_that_of_the_committed_lines() -> None:
    found = page.read()

    assert found, "figures were measured"
    assert page.PAGE.read_text(encoding="utf-8") == page.table(found)
    assert page.PLOT.read_text(encoding="utf-8") == page.plot(found)

"""The charts of a data_visualization block, with the limits of Slack's documentation."""

from typing import Any

from bot.sandbox.slack.blockkit.schema import (
    Check,
    Findings,
    Kind,
    Needed,
    items,
    number,
    record,
    string,
    typed,
)

SERIES = 6
"""How many series or segments a chart may have: newer pages of Slack's say 12, older ones 6."""

POINTS = 20

_LABEL = string(20, 1)
_VALUE = number(whole=False)


def _share(value: Any, where: str, findings: Findings) -> None:
    _VALUE(value, where, findings)
    if isinstance(value, int | float) and value <= 0:
        findings.add("must be greater than 0", where)


_POINT = record({"label": Needed(_LABEL), "value": Needed(_VALUE)})
_ONE_SERIES = record({"name": Needed(_LABEL), "data": Needed(items(_POINT, 1, POINTS))})


def _fitting(chart: dict[str, Any], where: str, findings: Findings) -> None:
    """Series have names of their own, and one point for each category."""
    if findings:
        return
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) < len(names):
        findings.add("series names must be unique", f"{where}/series")
    wanted = sorted(chart["axis_config"]["categories"])
    for index, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != wanted:
            findings.add("labels must match the categories", f"{where}/series/{index}/data")


_SERIES_CHART = Kind(
    {
        "series": Needed(items(_ONE_SERIES, 1, SERIES)),
        "axis_config": Needed(
            record(
                {
                    "categories": Needed(items(_LABEL, 1, POINTS)),
                    "x_label": string(50),
                    "y_label": string(50),
                }
            )
        ),
    },
    (_fitting,),
)
_SEGMENT = record({"label": Needed(_LABEL), "value": Needed(_share)})

CHART: Check = typed(
    {
        "pie": Kind({"segments": Needed(items(_SEGMENT, 1, SERIES))}),
        "bar": _SERIES_CHART,
        "line": _SERIES_CHART,
        "area": _SERIES_CHART,
    }
)
"""What stands in a data_visualization block's `chart`."""

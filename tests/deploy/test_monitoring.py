"""The dashboard, the alerts and the chart ask for what a bot serves, and the dashboard shows all of it.

That a running bot serves what is declared in `bot.metrics`, `tests/stories/test_metrics.py` shows.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from bot import errors
from bot.metrics import LET_BE, Delivered, Kind, Metrics, Peer, Useless
from tests.deploy.promql import Query, Wrong
from tests.deploy.reading import CHART, DEPLOY, load
from tests.scraping import Page

METRICS = Metrics()
SERVED = {name: frozenset(METRICS.labels.get(name, ())) for name in Page(METRICS.page(None).decode()).names}
DASHBOARD = json.loads((DEPLOY / "grafana/ecotaxa-bot.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
ALERTS = [rule for group in load(DEPLOY / "prometheus/alerts.yaml")["groups"] for rule in group["rules"]]
WORDS = {
    *(word for known in (Delivered, Kind, Peer, Useless) for word in get_args(known)),
    *LET_BE,
    *(name for name, it in vars(errors).items() if isinstance(it, type) and issubclass(it, errors.BotError)),
    *("done", "failed", "good", "account", "everybody", "database", "active", "rejected"),
}
"""The values of labels that a bot gives, as far as they are known beforehand."""
LEGEND = re.compile(r"\{\{ ?(?:\$labels\.)?(\w+) ?\}\}")


def queries() -> Iterator[tuple[str, str, str]]:
    """Each query of the dashboard with its panel's title and its legend."""
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m"), target["legendFormat"]


def ids(case: Any) -> str:
    return case["alert"] if isinstance(case, dict) else str(case)[:40]


@pytest.mark.parametrize(("title", "query", "legend"), list(queries()), ids=ids)
def test_the_dashboard_asks_for_what_a_bot_serves(title: str, query: str, legend: str) -> None:
    read = Query(query, SERVED)

    assert read.names
    assert set(LEGEND.findall(legend)) <= read.labels
    assert 'job=~"$job"' in query, "one dashboard may show several bots"


def test_the_dashboard_shows_every_metric_that_a_bot_serves() -> None:
    shown = {name for _, query, _ in queries() for name in Query(query, SERVED).names}

    assert shown == SERVED.keys()


def test_the_dashboard_is_in_order() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert all(panel["title"] and panel["description"] for panel in PANELS)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells), "nothing lies on something else"
    assert max(x for x, _ in cells) < 24
    variables = DASHBOARD["templating"]["list"]
    assert {variable["name"] for variable in variables} == {"datasource", "job"}
    asked = re.fullmatch(r"label_values\((\w+), job\)", variables[1]["query"]["query"])
    assert asked is not None
    assert asked[1] in SERVED


@pytest.mark.parametrize("alert", ALERTS, ids=ids)
def test_an_alert_asks_for_what_a_bot_serves_and_says_what_to_do(alert: dict[str, Any]) -> None:
    read = Query(alert["expr"], SERVED)

    assert read.names
    assert read.values <= WORDS
    told = " ".join(alert["annotations"].values())
    assert set(re.findall(r"\$labels\.(\w+)", told)) <= read.labels
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert alert["annotations"].keys() == {"summary", "description"}
    assert alert["annotations"]["description"].endswith(".")


def test_an_alert_has_a_name_of_its_own() -> None:
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)


def test_the_charts_alerts_are_those_of_deploy() -> None:
    template = (CHART / "templates/alerts.yaml").read_text()
    (named,) = re.findall(r'\.Files\.Get "(.+?)"', template)

    assert load(CHART / named) == load(DEPLOY / "prometheus/alerts.yaml")


def test_the_chart_scales_by_what_a_bot_serves() -> None:
    scaler, values = (CHART / "templates/autoscaler.yaml").read_text(), (CHART / "values.yaml").read_text()
    (name,) = re.findall(r"metric:\n\s+name: (\w+)\n", scaler)
    (series,) = re.findall(r"seriesQuery: '\{__name__=\"(\w+)\"", values)
    (asked,) = re.findall(r"metricsQuery: (.+)", values)

    assert name == series
    read = Query(asked.replace("<<.Series>>", name).replace("<<.LabelMatchers>>", 'namespace="lab"'), SERVED)
    assert read.names == {name}


def test_the_chart_reads_the_figures_where_they_are() -> None:
    deployment = (CHART / "templates/deployment.yaml").read_text()
    (port,) = re.findall(r"name: health\n\s+containerPort: (\d+)", deployment)

    assert f'prometheus.io/port: "{port}"' in deployment
    assert "prometheus.io/path: /metrics\n" in deployment
    monitor = (CHART / "templates/monitor.yaml").read_text()
    assert re.search(r"port: health\n\s+path: /metrics\n", monitor)
    assert "name: health" in (CHART / "templates/service.yaml").read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        "sum by (job) (rate(ecotaxa_bot_request_total[5m]))",
        'ecotaxa_bot_requests_total{person="elena"}',
        "sum by (event) (rate(ecotaxa_bot_requests_total[5m]))",
        "sum by (le) (rate(ecotaxa_bot_look_seconds_count[5m]))",
        "ecotaxa_bot_build_info and on (state) ecotaxa_bot_linked_accounts",
        "sum(rate(ecotaxa_bot_requests_total)",
    ],
)
def test_a_query_for_what_is_not_there_is_found(wrong: str) -> None:
    with pytest.raises(Wrong):
        Query(wrong, SERVED)

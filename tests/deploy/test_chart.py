"""The Helm chart: what can be seen of it without Helm."""

import json
import re
from typing import Any

import pytest

from bot.manifest import EVENTS_PATH
from bot.tickets import PATH
from tests.deploy.reading import CHART, SETTINGS, load, release

TEMPLATES = sorted((CHART / "templates").iterdir())
SECRETS = {
    "SLACK_BOT_TOKEN", "SLACK_CLIENT_SECRET", "TOKEN_KEYS", "DATABASE_URL", "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
}  # fmt: skip
OPENS = r"\{\{-?\s*(?:if|with|range|define)\b"
ENDS = r"\{\{-?\s*end\b"


def every_template() -> str:
    return "\n".join(template.read_text() for template in TEMPLATES)


def names_of(value: object, above: str = "") -> set[str]:
    """The dotted names of all values, and of all groups of them."""
    if not isinstance(value, dict):
        return {above}
    below = {name for key, inner in value.items() for name in names_of(inner, f"{above}.{key}".lstrip("."))}
    return below | ({above} if above else set())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_what_is_opened_is_ended(template: Any) -> None:
    text = template.read_text()

    assert len(re.findall(OPENS, text)) == len(re.findall(ENDS, text))
    assert text.count("{{") == text.count("}}")


def test_every_value_that_is_used_exists_and_every_one_that_exists_is_used() -> None:
    values = names_of(load(CHART / "values.yaml"))
    used = set(re.findall(r"\.Values\.([\w.]+)", every_template()))

    assert used <= values, used - values
    # A group that is used as a whole uses all that is in it.
    unused = {
        name
        for name in values
        if not any(name == u or name.startswith(f"{u}.") or u.startswith(f"{name}.") for u in used)
    }
    assert unused == set()


def test_the_schema_knows_exactly_the_values_there_are() -> None:
    values, schema = load(CHART / "values.yaml"), json.loads((CHART / "values.schema.json").read_text())

    assert set(values) | {"global"} == set(schema["properties"])
    for group in ("image", "ingress", "autoscaling", "metrics"):
        assert set(values[group]) == set(schema["properties"][group]["properties"])


def test_what_is_included_is_defined() -> None:
    text = every_template()

    defined = set(re.findall(r'define "([\w.-]+)"', text))
    assert set(re.findall(r'include "([\w.-]+)"', text)) == defined


def test_what_is_set_are_settings_and_secrets_stay_outside() -> None:
    settings = (CHART / "templates/settings.yaml").read_text()
    named = set(re.findall(r"^  ([A-Z_]+):", settings, re.MULTILINE))

    assert named
    assert named <= SETTINGS
    assert SECRETS <= SETTINGS
    values = (CHART / "values.yaml").read_text()
    assert all(name in values for name in SECRETS), "the chart says what has to be in the secret"
    assert "kind: Secret\n" not in every_template()


def test_the_settings_that_the_chart_speaks_of_are_there() -> None:
    spoken_of = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", (CHART / "values.yaml").read_text()))

    assert {"SLACK_MODE", "PUBLIC_URL"} <= spoken_of
    assert spoken_of <= SETTINGS


def test_the_ports_are_the_same_everywhere() -> None:
    text = every_template()
    settings = (CHART / "templates/settings.yaml").read_text()

    for setting, name in (("HTTP_PORT", "slack"), ("HEALTH_PORT", "health")):
        (port,) = re.findall(rf'{setting}: "(\d+)"', settings)
        assert f"name: {name}\n              containerPort: {port}" in text
        assert f"targetPort: {name}" in text


def test_pods_are_nobody_and_write_nowhere() -> None:
    deployment = (CHART / "templates/deployment.yaml").read_text()

    for line in (
        "runAsNonRoot: true",
        "readOnlyRootFilesystem: true",
        "drop: [ALL]",
        "automountServiceAccountToken: false",
    ):
        assert line in deployment
    for probe, path in (
        ("livenessProbe", "/livez"),
        ("readinessProbe", "/readyz"),
        ("startupProbe", "/livez"),
    ):
        assert re.search(rf"{probe}:\n\s+httpGet:\n\s+path: {path}", deployment)


def test_what_the_bot_serves_is_let_in() -> None:
    ingress = (CHART / "templates/ingress.yaml").read_text()
    (listed,) = re.findall(r"range tuple (.*) }}", ingress)
    served = [EVENTS_PATH, PATH]

    assert "- path: {{ . }}\n            pathType: Prefix" in ingress
    assert {f"/{path.split('/')[1]}" for path in served} == set(re.findall(r'"(\S+)"', listed))


def test_the_chart_is_of_the_release_that_comes() -> None:
    chart = load(CHART / "Chart.yaml")

    assert chart["version"] == chart["appVersion"] == release()

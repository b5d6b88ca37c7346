"""docs/metrics.md: every metric that a bot serves, from what it serves."""

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from tests.markdown import table

_HEAD = """\
# The bot's metrics

What `/metrics` tells where `HEALTH_PORT` is set, in Prometheus' text format. `make docs` writes this page
from what a bot serves, and tests hold the [dashboard](../deploy/grafana/ecotaxa-bot.json), the
[alerts](../deploy/prometheus/alerts.yaml) and the Helm chart to it.

- No label names a person, a job, a project or a place; all their values are words of the bot's own, and names
  of what EcoTaxa and Slack can do.
- A histogram's `_count` is how many there were. Durations are in seconds.
- What is *of all replicas* is read in the database when Prometheus asks, and every replica tells the same:
  take the `max`. It is `NaN` while the database cannot be read.

"""


def text() -> str:
    """The whole page."""
    metrics = Metrics()
    rows = []
    for family in text_string_to_metric_families(metrics.page(None).decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = ", ".join(f"`{label}`" for label in metrics.labels.get(name, ()))
        rows.append((f"`{name}`", family.type, labels, family.documentation))
    return _HEAD + table(("metric", "type", "labels", "what it is"), rows)

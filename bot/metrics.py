"""What the bot counts and times of its own work, for Prometheus: never whose, nor of which job or project.

The values of every label are few, and all of them the bot's own words.  Names are as Prometheus wants them:
https://prometheus.io/docs/practices/naming/
"""

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot import __version__
from bot.errors import EcoTaxaError, SlackError

Kind = Literal["command", "event", "press", "search", "form", "shortcut", "other"]
"""What a request from Slack is; `other` is what Slack does not document."""
Delivered = Literal["sent", "found", "not_found", "held", "postponed", "uncertain", "dropped", "dead"]
"""What came of a try to tell something; the metric's own text says what each is."""
Useless = Literal["refused", "expired", "unreadable"]
"""Why a token is of no more use."""
Peer = Literal["ecotaxa", "slack"]

LET_BE = frozenset({"again", "ignored", "put_off"})
"""Outcomes of a request with which nothing was done."""

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""Of the page: what every Prometheus reads."""

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
"""Seconds; Slack waits 3 for an acknowledgement."""
_PATIENT = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds; EcoTaxa may be silent for 10, and a look or an answer may take several requests."""
_LAG = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)

_ERRORS = {"ecotaxa": EcoTaxaError, "slack": SlackError}
_NUMBER = re.compile(r"/\d+")


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand in the database, which all replicas share.

    `due` counts the notifications that should be told by now, `oldest_age` is how many seconds the first of
    them is late (0 where there is none), `links` counts the linked accounts by `LinkState`.
    """

    due: int
    oldest_age: float
    links: Mapping[str, int]


@dataclass(slots=True)
class Timed:
    """A stretch of work while it is timed; `outcome` is what came of it so far."""

    outcome: str

    def answered(self, status: int) -> None:
        """Note the class of an HTTP status: `2xx`."""
        self.outcome = f"{status // 100}xx"


class Metrics:
    """One bot's figures, in a registry of its own, that `page` tells.

    Counting raises nothing and waits for nothing; it takes some microseconds, whether anybody asks or not.
    `labels` are those of each metric, by its name; `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        # When a series began, Prometheus sees by itself: these would be a third of the page.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's own omission
        self._clock = clock
        self._registry = CollectorRegistry()
        self.labels: dict[str, Sequence[str]] = {}
        self._count_requests()
        self._count_work()
        self._count_peers()
        ProcessCollector(registry=self._registry)
        self._gauge("build_info", "1, for the version that runs.", "version").labels(__version__).set(1)

    def _count_requests(self) -> None:
        self._requests = self._counter(
            "requests_total",
            "Requests from Slack by what came of each: `done`, `failed`, the class of the error that was"
            " told, or, with nothing done, `again`, `ignored` and `put_off`.",
            "kind",
            "outcome",
        )
        self._acknowledged = self._histogram(
            "acknowledgement_seconds", "From a request of Slack's to its acknowledgement.", _QUICK, "kind"
        )
        self._answered = self._histogram(
            "answer_seconds", "From a request of Slack's until all was done and answered.", _PATIENT, "kind"
        )

    def _count_work(self) -> None:
        self._looks = self._histogram(
            "look_seconds",
            "Looks at the jobs of an `account`, or, with an administrator's token, of `everybody`: `good`,"
            " `failed`, or with `no_token` that EcoTaxa takes.",
            _PATIENT,
            "of",
            "outcome",
        )
        self._transitions = self._counter(
            "transitions_total", "News of jobs, once for each person whose account it is.", "event"
        )
        self._delivered = self._counter(
            "notifications_total",
            "Tries to tell somebody something: `sent`; `uncertain` where Slack's answer was lost, and then"
            " `found` there or `not_found`; `held` in quiet hours; `postponed` for Slack; `dropped` as moot;"
            " `dead` as refused for good.",
            "outcome",
        )
        self._useless = self._counter("tokens_rejected_total", "Tokens found to be of no more use.", "reason")
        # At 0 from the start: to an increase, one that begins at 1 is none.
        for kind in get_args(Kind):
            self._requests.labels(kind, "failed")
        for counter, known in ((self._delivered, Delivered), (self._useless, Useless)):
            for word in get_args(known):
                counter.labels(word)
        self._due = self._gauge(
            "notifications_due", "Notifications in the database that should be told by now; of all replicas."
        )
        self._oldest = self._gauge(
            "oldest_due_notification_age_seconds",
            "How late the first of these is, 0 where there is none; of all replicas.",
        )
        self._links = self._gauge(
            "linked_accounts", "Linked accounts in the database; of all replicas.", "state"
        )

    def _count_peers(self) -> None:
        self._errors = self._counter(
            "errors_total", "What a peer did not do as asked, by the class of the error.", "peer", "kind"
        )
        self._of_ecotaxa = self._histogram(
            "ecotaxa_request_seconds",
            "Requests to EcoTaxa, until the head of the answer; `status` is `none` where there was none.",
            _PATIENT,
            "operation",
            "status",
        )
        self._of_slack = self._histogram(
            "slack_request_seconds",
            "Requests to Slack, until the head of the answer; `status` is `none` where there was none.",
            _PATIENT,
            "method",
            "status",
        )
        self._lag = self._histogram(
            "event_loop_lag_seconds", "How late the event loop is, tried four times a second.", _LAG
        )

    def page(self, standing: Standing | None) -> bytes:
        """All figures in Prometheus' text format; no number for what cannot be read in the database."""
        self._due.set(standing.due if standing else math.nan)
        self._oldest.set(standing.oldest_age if standing else math.nan)
        self._links.clear()
        for state, count in standing.links.items() if standing else ():
            self._links.labels(state).set(count)
        return generate_latest(self._registry)

    @contextmanager
    def acknowledging(self, kind: Kind) -> Iterator[None]:
        """Time how long Slack waits for an acknowledgement."""
        began = self._clock()
        try:
            yield
        finally:
            self._acknowledged.labels(kind).observe(self._clock() - began)

    @contextmanager
    def answering(self, kind: Kind) -> Iterator[Timed]:
        """Count and time what is done for a request; without an outcome it has `failed`."""
        began, timed = self._clock(), Timed("failed")
        try:
            yield timed
        finally:
            self._requests.labels(kind, timed.outcome).inc()
            if timed.outcome not in LET_BE:
                self._answered.labels(kind).observe(self._clock() - began)

    @contextmanager
    def looking(self, of: Literal["account", "everybody"]) -> Iterator[Timed]:
        """Count and time a look; without an outcome it has `failed`."""
        with self._timing(self._looks, of, Timed("failed")) as timed:
            yield timed

    def news(self, event: str) -> None:
        """Count an `Event` that a person is told of."""
        self._transitions.labels(event).inc()

    def delivered(self, outcome: Delivered, times: int = 1) -> None:
        """Count tries to tell something."""
        self._delivered.labels(outcome).inc(times)

    def useless(self, reason: Useless) -> None:
        """Count a token of no more use."""
        self._useless.labels(reason).inc()

    @contextmanager
    def asking_ecotaxa(self, method: str, path: str) -> Iterator[Timed]:
        """Time a request to EcoTaxa; of the path its numbers are left out."""
        operation = f"{method} {_NUMBER.sub('/{id}', path)}"
        with self._timing(self._of_ecotaxa, operation, Timed("none")) as timed:
            yield timed

    @contextmanager
    def asking_slack(self, method: str) -> Iterator[Timed]:
        """Time a request to Slack."""
        with self._timing(self._of_slack, method, Timed("none")) as timed:
            yield timed

    @contextmanager
    def errors_of(self, peer: Peer) -> Iterator[None]:
        """Count the error that ends the block, if it is one of that peer's."""
        try:
            yield
        except _ERRORS[peer] as error:
            self._errors.labels(peer, type(error).__name__).inc()
            raise

    def database_failed(self, error: Exception) -> None:
        """Count an error of the database's driver."""
        self._errors.labels("database", type(error).__name__).inc()

    def late(self, seconds: float) -> None:
        """Note by how much the event loop was late."""
        self._lag.observe(max(0.0, seconds))

    @contextmanager
    def _timing(self, histogram: Histogram, what: str, timed: Timed) -> Iterator[Timed]:
        began = self._clock()
        try:
            yield timed
        finally:
            histogram.labels(what, timed.outcome).observe(self._clock() - began)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(self._called(name, labels), meaning, labels, registry=self._registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(self._called(name, labels), meaning, labels, registry=self._registry)

    def _histogram(self, name: str, meaning: str, buckets: Sequence[float], *labels: str) -> Histogram:
        name = self._called(name, labels)
        return Histogram(name, meaning, labels, registry=self._registry, buckets=buckets)

    def _called(self, name: str, labels: Sequence[str]) -> str:
        self.labels[full := f"ecotaxa_bot_{name}"] = labels
        return full

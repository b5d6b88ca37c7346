"""Every fault of every peer as data: what a person sees of it, and how long it takes to be well again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.faults import proxy
from tests.faults.proxy import Fault

if TYPE_CHECKING:
    from tests.faults.stage import Stage

SILENT = "EcoTaxa does not answer right now. Please try again in a few minutes."
STRANGE = "EcoTaxa answered something I did not expect. Please try again, or look at the job in EcoTaxa."
RECORDS = "I cannot get at my own records right now. Please try again in a few minutes."
LIST = "Your 1 job"
"""What `/ecotaxa jobs` begins with, when all is well; each case is about one job."""


@dataclass(frozen=True)
class Case:
    """One fault of one peer.

    `sees` is what a person is told who types `/ecotaxa jobs`, `within` so many seconds; empty where Slack
    itself is what cannot be reached.  `again` is within how many seconds after its end all is well: what
    happened meanwhile is told, once, and the command answered.
    """

    peer: str
    fault: str
    how: Callable[["Stage"], Fault] = lambda _: proxy.WELL
    sees: str = ""
    within: float = 5
    again: float = 15

    @property
    def host(self) -> str:
        """Which proxy ails."""
        return "Slack" if self.peer.startswith("Slack") else self.peer

    @property
    def takes(self) -> float:
        """About how many seconds it is played."""
        return self.within + self.again


def _always(fault: Fault) -> Callable[["Stage"], Fault]:
    return lambda _: fault


def _elsewhere(stage: "Stage") -> Fault:
    return proxy.redirect(stage.elsewhere.url)


def _elsewhere_at_once(stage: "Stage") -> Fault:
    return replace(_elsewhere(stage), cuts=True)


def _showing(name: str) -> Callable[["Stage"], Fault]:
    return lambda stage: proxy.showing(stage.certificates[name])


def _only(how: Callable[["Stage"], Fault], *, socket: bool) -> Callable[["Stage"], Fault]:
    return lambda stage: replace(how(stage), only=socket)


_CERTIFICATES = ("self-signed", "another host's", "expired")

ECOTAXA = [
    Case("EcoTaxa", "answers late", _always(proxy.LATE), LIST, within=8),
    Case("EcoTaxa", "resets each connection", _always(proxy.RESET), SILENT, within=8),
    Case("EcoTaxa", "refuses connections", _always(proxy.REFUSED), SILENT, within=8),
    Case("EcoTaxa", "takes connections, and says nothing more", _always(proxy.SILENT), SILENT, within=14),
    Case("EcoTaxa", "sends a body ever so slowly", _always(proxy.SLOW), SILENT, within=35),
    Case("EcoTaxa", "breaks off in the middle of a body", _always(proxy.TRUNCATED), SILENT, within=8),
    Case("EcoTaxa", "sends garbage", _always(proxy.GARBAGE), SILENT, within=8),
    Case("EcoTaxa", "calls JSON something else", _always(proxy.MISTYPED), LIST, within=8),
    Case("EcoTaxa", "redirects elsewhere", _elsewhere, STRANGE, within=8),
    Case("EcoTaxa", "sends a body without end", _always(proxy.ENDLESS), STRANGE, within=12),
    *(
        Case("EcoTaxa", f"shows a certificate that is {name}", _showing(name), SILENT, within=8)
        for name in _CERTIFICATES
    ),
]

SLACK = [
    replace(case, how=_only(case.how, socket=False))
    for case in (
        Case("Slack's Web API", "answers late", _always(proxy.LATE), LIST, within=8),
        Case("Slack's Web API", "calls JSON something else", _always(proxy.MISTYPED), LIST),
        Case("Slack's Web API", "resets each connection", _always(proxy.RESET)),
        Case("Slack's Web API", "resets each connection once it was told", _always(proxy.RESET_AFTER), LIST),
        Case("Slack's Web API", "refuses connections", _always(proxy.REFUSED)),
        Case("Slack's Web API", "takes connections, and says nothing more", _always(proxy.SILENT), again=30),
        Case("Slack's Web API", "sends a body ever so slowly", _always(proxy.SLOW), LIST, again=30),
        Case("Slack's Web API", "breaks off in the middle of a body", _always(proxy.TRUNCATED), LIST),
        Case("Slack's Web API", "sends garbage", _always(proxy.GARBAGE), LIST),
        Case("Slack's Web API", "redirects elsewhere", _elsewhere),
        Case("Slack's Web API", "sends a body without end", _always(proxy.ENDLESS)),
        *(
            Case("Slack's Web API", f"shows a certificate that is {name}", _showing(name))
            for name in _CERTIFICATES
        ),
    )
]

SOCKET = [
    replace(case, how=_only(case.how, socket=True))
    for case in (
        Case("Slack's Socket Mode", "answers late", _always(proxy.LATE), LIST, within=8),
        Case("Slack's Socket Mode", "resets each connection", _always(proxy.RESET)),
        Case("Slack's Socket Mode", "stays open, and says nothing more", _always(proxy.SILENT), again=30),
        Case("Slack's Socket Mode", "never answers a handshake", _always(proxy.UNANSWERED), again=30),
        Case("Slack's Socket Mode", "sends garbage", _always(proxy.GARBAGE)),
        Case("Slack's Socket Mode", "redirects elsewhere", _elsewhere_at_once),
        Case("Slack's Socket Mode", "shows a certificate that is expired", _showing("expired")),
    )
]

POSTGRESQL = [
    Case("PostgreSQL", "answers late", _always(proxy.LATE), LIST, within=15),
    Case("PostgreSQL", "resets each connection", _always(proxy.RESET), RECORDS, within=15),
    Case("PostgreSQL", "is restarted, and refuses connections", _always(proxy.REFUSED), RECORDS, within=15),
    Case("PostgreSQL", "takes connections, and says nothing more", _always(proxy.SILENT), RECORDS, within=25),
    Case("PostgreSQL", "breaks off in the middle of an answer", _always(proxy.TRUNCATED), RECORDS, within=15),
    Case("PostgreSQL", "sends garbage", _always(proxy.GARBAGE), RECORDS, within=15),
]

POSTGRESQL_LOCKED = Case("PostgreSQL", "has a table locked by somebody else", sees=RECORDS, within=16)

SQLITE = {
    "locked": Case("SQLite", "is locked by another process", sees=RECORDS, within=16),
    "full": Case("SQLite", "has no room left on its disk", sees=RECORDS, within=16),
}
"""What somebody is told who wants something kept; `/ecotaxa jobs` only reads, and is answered as ever."""

CLOCK = [
    Case("The clock", "jumps two hours forwards", sees=LIST, within=15),
    Case("The clock", "jumps two hours backwards", sees=LIST, within=15),
]

ALL = [*ECOTAXA, *SLACK, *SOCKET, *POSTGRESQL, POSTGRESQL_LOCKED, *SQLITE.values(), *CLOCK]

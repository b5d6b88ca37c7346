"""What a handler may use, in one bundle."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.answering import Answering
from bot.ecotaxa import EcoTaxa
from bot.live import LiveLists
from bot.lookup import Lookup
from bot.slack import Slack
from bot.store import Store
from bot.suggestions import Suggestions
from bot.work import Work


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the bot that handlers work with; built once, in `bot.app`."""

    store: Store
    ecotaxa: EcoTaxa
    slack: Slack
    lookup: Lookup
    suggestions: Suggestions
    answering: Answering
    work: Work
    live: LiveLists
    clock: Callable[[], datetime]
    web_url: str

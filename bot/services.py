"""What a handler may use, in one bundle."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.answering import Answering
from bot.captions import Captions
from bot.cleaning import Cleaning
from bot.delivery.channels import Channels
from bot.delivery.sequels import Sequels
from bot.ecotaxa import EcoTaxa
from bot.home import Homes
from bot.limits import Limits
from bot.lister import Lister
from bot.live import LiveLists
from bot.lookup import Lookup
from bot.metrics import Metrics
from bot.operations import Operations
from bot.people import People
from bot.relay import Relay
from bot.slack import Slack
from bot.store import Store
from bot.suggestions import Suggestions
from bot.tickets import Tickets
from bot.uploads import Uploads
from bot.work import Work
from bot.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the bot that handlers work with; built once, in `bot.app`.

    `tickets` are there where accounts are linked on a page of the bot's own, instead of in a modal.
    """

    store: Store
    ecotaxa: EcoTaxa
    slack: Slack
    workspaces: Workspaces | None
    people: People
    channels: Channels
    sequels: Sequels
    uploads: Uploads
    relay: Relay
    lookup: Lookup
    suggestions: Suggestions
    answering: Answering
    operations: Operations
    cleaning: Cleaning
    work: Work
    titles: Captions
    owners: Captions
    lister: Lister
    live: LiveLists
    homes: Homes
    limits: Limits
    metrics: Metrics
    tickets: Tickets | None
    clock: Callable[[], datetime]
    web_url: str

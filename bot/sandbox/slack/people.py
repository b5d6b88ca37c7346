"""Who and what is in the workspace: its people, its channels and the bot."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox import crowd

TEAM_ID = "T0PLANKTON"
"""The workspace in which the app is from the beginning."""
APP_ID = "A0ECOBOT"
BOT_ID = "B0ECOBOT"
BOT_USER = "U0ECOBOT"
BOT_NAME = "EcoTaxa"


LOCALE = "en-US"
"""The language of whoever chose no other."""

_LOCALE = re.compile(r"[a-z]{2}-[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the workspace, with the time zone and the language that they chose for Slack."""

    id: str
    name: str
    real_name: str
    tz: str
    email: str
    locale: str = LOCALE

    @property
    def im(self) -> str:
        """The id of this person's direct messages with the bot."""
        return "D0" + self.id.removeprefix("U0")

    def tz_offset(self, now: float) -> int:
        """Seconds east of UTC at that time, in Unix seconds."""
        offset = datetime.fromtimestamp(now, ZoneInfo(self.tz)).utcoffset()
        return int(offset.total_seconds()) if offset else 0


@dataclass(frozen=True, slots=True)
class Channel:
    """A public channel, or one person's direct messages with the bot."""

    id: str
    name: str
    person: str | None = None

    @property
    def is_im(self) -> bool:
        """Whether it is a direct message."""
        return self.person is not None


RESIDENTS = (
    Person("U0ELENA", "elena", "Elena Rodriguez", "Europe/Madrid", "elena@lab.example"),
    Person("U0AMELIE", "amelie", "Amélie Laurent", "Europe/Paris", "amelie@lab.example"),
    Person("U0TOMAS", "tomas", "Tomás Silva", "America/Sao_Paulo", "tomas@lab.example"),
    Person("U0ADA", "ada", "Ada Okafor", "Africa/Lagos", "ada@lab.example"),
)
"""Who is in every workspace, but those of an organisation: they share them."""

ADMINISTRATOR = "U0ADA"
"""Who archives and deletes channels."""

PUBLIC = (Channel("C0GENERAL", "general"), Channel("C0PLANKTON", "plankton"))


def _of_the_crowd(name: str) -> Person:
    return Person(f"U0{name.upper()}", name, crowd.real_name(name), "Europe/Paris", crowd.email(name))


class Directory:
    """The people of one workspace, so many more than the residents, and its conversations."""

    def __init__(
        self, more: int = 0, *, residents: Sequence[Person] = RESIDENTS, public: Sequence[Channel] = PUBLIC
    ) -> None:
        people = (*residents, *(_of_the_crowd(name) for name in crowd.names(more)))
        self.people = {person.id: person for person in people}
        direct = (Channel(person.im, "directmessage", person.id) for person in self.people.values())
        self.channels = {channel.id: channel for channel in (*public, *direct)}

    def settle(self, user: str, *, locale: str | None, tz: str | None) -> Person:
        """Let a person choose another language or time zone; raises ValueError or KeyError for none such."""
        person = self.people[user]
        if locale is not None and not _LOCALE.fullmatch(locale):
            raise ValueError(f"no language is {locale}: they look like fr-FR")
        zone = ZoneInfo(tz or person.tz).key
        self.people[user] = replace(person, locale=locale or person.locale, tz=zone)
        return self.people[user]

    def of(self, user: str) -> list[Channel]:
        """The conversations that a person sees."""
        return [channel for channel in self.channels.values() if channel.person in (None, user)]

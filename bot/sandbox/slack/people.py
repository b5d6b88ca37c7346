"""Who and what is in the workspace: its people, its channels and the bot."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

TEAM_ID = "T0PLANKTON"
TEAM_NAME = "Plankton lab"
TEAM_DOMAIN = "plankton-lab"
APP_ID = "A0ECOBOT"
BOT_ID = "B0ECOBOT"
BOT_USER = "U0ECOBOT"
BOT_NAME = "EcoTaxa"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the workspace."""

    id: str
    name: str
    real_name: str
    tz: str
    email: str

    @property
    def im(self) -> str:
        """The id of this person's direct messages with the bot."""
        return "D0" + self.id.removeprefix("U0")

    @property
    def tz_offset(self) -> int:
        """Seconds east of UTC, today."""
        offset = datetime.now(ZoneInfo(self.tz)).utcoffset()
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


PEOPLE: dict[str, Person] = {
    person.id: person
    for person in (
        Person("U0ELENA", "elena", "Elena Rodriguez", "Europe/Madrid", "elena@lab.example"),
        Person("U0AMELIE", "amelie", "Amélie Laurent", "Europe/Paris", "amelie@lab.example"),
        Person("U0TOMAS", "tomas", "Tomás Silva", "America/Sao_Paulo", "tomas@lab.example"),
        Person("U0ADA", "ada", "Ada Okafor", "Africa/Lagos", "ada@lab.example"),
    )
}

CHANNELS: dict[str, Channel] = {
    channel.id: channel
    for channel in (
        Channel("C0GENERAL", "general"),
        Channel("C0PLANKTON", "plankton"),
        *(Channel(person.im, "directmessage", person.id) for person in PEOPLE.values()),
    )
}


def channels_of(user: str) -> list[Channel]:
    """The channels that a person sees."""
    return [channel for channel in CHANNELS.values() if channel.person in (None, user)]

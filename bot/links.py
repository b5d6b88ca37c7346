"""Who is who: a Slack person, their EcoTaxa token, and the link between the two."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

TOKEN_LIFE = timedelta(days=31)
"""How long EcoTaxa accepts a token after its issue; there is no renewal and no revocation."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Slack workspace, and the organisation that it belongs to, if it does."""

    enterprise_id: str | None
    team_id: str

    @property
    def key(self) -> str:
        """One string that names the workspace; those of its people begin with it and a slash."""
        return f"{self.enterprise_id or '-'}/{self.team_id}"


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user: the same user id in another workspace is somebody else.

    In an organisation-wide install `team_id` is the user's own workspace, not the channel's.
    """

    enterprise_id: str | None
    team_id: str
    user_id: str

    @property
    def key(self) -> str:
        """One string that names the person, for the database, locks and logs."""
        return f"{self.workspace.key}/{self.user_id}"

    @property
    def workspace(self) -> Workspace:
        """The workspace that the person is of."""
        return Workspace(self.enterprise_id, self.team_id)

    def is_same(self, other: "Person") -> bool:
        """Whether both are one human: an organisation's people have one user id in all its workspaces."""
        here = (self.enterprise_id, self.user_id, None if self.enterprise_id else self.team_id)
        return here == (other.enterprise_id, other.user_id, None if other.enterprise_id else other.team_id)

    @classmethod
    def of_key(cls, key: str) -> "Person":
        """The person that `key` names."""
        enterprise_id, team_id, user_id = key.split("/")
        return cls(None if enterprise_id == "-" else enterprise_id, team_id, user_id)


@dataclass(frozen=True, slots=True)
class Token:
    """An EcoTaxa bearer token; it never shows itself, also not in a traceback."""

    secret: str = field(repr=False)
    ecotaxa_user_id: int
    issued_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When EcoTaxa stops accepting it (UTC)."""
        return self.issued_at + TOKEN_LIFE

    @classmethod
    def read(cls, text: str) -> "Token":
        """Read what a token tells of itself, without the server's secret.

        A token is `payload.timestamp.signature` (itsdangerous URLSafeTimedSerializer); newer servers
        spell the payload's key `_user_id`.  Raises ValueError when `text` is not of that form.
        """
        try:
            payload, stamp, _signature = text.split(".")
            owner = json.loads(_unpadded(payload))
            user_id = owner["user_id"] if "user_id" in owner else owner["_user_id"]
            issued_at = datetime.fromtimestamp(int.from_bytes(_unpadded(stamp)), UTC)
            return cls(text, int(user_id), issued_at)
        except (ValueError, KeyError, TypeError, OverflowError, OSError, binascii.Error):
            raise ValueError("not an EcoTaxa token") from None


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class LinkState(StrEnum):
    """Whether the link's token is good."""

    ACTIVE = "active"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Link:
    """A Slack person's connection to an EcoTaxa account."""

    person: Person
    token: Token
    name: str
    email: str
    state: LinkState = LinkState.ACTIVE

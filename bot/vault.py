"""Sealing secrets for the database, each for its owner, under keys that can be changed."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import TicketUnreadable, TokenUnreadable
from bot.links import Person, Workspace


class Vault:
    """Seals with the first of `keys`, opens with any of them.

    Keys are Fernet keys, as `new_key` makes them.  Raises ValueError, in one line and without the
    key, when there is none or one is malformed.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("no key is given; `ecotaxa-bot new-key` makes one")
        fernets = [_fernet(key, number) for number, key in enumerate(keys, 1)]
        self._first, self._fernet = fernets[0], MultiFernet(fernets)

    @staticmethod
    def new_key() -> str:
        """A fresh key."""
        return Fernet.generate_key().decode()

    def seal(self, owner: Person | Workspace, secret: str) -> str:
        """Seal the secret of a person, or of the bot in a workspace, so that no other row can hold it."""
        return self._fernet.encrypt(json.dumps([owner.key, secret]).encode()).decode()

    def open(self, owner: Person | Workspace, sealed: str) -> str:
        """The secret that was sealed for this owner.

        Raises TokenUnreadable when no key opens it, or when it was sealed for somebody else.
        """
        try:
            sealed_for, secret = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError, TypeError):
            raise TokenUnreadable(detail="no key opens it") from None
        if sealed_for != owner.key or not isinstance(secret, str):
            raise TokenUnreadable(detail="sealed for somebody else")
        return secret

    def issue(self, purpose: str, what: str, now: datetime) -> str:
        """Seal something that leaves the bot and comes back for this purpose alone; it fits into an address.

        A purpose is no `Person.key`, so that neither passes for the other.
        """
        return self._fernet.encrypt_at_time(json.dumps([purpose, what]).encode(), _stamp(now)).decode()

    def redeem(self, purpose: str, ticket: str, now: datetime, life: timedelta) -> str:
        """What was issued for this purpose within the last `life`.

        Raises TicketUnreadable when it is older, was changed, or was issued for another purpose or by
        somebody with other keys.
        """
        try:
            opened = self._fernet.decrypt_at_time(ticket.encode(), int(life.total_seconds()), _stamp(now))
            meant_for, what = json.loads(opened)
        except (InvalidToken, ValueError, TypeError):
            raise TicketUnreadable from None
        if meant_for != purpose or not isinstance(what, str):
            raise TicketUnreadable
        return what

    def is_current(self, sealed: str) -> bool:
        """Whether it was sealed with the first of the keys."""
        try:
            self._first.decrypt(sealed.encode())
        except (InvalidToken, ValueError):
            return False
        return True


def _stamp(now: datetime) -> int:
    return int(now.timestamp())


def _fernet(key: str, number: int) -> Fernet:
    try:
        return Fernet(key.strip())
    except ValueError:
        raise ValueError(
            f"key {number} is malformed: a key is 44 characters long, and `ecotaxa-bot new-key` makes one"
        ) from None

"""Accounts, logins and the search for people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from random import Random
from typing import Any

from bot.sandbox import crowd
from bot.sandbox.ecotaxa.like import like
from bot.sandbox.ecotaxa.people import PEOPLE
from bot.sandbox.ecotaxa.tokens import Signer

PASSWORD = "plankton"  # noqa: S105 - everybody's password in a made-up world
ADMINISTRATOR, INACTIVE, PENDING = "ada@lab.example", "gone@lab.example", "pending@lab.example"


class Status(IntEnum):
    """What EcoTaxa calls a user's status."""

    INACTIVE = 0
    ACTIVE = 1
    PENDING = 2


@dataclass
class Account:
    """Somebody who can log in."""

    id: int
    name: str
    email: str
    organisation: str
    status: Status = Status.ACTIVE
    is_admin: bool = False
    recent_taxa: dict[int, list[int]] = field(default_factory=dict)
    """By project: the taxa that this person used last, newest first."""

    def minimal(self) -> dict[str, Any]:
        """What everybody may see."""
        return {"id": self.id, "email": self.email, "name": self.name, "organisation": self.organisation}

    def full(self, last_used_projects: list[dict[str, Any]]) -> dict[str, Any]:
        """What the person themselves sees at `/users/me`."""
        return {
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "country": None,
            "orcid": None,
            "usercreationdate": "2020-05-13T08:59:48.701060",
            "password": "?",
            "status": int(self.status),
            "status_date": None,
            "status_admin_comment": None,
            "usercreationreason": None,
            "mail_status": None,
            "mail_status_date": None,
            "organisation": self.organisation,
            "can_do": [1, 2, 3, 4] if self.is_admin else [1],
            "last_used_projects": last_used_projects,
        }


class LoginFailed(Exception):
    """The e-mail, the password or the account is no good."""


class LoginPending(Exception):
    """The account waits for somebody to validate it."""


def _crowd(count: int) -> Iterator[tuple[str, str, str]]:
    for name in crowd.names(count):
        yield crowd.real_name(name), crowd.email(name), "A big institute"


class Accounts:
    """Everybody, so many more than the people of the list, and the tokens they were given."""

    def __init__(self, rng: Random, secret: str, clock: Callable[[], float], more: int = 0) -> None:
        self._rng = rng
        self._clock = clock
        self._secret = secret
        self._secrets = 0
        self._signer = Signer(secret)
        self._by_id = {n: Account(n, *person) for n, person in enumerate((*PEOPLE, *_crowd(more)), start=1)}
        self._by_email = {account.email.casefold(): account for account in self}
        self.by_email(ADMINISTRATOR).is_admin = True
        self.by_email(INACTIVE).status = Status.INACTIVE
        self.by_email(PENDING).status = Status.PENDING

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_id.values())

    def find(self, user_id: int) -> Account | None:
        """The account with that id."""
        return self._by_id.get(user_id)

    def by_email(self, email: str) -> Account:
        """The account with that e-mail; KeyError when there is none."""
        return self._by_email[email.casefold()]

    def login(self, email: str, password: str) -> str:
        """A token; raises LoginFailed or LoginPending."""
        try:
            account = self.by_email(email)
        except KeyError:
            raise LoginFailed from None
        if password != PASSWORD or account.status is Status.INACTIVE:
            raise LoginFailed
        if account.status is Status.PENDING:
            raise LoginPending
        return self.token(account)

    def token(self, account: Account, age: timedelta = timedelta(), key: str = "user_id") -> str:
        """A token as issued `age` ago."""
        return self._signer.issue(account.id, self._now() - age, key)

    def owner(self, token: str) -> int:
        """The id of the account whose token it is; ValueError when it is not good."""
        return self._signer.owner(token, self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def new_secret(self) -> None:
        """Make every token so far a bad one."""
        self._secrets += 1
        self._signer = Signer(f"{self._secret}/{self._secrets}")

    def search(self, by_name: str) -> list[Account]:
        """Active people whose whole name is LIKE `by_name`, in no order, however many."""
        wanted = like(by_name)
        found = [a for a in self if a.status is Status.ACTIVE and wanted.fullmatch(a.name)]
        self._rng.shuffle(found)
        return found

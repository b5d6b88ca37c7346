"""Links to the linking page: whose they are, how long they are good, and that nobody else makes them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from bot.errors import TicketUnreadable, TokenUnreadable
from bot.links import Person
from bot.tickets import LIFE, LONGEST, PATH, Ticket, Tickets
from bot.vault import Vault

ELENA = Person("E1", "T1", "U1")
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
KEY, OTHER = Vault.new_key(), Vault.new_key()
URL = "https://hooks.slack.com/commands/T1/2/a-secret"
TICKET = Ticket(ELENA, "@elena (lab)", "jobs failed", URL, True)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tickets(clock: Clock, *keys: str) -> Tickets:
    return Tickets(Vault(keys or [KEY]), "https://bot.lab.example/bot", clock)


def sealed(address: str) -> str:
    return urlsplit(address).path.rpartition("/")[2]


def test_a_ticket_comes_back_as_it_was_made_also_in_another_process(clock: Clock) -> None:
    address = tickets(clock).address(TICKET)

    assert address.startswith(f"https://bot.lab.example/bot{PATH}")
    assert tickets(clock, OTHER, KEY).read(sealed(address)) == TICKET


def test_each_ticket_is_one_of_its_own(clock: Clock) -> None:
    assert Ticket(ELENA, "@elena").act != Ticket(ELENA, "@elena").act


def test_nothing_in_it_can_be_read_and_what_holds_it_does_not_show_it(clock: Clock) -> None:
    address = tickets(clock).address(TICKET)

    for told in (address, repr(tickets(clock))):
        assert "elena" not in told
        assert "jobs" not in told
    assert "a-secret" not in f"{TICKET!r} {TICKET}"
    assert TICKET.nonce not in f"{TICKET!r} {TICKET}"


def test_it_fits_into_a_button_with_the_longest_command_there_is(clock: Clock) -> None:
    full = Ticket(Person("E" * 11, "T" * 11, "U" * 11), "@" + "中" * 80, "中" * 200, URL + "x" * 100, True)

    assert len(tickets(clock).address(full)) <= LONGEST


def test_it_is_good_for_ten_minutes(clock: Clock) -> None:
    ticket = sealed(tickets(clock).address(TICKET))
    clock.now = NOW + LIFE

    assert tickets(clock).read(ticket) == TICKET

    clock.now += timedelta(seconds=1)
    with pytest.raises(TicketUnreadable):
        tickets(clock).read(ticket)


def test_one_of_the_future_is_not_good(clock: Clock) -> None:
    clock.now = NOW + timedelta(hours=1)
    ticket = sealed(tickets(clock).address(TICKET))
    clock.now = NOW

    with pytest.raises(TicketUnreadable):
        tickets(clock).read(ticket)


@pytest.mark.parametrize(
    "made",
    [
        lambda good: good[:30] + ("A" if good[30] != "A" else "B") + good[31:],
        lambda good: good[:-6],
        lambda good: "",
        lambda good: "gAAAA",
        lambda good: "\udc80é/..",
        lambda good: sealed(tickets(Clock(), OTHER).address(TICKET)),
        lambda good: Vault([KEY]).issue("another purpose", "{}", NOW),
        lambda good: Vault([KEY]).issue("link an account", "{}", NOW),
        lambda good: Vault([KEY]).issue("link an account", "no JSON", NOW),
        lambda good: Vault([KEY]).seal(ELENA, "a.b.c"),
    ],
)
def test_what_was_changed_or_made_elsewhere_is_not_good(clock: Clock, made: object) -> None:
    assert callable(made)
    with pytest.raises(TicketUnreadable) as caught:
        tickets(clock).read(made(sealed(tickets(clock).address(TICKET))))

    assert caught.value.__cause__ is None
    assert caught.value.detail == ""


def test_a_ticket_passes_for_nobodys_token(clock: Clock) -> None:
    with pytest.raises(TokenUnreadable):
        Vault([KEY]).open(ELENA, sealed(tickets(clock).address(TICKET)))

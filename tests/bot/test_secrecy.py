"""What is secret shows itself nowhere: not as text, not in a traceback, also not in one with its locals."""

import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.exc import IntegrityError

from bot import errors
from bot.forms import Form, Origin
from bot.gate import Gate
from bot.links import Link, Person, Token
from bot.live import ByResponse
from bot.modals import LinkFields
from bot.sandbox.demo import environment
from bot.services import Services
from bot.settings import Settings
from bot.slack import Slack
from bot.store import Handover, Store
from bot.vault import Vault
from handlers.context import Request

MARK = "7he-secret"
ELENA = Person(None, "T1", "U1")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def settings(folder: Path) -> Settings:
    given = environment("http://127.0.0.1:1", folder)
    given |= {
        "SLACK_BOT_TOKEN": f"xoxb-{MARK}",
        "SLACK_APP_TOKEN": f"xapp-{MARK}",
        "SLACK_SIGNING_SECRET": MARK,
        "DATABASE_URL": f"postgresql://bot:{MARK}@127.0.0.1/bot",
    }
    fields: dict[str, Any] = {name.lower(): value for name, value in given.items()}
    return Settings(_env_file=None, **fields)  # type: ignore[call-arg]  # pydantic's own argument


def holders(folder: Path) -> list[object]:
    """One of everything that has a secret in it."""
    token = Token(f"a.b.{MARK}", 1, NOW)
    view = {
        "state": {"values": {name: {name: {"value": MARK}} for name in ("email", "password", "token")}},
        "callback_id": "link",
    }
    url = f"https://hooks.slack.com/actions/T1/2/{MARK}"
    request = Request(cast(Services, None), ELENA, {"view": view, "response_url": url}, response_url=url)
    return [
        token,
        Link(ELENA, token, "Elena", "elena@lab.example"),
        settings(folder),
        Vault([Vault.new_key()]),
        request,
        LinkFields("", MARK, MARK),
        Form(12, "", origin=Origin(url=url)),
        ByResponse(cast(Slack, None), url),
        Gate(MARK, cast(Any, None), lambda: NOW),
    ]


def test_what_holds_a_secret_does_not_show_it(tmp_path: Path) -> None:
    for held in holders(tmp_path):
        shown = f"{held!r} {held!s} {held} {[held]} {traceback.format_exception(ValueError(held))}"

        assert MARK not in shown, type(held)


def test_nor_does_a_traceback_with_all_that_was_at_hand(tmp_path: Path) -> None:
    sealed = Vault([Vault.new_key()]).seal(ELENA, MARK)

    def act(held: object) -> None:
        Vault([Vault.new_key()]).open(ELENA, sealed)

    for held in holders(tmp_path):
        try:
            act(held)
        except errors.TokenUnreadable as error:
            told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

        assert "held = " in told
        assert MARK not in told


@pytest.mark.parametrize("text", [f"a.{MARK}.c", f"{MARK}", f"eyJ.{MARK}", "a.b.c"])
def test_a_malformed_token_is_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="not an EcoTaxa token") as caught:
        Token.read(text)

    assert MARK not in "".join(traceback.format_exception(caught.value))


def test_an_error_tells_its_hint_and_its_detail_and_nothing_else() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    kinds = [kind for kind in kinds if issubclass(kind, errors.BotError)]

    for kind in kinds:
        known = kind(1.0, detail="why") if kind is errors.SlackBusy else kind("hint", detail="why")
        assert str(known) == "why"
        assert vars(known).keys() <= {"hint", "detail", "retry_after"}


async def test_an_error_of_the_database_tells_no_values(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}", Vault([Vault.new_key()]))
    try:
        await store.migrate()
        with pytest.raises(IntegrityError) as caught:
            await store.save_handover(Handover("h", ELENA, 1, "taxon", MARK, ELENA, "", "", NOW))
    finally:
        await store.close()

    assert MARK not in "".join(traceback.format_exception(caught.value))

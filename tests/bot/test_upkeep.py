"""Rotating keys, backing up and restoring, as one types it."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.links import Link, Person, Token
from bot.sandbox.demo import environment
from bot.store import Store
from bot.vault import Vault
from tests.conftest import empty

Typed = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.usefixtures("nothing_set", "logging_as_before")

OLD, NEW = Vault.new_key(), Vault.new_key()


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Settings that are whole; nobody is asked at the addresses they name."""
    return environment("http://127.0.0.1:9", tmp_path) | {"TOKEN_KEYS": OLD}


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    tmp_path: Path,
) -> Typed:
    """Type a command, with other settings if need be: its exit code and what it printed on both streams."""

    def type_words(*words: str, **other: str) -> tuple[int, str, str]:
        for name, value in {**settings, **other}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main(words)
        return code, *capsys.readouterr()

    return type_words


def people(settings: Mapping[str, str], many: int) -> None:
    """Link so many people, with the keys of the settings."""

    async def link() -> None:
        store = Store.open(settings["DATABASE_URL"], Vault([OLD]))
        await store.migrate()
        now = datetime.now(UTC)
        for number in range(many):
            token = Token(f"secret {number}", number, now)
            await store.save_link(Link(Person(None, "T1", f"U{number}"), token, "", ""), now)
        await store.close()

    asyncio.run(link())


def test_keys_are_rotated_and_the_old_one_may_go(typed: Typed, settings: dict[str, str]) -> None:
    people(settings, 3)

    code, said, complained = typed("rotate-keys", TOKEN_KEYS=f"{NEW},{OLD}")

    assert (code, complained) == (0, "")
    assert said == (
        "Sealed anew with the first of TOKEN_KEYS: 3, sealed with it already: 0, opened by no key: 0. "
        "Once every bot was started with that key first, the others may be removed.\n"
    )
    code, said, _ = typed("rotate-keys", TOKEN_KEYS=NEW)
    assert code == 0
    assert ": 0, sealed with it already: 3, opened by no key: 0." in said


def test_a_lost_key_is_told_by_every_command(typed: Typed, settings: dict[str, str], tmp_path: Path) -> None:
    people(settings, 3)
    typed("backup", "backup.sqlite3")

    code, said, _ = typed("rotate-keys", TOKEN_KEYS=NEW)
    assert code == 0
    assert "opened by no key: 3 (put their key back, or these people are asked to link again)" in said
    code, said, _ = typed("check", TOKEN_KEYS=NEW)
    assert code == 1
    assert "\nFAIL database: stored tokens: 3, opened by no key of TOKEN_KEYS: 3 (put their key" in said
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.sqlite3"
    code, said, _ = typed("restore", "backup.sqlite3", TOKEN_KEYS=NEW, DATABASE_URL=elsewhere)
    assert code == 0
    assert "; stored tokens: 3, opened by no key of TOKEN_KEYS: 3 (put" in said
    assert typed("check")[1].endswith(
        "\nok   database: can be written; stored tokens: 3, all can be opened\n"
    )


def test_a_lab_moves_to_postgresql(
    typed: Typed, settings: dict[str, str], postgres: str, tmp_path: Path
) -> None:
    people(settings, 3)
    asyncio.run(empty(postgres))

    code, said, complained = typed("backup", "backup.sqlite3")
    assert (code, complained) == (0, "")
    # Each has an account, and a reminder that the sign-in will end.
    assert said.startswith("backup.sqlite3 holds the whole database (links: 3, rows in all: 9, revision: ")
    assert said.count("\n") == 1
    code, said, complained = typed("restore", "backup.sqlite3", DATABASE_URL=postgres)
    assert (code, complained) == (0, "")
    assert said == (
        "The database holds what backup.sqlite3 held (links: 3, rows in all: 9); "
        "stored tokens: 3, all can be opened.\n"
    )
    code, said, complained = typed("restore", "backup.sqlite3", DATABASE_URL=postgres)
    assert (code, said) == (1, "")
    assert complained.startswith(
        "the database is not empty (it has accounts, notices, links): restore into a new one"
    )
    assert complained.count("\n") == 1


def test_each_refusal_is_one_line(typed: Typed, settings: dict[str, str], tmp_path: Path) -> None:
    people(settings, 1)
    (tmp_path / "there.sqlite3").touch()

    for words, why in (
        (("backup", "there.sqlite3"), "there.sqlite3 is there already, and is not overwritten"),
        (("restore", "there.sqlite3"), "there.sqlite3 holds nothing of ecotaxa-bot's"),
        (("restore", "missing.sqlite3"), "missing.sqlite3 cannot be read as a backup"),
    ):
        code, said, complained = typed(*words)
        assert (code, said) == (1, "")
        assert complained.startswith(why)
        assert complained.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["check"], ["rotate-keys"], ["backup", "new"], ["restore", "old"], ["run"]]
)
def test_a_newer_releases_database_is_refused_by_every_command(
    typed: Typed, settings: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    people(settings, 1)
    typed("backup", "old")
    with closing(sqlite3.connect(tmp_path / "demo.sqlite3")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    code, said, complained = typed(*words)

    assert code == 1
    line = next(line for line in (said + complained).splitlines() if "revision" in line)
    assert line.removeprefix("FAIL database: ") == (
        "the database was made by a newer ecotaxa-bot (revision 9999): use that release, or another database"
    )
    assert words == ["check"] or (said, complained.count("\n")) == ("", 1)


def test_settings_that_are_missing_are_named(typed: Typed) -> None:
    code, said, complained = typed("backup", "new", TOKEN_KEYS="")

    assert (code, said) == (2, "")
    assert complained.startswith("TOKEN_KEYS is missing")

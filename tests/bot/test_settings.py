"""Settings: read, checked, and what is wrong named in one line each."""

import re
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
KEY, OTHER_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
GOOD = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret", "TOKEN_KEYS": KEY}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in {**GOOD, **values}.items():
        monkeypatch.setenv(name, value)
    return Settings.read(None)


def test_three_settings_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)

    assert settings.ecotaxa_api_url == "https://ecotaxa.obs-vlfr.fr/api"
    assert settings.slack_api_url == "https://slack.com/api"
    assert settings.database_url.startswith("sqlite:///")
    assert settings.health_port is None
    assert "1-secret" not in repr(settings)
    assert KEY not in repr(settings)


def test_several_keys_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, TOKEN_KEYS=f" {KEY} ,{OTHER_KEY},")

    assert [key.get_secret_value() for key in settings.token_keys] == [KEY, OTHER_KEY]


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ({}, "socket"),
        ({"SLACK_SIGNING_SECRET": "abc"}, "socket"),
        ({"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "abc"}, "http"),
        ({"SLACK_MODE": "http", "SLACK_SIGNING_SECRET": "abc"}, "http"),
        ({"SLACK_MODE": "socket", "SLACK_SIGNING_SECRET": "abc"}, "socket"),
    ],
)
def test_slack_is_heard_through_a_socket_unless_told_or_only_http_can_be_meant(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], mode: str
) -> None:
    assert read(monkeypatch, **given).slack_mode == mode


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"SLACK_MODE": "socket", "SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN is missing: Slack app page"),
        (
            {"SLACK_MODE": "socket", "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "abc"},
            "SLACK_APP_TOKEN is missing: Slack app page",
        ),
        ({"SLACK_MODE": "http"}, "SLACK_SIGNING_SECRET is missing: Slack app page"),
        ({"SLACK_MODE": "pigeon"}, "SLACK_MODE Input should be 'socket' or 'http'"),
    ],
)
def test_what_a_mode_needs_is_named_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], line: str
) -> None:
    with pytest.raises(SettingsError) as told:
        read(monkeypatch, **given)

    assert str(told.value).startswith(line)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "url", ["https://bot.lab.example/", "https://lab.example/bot", "http://127.0.0.1:80"]
)
def test_a_public_address_is_one_that_passwords_may_go_to(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert read(monkeypatch, PUBLIC_URL=url).public_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://bot.lab.example",
        "bot.lab.example",
        "https://",
        "https://a/?b",
        "https://u:p@a",
        "http://127.0.0.1.a",
    ],
)
def test_no_other_public_address_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL must be an address like"):
        read(monkeypatch, PUBLIC_URL=url)


MANY = {
    "SLACK_BOT_TOKEN": "",
    "SLACK_APP_TOKEN": "",
    "SLACK_SIGNING_SECRET": "abc",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "abc-secret",
    "PUBLIC_URL": "https://bot.lab.example/ecotaxa",
}


def test_for_many_workspaces_the_app_takes_the_place_of_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, **MANY)

    assert settings.slack_bot_token is None
    assert str(settings.public_url) == "https://bot.lab.example/ecotaxa"
    assert "abc-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN must be left out where SLACK_CLIENT_ID is set"),
        ({"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_SECRET is missing: Slack app page"),
        ({"SLACK_CLIENT_ID": ""}, "SLACK_CLIENT_SECRET and SLACK_CLIENT_ID go together"),
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_APP_TOKEN is missing: Slack app page"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is missing: the address"),
        ({"PUBLIC_URL": "http://bot.lab.example"}, "PUBLIC_URL must be an address like https://"),
        ({"PUBLIC_URL": "https://bot.lab.example/?a=1"}, "PUBLIC_URL must be an address like https://"),
        ({"PUBLIC_URL": "bot"}, "PUBLIC_URL must be an address like https://"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_many_workspaces_lack_has_its_line(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], line: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read(monkeypatch, **MANY | wrong)

    assert line in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN is missing: Slack app page"),
        ("SLACK_BOT_TOKEN", "xoxp-1", "SLACK_BOT_TOKEN must start with xoxb-: Slack app page"),
        ("SLACK_APP_TOKEN", "", "SLACK_APP_TOKEN is missing: Slack app page"),
        ("SLACK_APP_TOKEN", "xoxb-1", "SLACK_APP_TOKEN must start with xapp-: Slack app page"),
        ("TOKEN_KEYS", "", "TOKEN_KEYS is missing: run `ecotaxa-bot new-key`"),
        ("TOKEN_KEYS", ",", "TOKEN_KEYS is empty: run `ecotaxa-bot new-key`"),
        ("TOKEN_KEYS", "hunter2", "TOKEN_KEYS holds something that is not a Fernet key: run"),
        ("ECOTAXA_API_URL", "ecotaxa", "ECOTAXA_API_URL must be an address like https://"),
        ("CA_FILE", "/nowhere/ca.pem", "CA_FILE must be a file with certificates in PEM that can be read"),
        ("CA_FILE", __file__, "CA_FILE must be a file with certificates in PEM that can be read"),
        ("ECOTAXA_TIMEZONE", "Europe/Atlantis", "ECOTAXA_TIMEZONE must be a time zone like"),
        (
            "DATABASE_URL",
            "mysql://host/name",
            "DATABASE_URL must name an SQLite or a PostgreSQL database: like",
        ),
        ("POLL_ACTIVE_SECONDS", "0", "POLL_ACTIVE_SECONDS Input should be greater"),
        ("POLL_IDLE_SECONDS", "often", "POLL_IDLE_SECONDS Input should be a valid number"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL Input should be 'DEBUG'"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    with pytest.raises(SettingsError) as told:
        read(monkeypatch, **{name: value})

    assert str(told.value).startswith(line)
    assert "\n" not in str(told.value)
    assert not value or "hunter2" not in str(told.value)


def test_every_wrong_setting_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as told:
        read(monkeypatch, SLACK_BOT_TOKEN="", TOKEN_KEYS="x", LOG_LEVEL="x")

    assert [line.split()[0] for line in str(told.value).splitlines()] == [
        "SLACK_BOT_TOKEN", "TOKEN_KEYS", "LOG_LEVEL",
    ]  # fmt: skip


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("\n".join(f"{name}={value}" for name, value in GOOD.items()) + "\nOTHER=ignored\n")

    token = Settings.read(file).slack_bot_token
    assert token is not None
    assert token.get_secret_value() == "xoxb-1-secret"


def test_env_example_names_every_setting_and_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / ".env.example").read_text()
    named = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    settings = read(monkeypatch)

    assert named.keys() == {name.upper() for name in Settings.model_fields}
    for name, value in named.items():
        if value and not value.endswith("-"):
            assert str(getattr(settings, name.lower())).removesuffix(".0") == value, name

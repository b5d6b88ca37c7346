"""Everything that can be set, read from the environment and `.env`, checked at start."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.links import Token
from bot.tls import trusting

WHERE = {
    "SLACK_BOT_TOKEN": "Slack app page → OAuth & Permissions → Bot User OAuth Token (xoxb-…)",
    "SLACK_APP_TOKEN": "Slack app page → Basic Information → App-Level Tokens → connections:write (xapp-…)",
    "SLACK_CLIENT_ID": "Slack app page → Basic Information → App Credentials → Client ID",
    "SLACK_CLIENT_SECRET": "Slack app page → Basic Information → App Credentials → Client Secret",
    "PUBLIC_URL": "the address under which Slack and browsers reach the bot, like https://bot.lab.example",
    "SLACK_SIGNING_SECRET": "Slack app page → Basic Information → Signing Secret",
    "TOKEN_KEYS": "run `ecotaxa-bot new-key` and paste what it prints",
    "ECOTAXA_ADMIN_TOKEN": "run `ecotaxa-bot token` as an administrator of EcoTaxa and paste what it prints",
    "DATABASE_URL": "like sqlite:///ecotaxa-bot.sqlite3 or postgresql://user:password@host/name",
}
"""Where to get a setting's value, for the line that says it is missing or malformed."""


class SettingsError(Exception):
    """A setting is missing or malformed; its text is one line a setting, ready to print."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("must be an address like https://example.org/api")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("must be a time zone like UTC or Europe/Paris") from None
    return value


def _authorities(value: Path) -> Path:
    try:
        trusting(value)
    except OSError:
        raise ValueError("must be a file with certificates in PEM that can be read") from None
    return value


_HERE = ("127.0.0.1", "::1", "localhost")


def _public_address(value: str) -> str:
    parts = urlsplit(value)
    # A password is typed there; what is on this machine alone passes no wire.
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not is_safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address like https://bot.lab.example")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]

Mode = Literal["socket", "http"]
"""How Slack reaches the bot: through a connection that the bot opens, or at an address of the bot's own."""


PUBLIC_ECOTAXA = "https://ecotaxa.obs-vlfr.fr"


class EcoTaxaAddress(BaseSettings):
    """Where EcoTaxa is, and whom to believe that it is it: all that some commands need to know."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True, frozen=True
    )

    ecotaxa_api_url: WebAddress = Field(
        f"{PUBLIC_ECOTAXA}/api", description="The API of your EcoTaxa instance"
    )
    ca_file: Annotated[Path, AfterValidator(_authorities)] | None = Field(
        None, description="Certificates (PEM) of an authority of your own, believed beside the system's"
    )
    ecotaxa_web_url: WebAddress = Field(PUBLIC_ECOTAXA, description="Its web pages, for links in messages")

    @classmethod
    def read(cls, env_file: Path | None = Path(".env")) -> Self:
        """Read the settings from the environment and `env_file`.

        Raises SettingsError with one line for each that is missing or malformed; values never show.
        """
        try:
            return cls(_env_file=env_file)  # type: ignore[call-arg]  # a mypy without its plugin does not see it
        except ValidationError as errors:
            raise SettingsError("\n".join(_line(error) for error in errors.errors())) from None


class Settings(EcoTaxaAddress):
    """The bot's settings; each field's description is its line in `.env.example`."""

    slack_client_id: str | None = Field(
        None, description="For many workspaces: the app's client id, with which people install it themselves"
    )
    slack_client_secret: SecretStr | None = Field(
        None,
        description="For many workspaces: what proves to Slack that the bot is the app",
        validate_default=True,
    )
    slack_bot_token: SecretStr | None = Field(
        None,
        description="The bot's own token, xoxb-…; none where it is installed in many workspaces",
        validate_default=True,
    )
    slack_app_token: SecretStr | None = Field(
        None, description="For Socket Mode: the app-level token, xapp-…"
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="For HTTP: how the bot knows that a request comes from Slack"
    )
    slack_mode: Mode = Field(
        "socket",
        description="How Slack reaches the bot: socket (the bot calls Slack) or http (Slack calls the bot)",
    )
    public_url: Annotated[str, AfterValidator(_public_address)] | None = Field(
        None,
        description="Where browsers reach the bot: to link accounts over HTTP, and to install it",
        validate_default=True,
    )
    slack_api_url: WebAddress = Field("https://slack.com/api", description="Slack's Web API")
    ecotaxa_timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="Time zone of the dates that your EcoTaxa's API tells"
    )
    ecotaxa_admin_token: SecretStr | None = Field(
        None,
        description="An EcoTaxa administrator's token: everybody's jobs in a few requests, for large labs",
    )
    database_url: str = Field(
        # Without its value where settings are shown: it may hold a password.
        "sqlite:///ecotaxa-bot.sqlite3",
        description="Where links and owed messages are kept",
        repr=False,
    )
    token_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        description="Comma-separated Fernet keys that seal EcoTaxa tokens; the first seals, all open"
    )
    poll_active_seconds: float = Field(
        5, ge=0.2, le=600, description="Seconds between two looks while a job is pending or running"
    )
    poll_idle_seconds: float = Field(
        30, ge=0.2, le=3600, description="Seconds between two looks while nothing moves"
    )
    file_relay_max_bytes: int = Field(
        1_000_000_000, ge=0, le=1_000_000_000, description="The largest file, in bytes, brought into Slack"
    )
    keep_days: int = Field(
        30, ge=7, le=3650, description="Days that what was told and chosen for jobs is kept"
    )
    keep_audit_days: int = Field(365, ge=1, le=3650, description="Days that it is kept who did what")
    http_port: int = Field(3000, ge=0, le=65535, description="For HTTP: the port to listen on")
    health_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Where `/livez`, `/readyz` and `/metrics` are served; without it they are not",
    )
    health_host: str = Field("127.0.0.1", description="For these: the address of this machine to listen on")
    otel_exporter_otlp_endpoint: WebAddress | None = Field(
        None,
        description="An OpenTelemetry collector that gets traces by OTLP over HTTP; without it none are made",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much to log")

    @model_validator(mode="before")
    @classmethod
    def _choose_mode(cls, given: dict[str, Any]) -> dict[str, Any]:
        # Where only what HTTP needs is given: so it was chosen before there was a setting for it.
        is_http = not given.get("slack_app_token") and given.get("slack_signing_secret")
        return {"slack_mode": "http"} | given if is_http else given

    @field_validator("token_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        keys = [key.strip() for key in value.split(",") if key.strip()]
        if not keys:
            raise ValueError("is empty")
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                raise ValueError("holds something that is not a Fernet key") from None
        return keys

    @field_validator("slack_client_secret")
    @classmethod
    def _goes_with_the_id(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (value is None) != (info.data.get("slack_client_id") is None):
            raise ValueError("and SLACK_CLIENT_ID go together" if value else "is missing")
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        is_installed_by_others = info.data.get("slack_client_id") is not None
        if value is None and not is_installed_by_others:
            raise ValueError("is missing")
        if value is not None and is_installed_by_others:
            raise ValueError("must be left out where SLACK_CLIENT_ID is set")
        return value and _starting(value, "xoxb-")

    @field_validator("public_url")
    @classmethod
    def _is_public(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("slack_client_id") is not None:
            raise ValueError("is missing")
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return value and _starting(value, "xapp-")

    @field_validator("ecotaxa_admin_token")
    @classmethod
    def _is_ecotaxa_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                Token.read(value.get_secret_value())
            except ValueError as error:
                raise ValueError(f"is {error}") from None
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        if not value.startswith(("sqlite://", "sqlite+aiosqlite://", "postgres://", "postgresql")):
            raise ValueError("must name an SQLite or a PostgreSQL database")
        return value

    @model_validator(mode="after")
    def _has_a_way_in(self) -> "Settings":
        if self.slack_mode == "socket" and self.slack_app_token is None:
            raise ValueError("SLACK_APP_TOKEN is missing")
        if self.slack_mode == "http" and self.slack_signing_secret is None:
            raise ValueError("SLACK_SIGNING_SECRET is missing")
        return self


def _starting(value: SecretStr, prefix: str) -> SecretStr:
    if not value.get_secret_value().startswith(prefix):
        raise ValueError(f"must start with {prefix}")
    return value


def _line(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    name = str(error["loc"][0]).upper() if error["loc"] else message.split()[0]
    what = "is missing" if error["type"] == "missing" or not error["loc"] else message
    where = f": {WHERE[name]}" if name in WHERE else ""
    return f"{name} {what}{where}"

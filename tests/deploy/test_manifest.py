"""The manifests that create the Slack app."""

from typing import get_args

import pytest
import yaml

from bot.cli import main
from bot.commands import TABLE
from bot.manifest import manifest
from bot.settings import Mode
from tests.deploy.reading import DEPLOY

PAGES = "https://ecotaxa.obs-vlfr.fr"
PUBLIC = "https://bot.lab.example"


@pytest.mark.parametrize(("name", "url"), [("manifest.yaml", None), ("manifest.http.yaml", PUBLIC)])
def test_the_ones_to_paste_are_what_the_command_prints(name: str, url: str | None) -> None:
    assert (DEPLOY / "slack" / name).read_text() == manifest(PAGES, url)


def test_through_a_socket_slack_is_told_no_address() -> None:
    told = yaml.safe_load(manifest(PAGES))

    assert told["settings"]["socket_mode_enabled"] is True
    assert "url" not in told["features"]["slash_commands"][0]
    assert told["settings"]["interactivity"] == {"is_enabled": True}
    assert "request_url" not in told["settings"]["event_subscriptions"]


@pytest.mark.parametrize("url", [PUBLIC, f"{PUBLIC}/"])
def test_over_http_everything_goes_to_the_one_door(url: str) -> None:
    told = yaml.safe_load(manifest(PAGES, url))
    door = f"{PUBLIC}/slack/events"

    assert told["settings"]["socket_mode_enabled"] is False
    assert told["features"]["slash_commands"][0]["url"] == door
    assert told["settings"]["event_subscriptions"]["request_url"] == door
    # Selects that search as one types have an address of their own in Slack.
    assert told["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": door,
        "message_menu_options_url": door,
    }


def test_the_command_knows_the_modes_that_the_setting_has(capsys: pytest.CaptureFixture[str]) -> None:
    urls = {"socket": [], "http": ["--url", PUBLIC]}
    assert urls.keys() == set(get_args(Mode))

    for mode, url in urls.items():
        assert main(["manifest", "--mode", mode, *url]) == 0
        assert yaml.safe_load(capsys.readouterr().out)["settings"]["socket_mode_enabled"] is (
            mode == "socket"
        )


def test_over_http_slack_sends_who_installed_the_bot_back_to_it() -> None:
    assert yaml.safe_load(manifest(PAGES, PUBLIC))["oauth_config"]["redirect_urls"] == [
        f"{PUBLIC}/slack/oauth_redirect"
    ]
    assert "redirect_urls" not in yaml.safe_load(manifest(PAGES))["oauth_config"]


def test_both_ask_for_the_same_rights() -> None:
    socket, http = yaml.safe_load(manifest(PAGES)), yaml.safe_load(manifest(PAGES, PUBLIC))

    assert socket["oauth_config"]["scopes"] == http["oauth_config"]["scopes"]
    assert (
        socket["settings"]["event_subscriptions"]["bot_events"]
        == (http["settings"]["event_subscriptions"]["bot_events"])
    )


def test_the_hint_names_every_word() -> None:
    command = yaml.safe_load(manifest(PAGES))["features"]["slash_commands"][0]

    words = {part.split()[0] for part in command["usage_hint"].split(" | ")}
    assert words == {entry.word.value for entry in TABLE}
    assert len(command["usage_hint"]) <= 1000


def test_links_of_the_labs_own_ecotaxa_unfurl() -> None:
    told = yaml.safe_load(manifest("https://plankton.example:8443/gui"))

    assert told["features"]["unfurl_domains"] == ["plankton.example"]


@pytest.mark.parametrize(
    "url",
    ["http://bot.lab.example", "bot.lab.example", "https://", "", "https://bot.example/?a=1", "ftp://a/b"],
)
def test_an_address_that_slack_cannot_send_to_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"https://bot\.lab\.example"):
        manifest(PAGES, url)

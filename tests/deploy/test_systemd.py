"""The systemd unit."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from bot.cli import main
from tests.deploy.reading import DEPLOY, ROOT

UNIT = DEPLOY / "systemd/ecotaxa-bot.service"


def directives() -> dict[str, list[str]]:
    """What is set, by its name; systemd allows a name several times."""
    told: dict[str, list[str]] = defaultdict(list)
    for name, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE):
        told[name].append(value)
    return told


def test_what_it_starts_is_where_the_readme_installs_it() -> None:
    (command,) = directives()["ExecStart"]

    assert command.endswith("/.venv/bin/ecotaxa-bot run")
    assert ".venv/bin/ecotaxa-bot run" in (ROOT / "README.md").read_text()


def test_a_wrong_setting_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLL_IDLE_SECONDS", "often")

    assert str(main(["run"])) in directives()["RestartPreventExitStatus"]
    assert directives()["Restart"] == ["on-failure"]
    assert "POLL_IDLE_SECONDS" in capsys.readouterr().err


def test_it_may_do_little() -> None:
    told = directives()

    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "DynamicUser"):
        assert told[name] == ["yes"], name
    assert told["ProtectSystem"] == ["strict"]
    assert told["CapabilityBoundingSet"] == [""]
    assert told["LimitCORE"] == ["0"]
    assert int(told["TimeoutStopSec"][0]) > 5, "longer than the bot takes to finish what is under way"

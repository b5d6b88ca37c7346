"""The stand-ins' own documentation names all that can be ordered."""

from dataclasses import fields
from pathlib import Path

import pytest

from bot.sandbox.ecotaxa.faults import Fault
from bot.sandbox.slack.circumstances import Circumstances
from bot.sandbox.slack.control import COMMANDS
from bot.sandbox.slack.faults import MODES, Faults

README = (Path(__file__).parents[2] / "bot" / "sandbox" / "README.md").read_text()


@pytest.mark.parametrize(
    "name",
    [
        *COMMANDS,
        *MODES,
        *(field.name for kind in (Circumstances, Faults, Fault) for field in fields(kind)),
    ],
)
def test_the_readme_names_it(name: str) -> None:
    assert any(name in cell.replace("`", " ").replace(",", " ").split() for cell in README.splitlines())

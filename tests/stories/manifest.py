"""The manifest that creates the Slack app."""

import re
from pathlib import Path

MANIFEST = Path(__file__).parents[2] / "deploy/slack/manifest.yaml"


def scopes() -> list[str]:
    """The scopes that a workspace grants when the app was created from the manifest."""
    block = MANIFEST.read_text().partition("    bot:\n")[2].partition("\nsettings:")[0]
    return re.findall(r"^ +- (\S+)", block, re.MULTILINE)

"""What the files in deploy/ say, as data."""

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml
from packaging.version import Version

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm/ecotaxa-bot"
SETTINGS = {name.upper() for name in Settings.model_fields}
NOT_OURS = {"PATH", "PYTHONDONTWRITEBYTECODE", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR"}
"""Variables of the image that are Python's or the system's."""


def load(path: Path) -> Any:
    """A YAML file; raises yaml.YAMLError when it is none."""
    return yaml.safe_load(path.read_text())


def fallback() -> str:
    """The version of a tree without a tag."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return str(project["tool"]["hatch"]["version"]["fallback-version"])


def release() -> str:
    """The release that this tree leads to."""
    return Version(fallback()).base_version


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with their arguments, continued lines joined."""
    joined = re.sub(r"\\\n", " ", dockerfile.read_text())
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in lines]

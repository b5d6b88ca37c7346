"""What must exist for each thing that exists: every X has a Y."""

import json
import re
from pathlib import Path

import handlers
from bot.commands import TABLE
from bot.ids import Action
from bot.settings import Settings
from tests.bench.figures import Figure
from tests.e2e.screenshots import LARGEST, PICTURES
from tests.stories.manifest import MANIFEST, scopes

ROOT = Path(__file__).parents[1]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_button_does_something() -> None:
    assert handlers.ACTIONS.keys() == set(Action)


def test_the_readme_names_every_setting() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", read("README.md"), re.MULTILINE))

    assert named == {name.upper() for name in Settings.model_fields}


def test_the_readme_and_the_manifest_name_every_command() -> None:
    hint = re.search(r'usage_hint: "(.*)"', MANIFEST.read_text())
    assert hint is not None

    for entry in TABLE:
        assert f"`{entry.usage}`" in read("README.md"), entry.usage
        assert entry.usage.removeprefix("/ecotaxa ") in hint[1].split(" | "), entry.usage


def test_every_scope_of_the_manifest_is_explained() -> None:
    lines = [line for line in MANIFEST.read_text().splitlines() if any(f"- {s} " in line for s in scopes())]

    assert len(lines) == len(scopes())
    assert all("#" in line for line in lines)


def test_every_picture_of_the_readme_is_small_and_described() -> None:
    shown = {ROOT / name: words for words, name in re.findall(r"!\[(.*?)\]\((\S+?)\)", read("README.md"))}

    assert shown.keys() == set(PICTURES.iterdir())
    assert "<img" not in read("README.md")
    for picture, words in shown.items():
        assert words.strip(), picture.name
        assert picture.stat().st_size <= LARGEST[picture.suffix], picture.name


def test_a_figure_of_a_bench_is_a_line_of_json() -> None:
    lines = [Figure("demo", value, "s", 10.0, {"rounds": 3}).line() for value in (9.9996, 10.001)]

    good, bad = map(json.loads, lines)
    assert good == {"bench": "demo", "value": 10.0, "unit": "s", "bar": 10.0, "holds": True, "rounds": 3}
    assert bad.keys() == good.keys()
    assert bad["holds"] is False
    assert not any("\n" in line for line in lines)


def test_the_locks_name_hashes_and_no_registry() -> None:
    for name in ("run", "traces", "build", "dev"):
        lock = read(f"deploy/requirements/{name}.txt")

        assert "://" not in lock
        assert not re.search(r"^--", lock, re.MULTILINE)
        pins = re.findall(r"^[\w.\[\]-]+==\S+.*$", lock, re.MULTILINE)
        assert pins
        assert all(pin.endswith("\\") for pin in pins), "each is followed by its hashes"


def test_what_a_user_installs_is_what_was_tested() -> None:
    pinned = {
        name: dict(re.findall(r"^([\w.-]+)==(\S+)", read(f"deploy/requirements/{name}.txt"), re.M))
        for name in ("run", "traces", "build", "dev")
    }

    assert {**pinned["traces"], **pinned["build"]}.items() <= pinned["dev"].items()
    assert pinned["run"].items() <= pinned["traces"].items()
    assert not [name for name in pinned["run"] if name.startswith("opentelemetry")]


def test_modules_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("bot", "handlers")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }

    assert long == {}


def test_what_is_said_of_security_names_files_that_are_there() -> None:
    for name in ("SECURITY.md", "deploy/SECURITY.md"):
        folder = (ROOT / name).parent
        named = [ROOT / path for path in re.findall(r"`((?:bot|handlers|tests|deploy)/[\w./]+)`", read(name))]
        linked = [folder / path for path in re.findall(r"\]\(([\w./]+)\)", read(name))]

        assert linked
        assert [str(path) for path in (*named, *linked) if not path.exists()] == []

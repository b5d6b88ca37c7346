"""The wheel: pip alone installs it where nothing of this repository is, and there it runs.

Its dependencies are those of these tests, lent by path: what is declared is compared with what is imported.
It takes about half a minute, most of it pip's.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.sandbox.demo import environment, free_port
from bot.sandbox.driver import SandboxDriver
from tests.deploy.reading import ROOT, fallback
from tests.processes import running, sandbox
from tests.stories.conftest import link

BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "bot", "handlers")
"""What the image is built from too."""
NOTHING_OF_GIT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def build(tree: Path, into: Path, **variables: str) -> Path:
    """The wheel of a tree, built as the image builds it."""
    words = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(into)]
    pip(sys.executable, *words, str(tree), variables=variables)
    (wheel,) = into.glob("*.whl")
    return wheel


def pip(python: str, *words: str, variables: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", *words],
        env={**NOTHING_OF_GIT, **(variables or {})},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is built from, and no git."""
    tree = tmp_path_factory.mktemp("tree")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tree / name)
    return tree


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tree, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are of an environment in which pip installed the wheel, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip(str(folder / "bin" / "python"), "install", "--no-deps", "--no-index", "--quiet", str(wheel))
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as file:
        (name,) = [it for it in file.namelist() if it.endswith(".dist-info/METADATA")]
        return Parser().parsestr(file.read(name).decode())


def imported(tree: Path) -> dict[str, set[str]]:
    """The packages of others that are imported, each with the modules that do so."""
    found: dict[str, set[str]] = {}
    for path in (*tree.glob("bot/**/*.py"), *tree.glob("handlers/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in {name.partition(".")[0] for name in names}:
                found.setdefault(name, set()).add(str(path.relative_to(tree)))
    return {name: by for name, by in found.items() if name not in {*sys.stdlib_module_names, *BUILT_FROM}}


def test_whatever_is_imported_is_declared(wheel: Path, tree: Path) -> None:
    needs = [Requirement(text) for text in metadata(wheel).get_all("Requires-Dist", [])]
    always = {canonicalize_name(need.name) for need in needs if need.marker is None}
    extra = {canonicalize_name(need.name) for need in needs if need.marker} - always
    of = packages_distributions()

    assert len(always) > 15
    for name, by in imported(tree).items():
        declared = extra if by == {"bot/traces.py"} and name == "opentelemetry" else always
        assert {canonicalize_name(it) for it in of[name]} & declared, f"{name}, imported by {by}"


def test_it_holds_every_file_of_its_packages_and_no_more(wheel: Path, tree: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        held = {name for name in file.namelist() if ".dist-info/" not in name}

    files = [path for name in ("bot", "handlers") for path in (tree / name).rglob("*") if path.is_file()]
    assert held == {str(path.relative_to(tree)) for path in files}
    assert {"bot/manifest.yaml", "bot/languages/fr.po", "bot/sandbox/page/index.html"} < held


def test_its_version_is_the_tags_or_that_of_the_release_to_come(
    wheel: Path, tree: Path, tmp_path: Path
) -> None:
    assert metadata(wheel)["Version"] == fallback()

    tagged = tmp_path / "tagged"
    shutil.copytree(tree, tagged)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@lab.example", "-C", str(tagged)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", "v7.8.9"]):
        subprocess.run([*git, *words], check=True, env=NOTHING_OF_GIT)
    assert metadata(build(tagged, tmp_path / "of a tag"))["Version"] == "7.8.9"

    told = {"SETUPTOOLS_SCM_PRETEND_VERSION": "9.8.7"}
    assert metadata(build(tree, tmp_path / "of an image", **told))["Version"] == "9.8.7"


def test_its_command_tells_the_version_and_prints_what_it_holds(
    bin_folder: Path, wheel: Path, tmp_path: Path
) -> None:
    def printed(*words: str) -> str:
        command = [str(bin_folder / "ecotaxa-bot"), *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert printed("--version") == f"ecotaxa-bot {metadata(wheel)['Version']}\n"
    assert "slash_commands:" in printed("manifest")


async def test_its_demo_serves_the_page_and_its_bot_connects(bin_folder: Path, tmp_path: Path) -> None:
    python = str(bin_folder / "python")
    port = str(free_port())
    async with running("bot", "demo", "--port", port, folder=tmp_path, python=python) as demo:
        url = (await demo.until_printed("http://127.0.0.1")).split()[-1]
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            page = await client.get("/")
            scripts = re.findall(r'src="(.+?\.js)"', page.text)
            loaded = [(await client.get(f"/{name.lstrip('/')}")).status_code for name in scripts]
        async with SandboxDriver(url) as driver:
            amelie = driver.person("amelie")
            await amelie.say("/ecotaxa whoami")
            await amelie.wait_for_message("Vous êtes")
        demo.process.terminate()
        assert await demo.ended(60) == 0
    assert scripts
    assert {page.status_code, *loaded} == {200}
    assert "Traceback" not in demo.output


async def test_it_runs(bin_folder: Path, wheel: Path, tmp_path: Path) -> None:
    python = str(bin_folder / "python")
    port = str(free_port())
    async with sandbox(tmp_path, 25) as url:
        settings = environment(url, tmp_path) | {"LOG_LEVEL": "INFO", "HEALTH_PORT": port}
        async with running("bot", "run", folder=tmp_path, settings=settings, python=python) as bot:
            await bot.until_printed('"event": "ready"')
            async with SandboxDriver(url) as driver, httpx.AsyncClient(trust_env=False) as client:
                await link(driver.person("elena"))
                told = (await client.get(f"http://127.0.0.1:{port}/readyz")).json()
            bot.process.terminate()
            assert await bot.ended(20) == 0
    assert (told["ready"], told["version"]) == (True, metadata(wheel)["Version"])

"""The image and the compose file, held to rules that nobody should have to remember."""

import json
import re

from bot.settings import Settings
from tests.deploy.reading import DEPLOY, NOT_OURS, ROOT, SETTINGS, instructions, load

STEPS = instructions(DEPLOY / "Dockerfile")
COMPOSE = load(DEPLOY / "compose.yaml")


def of(kind: str) -> list[str]:
    return [argument for name, argument in STEPS if name == kind]


def test_the_images_it_stands_on_are_named_with_their_version() -> None:
    bases = [base.split()[0] for base in of("FROM")]

    assert len(bases) == 2, "what builds is not shipped"
    assert all(re.search(r":\d+\.\d+", base) for base in bases), bases
    assert of("FROM")[0].endswith("AS build")


def test_it_runs_as_nobody_in_particular() -> None:
    last = len(STEPS) - 1 - [name for name, _ in STEPS][::-1].index("USER")

    assert STEPS[last][1].isdecimal(), "Kubernetes can only tell of a number that it is not root"
    assert int(STEPS[last][1]) >= 1000
    assert not any(name in ("RUN", "COPY", "ADD", "USER") for name, _ in STEPS[last + 1 :])


def test_what_is_installed_was_tested() -> None:
    installs = [part for run in of("RUN") for part in run.split("&&") if "pip install" in part]

    assert installs
    for install in installs:
        assert "--no-deps" in install, install
        assert "--require-hashes" in install or "/wheels/" in install, install
    assert "ADD" not in [name for name, _ in STEPS]


def test_what_is_copied_is_there_and_let_in() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    sources = [source for copy in of("COPY") if not copy.startswith("--from") for source in copy.split()[:-1]]

    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(source.rstrip("/").startswith(name) for name in let_in), source


def test_it_starts_in_the_form_that_hands_signals_on_and_is_asked_how_it_is() -> None:
    assert json.loads(of("ENTRYPOINT")[0]) == ["ecotaxa-bot"]
    assert json.loads(of("CMD")[0]) == ["run"]
    (asked,) = of("HEALTHCHECK")
    command = json.loads(asked.partition("CMD")[2])
    assert command[0] == "python"
    compile(command[2], "healthcheck", "exec")


def test_the_variables_of_the_image_are_settings() -> None:
    names = {name for env in of("ENV") for name in re.findall(r"(?:^|\s)([A-Z_]+)=", env)}

    assert names - NOT_OURS <= SETTINGS
    assert str(Settings.model_fields["http_port"].default) in of("EXPOSE")[0].split()


def test_compose_gives_the_bot_no_more_than_it_needs() -> None:
    bot = COMPOSE["services"]["bot"]

    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert bot["environment"].keys() <= SETTINGS
    assert "ports" not in COMPOSE["services"]["postgres"], "nobody outside needs the database"
    assert bot["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert (DEPLOY / bot["build"]["context"] / bot["build"]["dockerfile"]).resolve().exists()


def test_the_port_that_compose_would_open_for_http_is_open_to_this_machine_alone() -> None:
    (opened,) = re.findall(r'# ports: \["(.*?)"\]', (DEPLOY / "compose.yaml").read_text())

    port = Settings.model_fields["http_port"].default
    assert opened == f"127.0.0.1:{port}:{port}"


def test_compose_names_one_database_on_both_sides() -> None:
    bot, postgres = COMPOSE["services"]["bot"], COMPOSE["services"]["postgres"]
    user, name = postgres["environment"]["POSTGRES_USER"], postgres["environment"]["POSTGRES_DB"]

    assert re.fullmatch(
        rf"postgresql://{user}:\$\{{.*\}}@postgres/{name}", bot["environment"]["DATABASE_URL"]
    )
    assert postgres["environment"]["POSTGRES_PASSWORD"] in bot["environment"]["DATABASE_URL"]
    assert re.search(r":\d+", postgres["image"])

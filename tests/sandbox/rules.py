"""The rules of rules.txt and the tests that hold the stand-ins to them, which name them with a marker.

`python -m tests.sandbox.rules` writes the table RULES.md: every rule with its tests.
Only what Slack and EcoTaxa do is a rule here: what an app had better do about it, the app's own tests check.
"""

import contextlib
import io
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LIST, TABLE = HERE / "rules.txt", HERE / "RULES.md"

HEAD = """# What the stand-ins are strict about

Made by `python -m tests.sandbox.rules`; a test fails when it is out of date or when a rule has no test.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that Slack or EcoTaxa does, in our words, and where one can look it up."""

    key: str
    says: str
    source: str


def rules() -> list[Rule]:
    """Every rule of rules.txt, in its order; raises ValueError when two have one key."""
    lines = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    found = [Rule(*line.split(" | ")) for line in lines]
    if len({rule.key for rule in found}) < len(found):
        raise ValueError("two rules have the same key")
    return found


class Collector:
    """Asks pytest which tests name which rules."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note the keys of each test, cases of one test together."""
        for item in items:
            name = str(getattr(item, "originalname", item.name)).removeprefix("test_")
            test = f"{item.path.stem.removeprefix('test_')}: {name.replace('_', ' ')}"
            for marker in item.iter_markers("rule"):
                for key in marker.args:
                    if test not in self.tests[key]:
                        self.tests[key].append(test)


def tests_of_rules() -> dict[str, list[str]]:
    """By the rule's key, the tests that name it; raises RuntimeError when they cannot be collected."""
    collector = Collector()
    arguments = ["--collect-only", "-qq", "-p", "no:xdist", "-p", "no:cacheprovider", str(HERE)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        outcome = pytest.main(arguments, plugins=[collector])
    if outcome != pytest.ExitCode.OK:
        raise RuntimeError(f"the tests cannot be collected: {said.getvalue()}")
    return collector.tests


def table(tests: dict[str, list[str]]) -> str:
    """The whole of RULES.md."""
    lines = [HEAD]
    for title, prefix in (("Slack", "slack."), ("EcoTaxa", "ecotaxa.")):
        of_it = [rule for rule in rules() if rule.key.startswith(prefix)]
        lines += [
            f"## {title}: {len(of_it)} rules",
            "",
            "| rule | where from | held to by |",
            "|---|---|---|",
        ]
        lines += [
            f"| {rule.says} | {rule.source} | {'<br>'.join(tests.get(rule.key, []))} |" for rule in of_it
        ]
        lines.append("")
    return "\n".join(lines)


def complaints(tests: dict[str, list[str]]) -> list[str]:
    """What is wrong with the rules and their tests, one line each."""
    keys = {rule.key for rule in rules()}
    found = [f"no test names the rule {key}" for key in sorted(keys - set(tests))]
    return found + [f"a test names {key}, which is no rule" for key in sorted(set(tests) - keys)]


def main(arguments: list[str]) -> int:
    """Write the table, or with `--check` only tell what is wrong; returns the exit code."""
    tests = tests_of_rules()
    wrong = complaints(tests)
    if "--check" not in arguments:
        TABLE.write_text(table(tests))
    elif not TABLE.exists() or TABLE.read_text() != table(tests):
        wrong.append("RULES.md is out of date: run `python -m tests.sandbox.rules`")
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Every rule has its test, and the table of them is up to date."""

import subprocess
import sys
from pathlib import Path


def test_every_rule_is_tested_and_the_table_says_by_what() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.sandbox.rules", "--check"]
    checked = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr

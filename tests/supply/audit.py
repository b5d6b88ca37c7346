"""`python -m tests.supply.audit`: does what users install have known vulnerabilities?  Asks OSV by pip-audit.

Exits 1 when there are some.  Where nobody could be asked it says so aloud and exits 0: that somebody
else's server is away is no fault of the code.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCKS = Path(__file__).parents[2] / "deploy" / "requirements"
ASK = ("--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json", "--timeout=10")


def audit(locks: Sequence[Path], *, url: str | None = None) -> tuple[bool, list[str]]:
    """Whether nothing is known to be wrong with what these locks pin, and the lines to print.

    `url` is an OSV server to ask in place of the public one.
    """
    words = [sys.executable, "-m", "pip_audit", *ASK, "--vulnerability-service=osv"]
    words += [f"--osv-url={url}"] if url else []
    done = subprocess.run(
        [*words, *(f"--requirement={lock}" for lock in locks)], capture_output=True, text=True, check=False
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return True, [f"pip-audit WAS NOT RUN, nobody looked for known vulnerabilities: {why[:200]}"]
    # What it could not ask about it leaves without an answer, and calls that good.
    answered = [package for package in packages if "vulns" in package]
    found = [
        f"{it['name']} {it['version']} has {flaw['id']}, mended in {', '.join(flaw['fix_versions'] or '?')}"
        for it in answered
        for flaw in it["vulns"]
    ]
    told = f"{len(answered)} of {len(packages)} packages looked up, known vulnerabilities: {len(found)}"
    return not found, [*found, f"pip-audit: {told}"]


if __name__ == "__main__":
    good, lines = audit([LOCKS / "traces.txt", LOCKS / "build.txt"])
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.exit(0 if good else 1)

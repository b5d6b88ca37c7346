"""Hold the EcoTaxa stand-in to a black-box check of a real server: `python -m tests.conformance CHECK`."""

import asyncio
import re
import sys

from bot.sandbox.server import Sandbox

SPEED = 4
PEOPLE = {"user": "elena", "other": "tomas", "admin": "ada"}
CHECKS = 28
"""How many there are to pass: with fewer, some were left out."""


async def main(check: str) -> int:
    """Run the check against a sandbox of its own; returns 0 when all of it passed."""
    sandbox = Sandbox(speed=SPEED)
    await sandbox.start()
    try:
        base = sandbox.url
        factory = (
            f"{sys.executable} -m bot.sandbox.ecotaxa start --base {base}/ecotaxa/api --as elena@lab.example"
        )
        accounts = [
            word for role, name in PEOPLE.items() for word in (f"--{role}", f"{name}@lab.example:plankton")
        ]
        checking = await asyncio.create_subprocess_exec(
            *(sys.executable, check, "--base", f"{base}/ecotaxa/api", *accounts, "--factory", factory),
            stdout=asyncio.subprocess.PIPE,
        )
        passed, failed = await _verdict(checking)
        code = await checking.wait()
    finally:
        await sandbox.stop()
    if failed or passed < CHECKS:
        sys.stderr.write(f"All {CHECKS} checks have to pass: {passed} passed, {failed} failed.\n")
        return 1
    return code


async def _verdict(checking: asyncio.subprocess.Process) -> tuple[int, int]:
    """How many checks passed and failed, by the line that says so; passes on all that is printed."""
    assert checking.stdout is not None
    counts = (0, 0)
    async for line in checking.stdout:
        sys.stdout.write(line.decode())
        sys.stdout.flush()
        if verdict := re.fullmatch(r"(\d+) passed, (\d+) failed\s*", line.decode()):
            counts = (int(verdict[1]), int(verdict[2]))
    return counts


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))

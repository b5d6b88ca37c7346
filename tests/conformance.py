"""Hold the EcoTaxa stand-in to a black-box check of a real server: `python -m tests.conformance CHECK`."""

import asyncio
import sys

from bot.sandbox.server import Sandbox

SPEED = 4
PEOPLE = {"user": "elena", "other": "tomas", "admin": "ada"}


async def main(check: str) -> int:
    """Run the check against a sandbox of its own; returns its exit code."""
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
            sys.executable, check, "--base", f"{base}/ecotaxa/api", *accounts, "--factory", factory
        )
        return await checking.wait()
    finally:
        await sandbox.stop()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))

"""`python -m tests.chaos`: kill the bot at random moments; prints a line of JSON a database.

Exits 1 when there is anything to complain of, and says what.
"""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests import postgres
from tests.chaos.run import Result, run

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Read the command line, and run; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--transitions", type=int, default=1_500)
    parser.add_argument("--database", choices=DATABASES, help="one of them; else both, one after the other")
    chosen = parser.parse_args()
    sys.stderr.write(f"SEED={chosen.seed}\n")
    is_good = True
    for database in [chosen.database] if chosen.database else DATABASES:
        result = _run(database, chosen.seed, chosen.kills, chosen.transitions)
        sys.stdout.write(f"{result.line()}\n")
        sys.stdout.flush()
        sys.stderr.writelines(f"{database}: {it}\n" for it in result.complaints)
        is_good = is_good and not result.complaints
    return 0 if is_good else 1


def _run(database: str, seed: int, kills: int, transitions: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="ecotaxa-bot-chaos-") as made:
        folder = Path(made)
        if database == "sqlite":
            url = f"sqlite:///{folder / 'bot.sqlite3'}"
            return asyncio.run(run(database, url, folder, seed=seed, kills=kills, transitions=transitions))
        with postgres.serving() as url:
            return asyncio.run(run(database, url, folder, seed=seed, kills=kills, transitions=transitions))


if __name__ == "__main__":
    sys.exit(main())

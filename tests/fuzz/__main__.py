"""`python -m tests.fuzz`: N generated payloads and answers from a SEED; one JSON line of figures."""

import argparse
import json
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.fuzz.run import Figures, play

CHUNK = 1_000
"""Cases before one bot: enough to be worth its building, few enough to repeat."""


def main() -> int:
    """Play everything, tell the figures, and every failure with the seed of its chunk."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--count", type=int, default=200_000, help="payloads and answers, half of each")
    options.add_argument("--seed", type=int, default=1, help="the first chunk's; each further one counts on")
    options.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    wanted = options.parse_args()
    began, total = time.monotonic(), Figures()
    sizes = [min(CHUNK, wanted.count - at) for at in range(0, wanted.count, CHUNK)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(wanted.processes, mp_context=spawn) as pool:
        playing = [pool.submit(play, wanted.seed + number, size) for number, size in enumerate(sizes)]
        for chunk in as_completed(playing):
            figures = chunk.result()
            total.payloads += figures.payloads
            total.answers += figures.answers
            total.failures += figures.failures
            for failure in figures.failures:
                sys.stderr.write(f"{json.dumps(failure, indent=1)}\n")
    told: dict[str, float] = {
        "payloads": total.payloads,
        "answers": total.answers,
        "failures": len(total.failures),
    }
    told |= {"seconds": round(time.monotonic() - began, 1), "seed": wanted.seed}
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main())

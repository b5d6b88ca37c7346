"""Chunks of cases, each repeatable by its seed: what failed is shrunk to its least."""

import asyncio
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz import reading
from tests.fuzz.payloads import payloads
from tests.fuzz.stage import Stage, hasty
from tests.fuzz.verdict import CASE, Case, Weather

LOOKS = 100
"""One in so many cases is a look of the whole bot at everybody's jobs, with all that it tells of them."""


@dataclass
class Figures:
    """What a chunk came to."""

    payloads: int = 0
    answers: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)


_payloads = payloads()
_numbers = st.integers(0, 2**64 - 1)
_minutes = st.sampled_from([1, 1, 5, 60, 1_440, 20_000])


class Chunk:
    """So many payloads and as many answers, from one seed, before one bot."""

    def __init__(self, chunk_seed: int) -> None:
        self.seed = chunk_seed
        self.figures = Figures()
        self.found: dict[str, dict[str, Any]] = {}

    def play(self, count: int) -> Figures:
        """Play all of it."""
        with tempfile.TemporaryDirectory() as folder, hasty() as runner:
            context = Stage.built(Path(folder))
            stage = runner.run(context.__aenter__())
            run = runner.run

            def payload(data: st.DataObject) -> None:
                came = data.draw(_payloads)
                case = Case(came.body, Weather(data.draw(_numbers)), came.is_slacks)
                self.figures.payloads += 1
                self.judge(case, lambda: run(stage.let_in(case, came)))

            def answer(data: st.DataObject) -> None:
                case = Case(None, Weather(0))
                self.figures.answers += 1
                self.judge(case, lambda: reading.read(data, case))

            def look(data: st.DataObject) -> None:
                minutes = data.draw(_minutes)
                case = Case(f"a look after {minutes} minutes", Weather(data.draw(_numbers)))
                self.figures.answers += 1
                self.judge(case, lambda: run(stage.look(case, minutes)))

            looks = max(1, count // LOOKS)
            self._played("payload", payload, count // 2)
            self._played("look", look, looks)
            self._played("answer", answer, count - count // 2 - looks)
            runner.run(context.__aexit__(None, None, None))
        self.figures.failures = list(self.found.values())
        return self.figures

    def _played(self, kind: str, play: Callable[[st.DataObject], None], count: int) -> None:
        patiently = settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        try:
            seed(self.seed)(patiently(given(st.data())(play)))()
        except Exception as failure:  # noqa: BLE001  # told with all others
            if not self.found:
                self.found[kind] = {"kind": kind, "seed": self.seed, "what": _told(failure)}

    def judge(self, case: Case, happens: Callable[[], None]) -> None:
        """Let something happen, keep what may not have, and raise it for Hypothesis to shrink."""
        token = CASE.set(case)
        try:
            happens()
        except Exception as failure:  # noqa: BLE001  # one failure among others
            case.failures.append(failure)
        finally:
            CASE.reset(token)
            case.is_over = True
        for failed in case.failures:
            # The same failure again, of a smaller case: the last one told is the least.
            self.found[_place(failed)] = {
                "seed": self.seed, "what": _told(failed), "case": repr(case.what), "then": case.heard[-12:],
            }  # fmt: skip
        if case.failures:
            raise case.failures[0]


def _place(failure: BaseException) -> str:
    frames = traceback.extract_tb(failure.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(failure).__name__} {where} {str(failure)[:60] if not where else ''}"


def _told(failure: BaseException) -> str:
    return "".join(traceback.format_exception(failure))[-3_000:]


def play(chunk_seed: int, count: int) -> Figures:
    """Play a chunk, in whichever process."""
    asyncio.set_event_loop(None)
    return Chunk(chunk_seed).play(count)

"""A figure: a measured value beside the bar that it should stay under, as one line of JSON."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """What a bench found; it holds when `value` is at most `bar`.

    `more` is whatever helps to understand the value: what it was made of, and how often it was measured.
    """

    bench: str
    value: float
    unit: str
    bar: float
    more: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """The figure as the line that is printed."""
        value = round(self.value, 3)
        head = {"bench": self.bench, "value": value, "unit": self.unit, "bar": self.bar}
        return json.dumps(head | {"holds": self.value <= self.bar} | dict(self.more))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that at least so many percent of them do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]

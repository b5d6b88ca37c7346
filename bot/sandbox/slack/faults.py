"""Faults to switch on: what Slack does when it ails."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.refusal import Json

EVERY_METHOD = "*"
MODES = (
    "error", "http", "429", "hang", "cut",
    "post_then_hang", "post_then_500", "post_then_error", "post_then_drop",
)  # fmt: skip
"""Those that begin with `post_then` let the call take effect first.

For `upload`, the bytes of a file, there are `http`, `hang` until it is healed, and `cut` in the middle."""


@dataclass
class ApiFault:
    """How one Web API method fails; `times` counts down, None means until healed."""

    mode: str
    error: str = "internal_error"
    status: int = 500
    retry_after: int = 1
    times: int | None = None


@dataclass
class Faults:
    """The faults in force."""

    api: dict[str, ApiFault] = field(default_factory=dict)
    repeat_deliveries: bool | None = None
    """True: everything comes again; False: nothing does; None: only what was not acknowledged does."""
    repeat: int = 1
    deliver_delay_ms: int = 0
    answer_delay_ms: int = 0
    """How long an answer of the Web API is on its way, after it took effect."""
    lose_acknowledgements: dict[str, int] = field(default_factory=dict)
    """By kind of envelope: the acknowledgements of so many of the next through a socket get lost."""
    no_hello: bool = False
    """New sockets are neither greeted nor used."""
    rate_limits: bool = False
    outage: float = 0.0
    """Until then, in Unix seconds, Slack is down: nothing is answered but with 503."""

    def change(self, wanted: Json) -> None:
        """Put faults in force; raises ValueError for one that does not exist."""
        if wanted.get("heal"):
            vars(self).update(vars(Faults()))
        for name, value in wanted.items():
            match name:
                case "heal" | "drop_sockets" | "deaf_sockets" | "half_open_sockets" | "outage":
                    continue
                case "api":
                    self.api.update({method: _api_fault(fault) for method, fault in value.items()})
                case (
                    "repeat_deliveries" | "repeat" | "deliver_delay_ms" | "answer_delay_ms" | "no_hello"
                    | "lose_acknowledgements" | "rate_limits"
                ):  # fmt: skip
                    setattr(self, name, value)
                case _:
                    raise ValueError(f"no such fault: {name}")

    def loses(self, kind: str) -> bool:
        """Whether the acknowledgement of an envelope of this kind gets lost; counts it."""
        left = self.lose_acknowledgements.get(kind, 0)
        if left:
            self.lose_acknowledgements[kind] = left - 1
        return left > 0

    def of(self, method: str) -> ApiFault | None:
        """How a call of this method fails now, if it does; counts it."""
        key = method if method in self.api else EVERY_METHOD
        fault = self.api.get(key)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                del self.api[key]
        return fault


def _api_fault(given: dict[str, Any]) -> ApiFault:
    fault = ApiFault(**given)
    if fault.mode not in MODES:
        raise ValueError(f"no such mode: {fault.mode}")
    return fault

"""What Slack answers when it says no."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
"""A JSON object as it travels."""


class Refused(Exception):
    """Slack will not do it: `error` is the documented code, `messages` tell where and why."""

    def __init__(self, error: str, messages: Sequence[str] = (), **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.messages = list(messages)
        self.more = more

    def answer(self) -> Json:
        """The body of the Web API's answer."""
        body: Json = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


def needs(name: str) -> Refused:
    """What is raised when the argument `name` is missing."""
    return Refused("invalid_arguments", [f"[ERROR] missing required field: {name} [json-pointer:/{name}]"])

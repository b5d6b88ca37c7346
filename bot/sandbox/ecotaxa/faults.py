"""Things that can be broken on purpose."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from bot.sandbox.ecotaxa.refusals import STACK_TRACE, answer

_FIELDS = {
    "down", "slow", "status", "body", "truncate", "honest_length", "garbage", "ignore_filters", "log_missing",
    "cut_after", "file", "paths", "methods", "times",
}  # fmt: skip
_HTML = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"
)


@dataclass
class Fault:
    """One thing that is broken, for the requests it is about, until it has happened `times` times."""

    down: bool = False
    """The connection is dropped without an answer."""
    slow: float = 0.0
    """So many real seconds pass before the answer."""
    status: int | None = None
    body: Literal["stacktrace", "html", "json"] = "stacktrace"
    truncate: bool = False
    """The body is cut in the middle; a file's download breaks off there."""
    honest_length: bool = True
    """Whether the `content-length` of a truncated answer is that of the cut body."""
    garbage: bool = False
    """A 200 that says it is JSON and is not."""
    ignore_filters: bool = False
    """The list of jobs takes no notice of its filters, as on older servers."""
    log_missing: bool = False
    """A job's log is not there yet."""
    cut_after: int | None = None
    """A file's download breaks off after so many bytes of this answer."""
    file: Literal["", "renamed", "longer", "shorter", "corrupt", "no_ranges"] = ""
    """The file is not what it was: it has another name, a byte more, the last tenth is missing (and the
    announced length is that of the rest), the byte in its middle is another; or ranges are ignored (200)."""
    paths: str = ""
    methods: tuple[str, ...] = ()
    times: int | None = None

    def is_about(self, method: str, path: str) -> bool:
        """Whether the fault strikes this request."""
        return (not self.methods or method in self.methods) and re.search(self.paths, path) is not None

    def shown(self) -> dict[str, Any]:
        """The fault as it was asked for."""
        fresh = Fault()
        return {name: value for name, value in vars(self).items() if value != getattr(fresh, name)}

    def instead(self) -> web.Response | None:
        """The answer that is given instead of the real one, if it is such a fault."""
        if self.garbage:
            return web.Response(body=b'{"detail": <<<\xff\xfe not json', content_type="application/json")
        if self.status is None:
            return None
        match self.body:
            case "html":
                return web.Response(text=_HTML, status=self.status, content_type="text/html")
            case "json":
                return answer({"detail": "Internal Server Error"}, self.status)
            case _:
                return web.Response(text=STACK_TRACE, status=self.status)

    def cut(self, whole: web.Response) -> web.Response:
        """The answer with only the first half of its body."""
        body = whole.body if isinstance(whole.body, bytes) else b""
        cut = web.Response(body=body[: len(body) // 2], status=whole.status, content_type=whole.content_type)
        if not self.honest_length:
            cut.headers["Content-Length"] = str(len(body))
        return cut


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, wanted: dict[str, Any]) -> None:
        """Break something; ValueError when that is no way to break it."""
        if unknown := wanted.keys() - _FIELDS:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        fault = Fault(**wanted)
        fault.methods = tuple(method.upper() for method in fault.methods)
        try:
            re.compile(fault.paths)
        except re.error as error:
            raise ValueError(f"paths: {error}") from error
        self._faults.append(fault)

    def heal(self) -> None:
        """End all faults."""
        self._faults.clear()

    def strike(self, method: str, path: str) -> list[Fault]:
        """The faults that this request meets, each used up by one."""
        struck = [fault for fault in self._faults if fault.is_about(method, path)]
        for fault in struck:
            if fault.times is not None:
                fault.times -= 1
        self._faults = [fault for fault in self._faults if fault.times != 0]
        return struck

    def shown(self) -> list[dict[str, Any]]:
        """The faults as they were asked for."""
        return [fault.shown() for fault in self._faults]

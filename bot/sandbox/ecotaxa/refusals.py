"""How EcoTaxa says no, and how it reads what it is sent (FastAPI with pydantic 1)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from aiohttp import web

STACK_TRACE = (
    "\n----------- BACK-END -------------\n"
    '  File "/app/py/./main.py", line 236, in dispatch\n    response = await call_next(request)\n'
    '  File "/venv/lib/python3.8/site-packages/starlette/routing.py", line 580, in __call__\n'
    "    await route.handle(scope, receive, send)\n"
    '  File "/app/py/API_operations/CRUD/Jobs.py", line 98, in get_file_stream\n'
    "    assert out_file_name is not None\n"
    "AssertionError (asked by elena@lab.example)\n"
)
"""What every 500 of the server's own says: paths, and now and then a person's address."""


class Refused(Exception):
    """The request ends here, with this status and this detail."""

    def __init__(self, status: int, detail: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.headers = headers


class Broken(Exception):
    """The server stumbles: a 500 with a stack trace, after which it drops the connection."""


def not_authenticated() -> Refused:
    """No bearer token came with it."""
    return Refused(403, "Not authenticated")


def bad_token() -> Refused:
    """The token is not good (any more)."""
    return Refused(401, "Could not validate credentials", {"www-authenticate": "Bearer"})


def not_allowed() -> Refused:
    """We know you, and no."""
    return Refused(403, "You can't do this.")


def not_found() -> Refused:
    """There is no such thing."""
    return Refused(404, "Not found.")


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer as the server spells it: no blanks, no escapes of letters, no charset."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def invalid(*errors: dict[str, Any]) -> NoReturn:
    """Raise the 422 that lists what is wrong."""
    raise Refused(422, list(errors))


def wrong(
    loc: Sequence[str | int], msg: str, type_: str, ctx: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One entry of a 422's list."""
    return {"loc": list(loc), "msg": msg, "type": type_} | ({"ctx": ctx} if ctx else {})


def missing(*loc: str) -> dict[str, Any]:
    """The entry for a field that is not there."""
    return wrong(loc, "field required", "value_error.missing")


def integer(text: Any, *loc: str) -> int:
    """A whole number from a path, a query or a body."""
    try:
        return int(text)
    except (TypeError, ValueError):
        invalid(wrong(loc, "value is not a valid integer", "type_error.integer"))


def boolean(text: str | None, *loc: str) -> bool:
    """A truth value from a query; absent is false."""
    match (text or "false").lower():
        case "true" | "1" | "yes" | "y" | "on" | "t":
            return True
        case "false" | "0" | "no" | "n" | "off" | "f":
            return False
    invalid(wrong(loc, "value could not be parsed to a boolean", "type_error.bool"))


def member(value: Any, allowed: Sequence[str], *loc: str) -> str:
    """One of a closed set of words."""
    if value in allowed:
        return str(value)
    permitted = ", ".join(repr(word) for word in allowed)
    msg = f"value is not a valid enumeration member; permitted: {permitted}"
    invalid(wrong(loc, msg, "type_error.enum", {"enum_values": list(allowed)}))


async def json_body(request: web.Request) -> Any:
    """The parsed body; None when there is none."""
    text = await request.text()
    if not text:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as e:
        ctx = {"msg": e.msg, "doc": e.doc, "pos": e.pos, "lineno": e.lineno, "colno": e.colno}
        invalid(wrong(("body", e.pos), str(e), "value_error.jsondecode", ctx))


def object_of(value: Any, *loc: str) -> dict[str, Any]:
    """A JSON object."""
    if value is None:
        invalid(missing(*loc))
    if not isinstance(value, dict):
        invalid(wrong(loc, "value is not a valid dict", "type_error.dict"))
    return value

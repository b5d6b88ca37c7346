"""What EcoTaxa's answers mean: pure functions from a reply to a value, or to one of our errors."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from email.message import Message
from typing import Any, TypeVar

import structlog

from bot.errors import (
    EcoTaxaError,
    Invalid,
    LoginRefused,
    NoFile,
    NoLog,
    NotAllowed,
    NotFound,
    TokenRejected,
    Unavailable,
    UnexpectedAnswer,
)
from bot.jobs import LARGEST_ID, Job
from bot.language import mark, say
from bot.links import Token
from bot.names import Account, Project, Taxon, TaxonMemory, User

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)

_REASON_CHARS = 200
_PENDING_HINT = mark("Your EcoTaxa account is still waiting to be validated. Please try again once it is.")
_ADMINISTRATORS_HINT = mark("Only EcoTaxa's administrators may see everybody's jobs.")
_NO_PROJECT = mark("EcoTaxa has no such project.")
_MARKUP = str.maketrans("", "", "<>&`*~")
_RANGE = re.compile(r"bytes (\d+)-(?:-?\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; `headers` has lower-case names, or is a mapping that does not mind case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a whole the body of a streamed answer brings: `start` of `length` bytes."""

    start: int
    length: int | None = None
    filename: str = ""


def anything(reply: Reply) -> Any:
    """The JSON value of a good reply; what an effect answers is `null`.

    Raises the error that the status stands for, or UnexpectedAnswer when there is no JSON.
    """
    if not 200 <= reply.status < 300:
        raise _error(reply)
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        raise UnexpectedAnswer(detail=f"no JSON: {_outline(reply)}") from None


def token(reply: Reply) -> Token:
    """The token that `/login` gives; raises LoginRefused."""
    if reply.status == 401:
        # On an instance that validates accounts, a pending one is told so by a 401.
        raise LoginRefused(say(_PENDING_HINT))
    if reply.status == 403:
        raise LoginRefused
    try:
        return Token.read(_of_type(str, reply))
    except ValueError:
        raise UnexpectedAnswer(detail="/login gave no token") from None


def account(reply: Reply) -> Account:
    """The account of `/users/me`; raises TokenRejected when it is not active."""
    raw = _of_type(dict, _own(reply))
    can_do = raw.get("can_do")
    try:
        return Account(
            _needed_id(raw),
            _text(raw.get("email")),
            _text(raw.get("name")),
            _text(raw.get("organisation")),
            frozenset(can for can in can_do if isinstance(can, int))
            if isinstance(can_do, list)
            else frozenset(),
        )
    except ValueError:
        raise _odd_shape(reply) from None


def jobs(reply: Reply, zone: tzinfo = UTC, *, everyone: bool = False) -> list[Job]:
    """The jobs of one's own list, or everybody's; an entry without a usable id is passed over.

    Raises TokenRejected also for a 403: only an account that is not active is refused its own jobs.
    """
    return _each(lambda raw: _job(raw, zone), _administrators(reply) if everyone else _own(reply))


def job(reply: Reply, zone: tzinfo = UTC) -> Job:
    """One job."""
    try:
        return _job(_of_type(dict, reply), zone)
    except ValueError as error:
        raise UnexpectedAnswer(detail=str(error)) from None


def users(reply: Reply) -> list[User]:
    """The people that a search found."""
    return _each(_user, reply)


def user(reply: Reply) -> User | None:
    """One person; None when there is none."""
    return _maybe(_user, reply)


def projects(reply: Reply) -> list[Project]:
    """The projects that a search found, in EcoTaxa's order."""
    return _each(_project, reply)


def project(reply: Reply) -> Project:
    """One project; raises NotAllowed where the caller may not see it, NotFound where there is none."""
    if reply.status == 404:
        raise NotFound(say(_NO_PROJECT))
    try:
        return _project(_of_type(dict, reply))
    except ValueError:
        raise _odd_shape(reply) from None


def started_job(reply: Reply) -> int:
    """The job that an export was started as; raises Invalid, with EcoTaxa's reasons, where there is none."""
    raw = _of_type(dict, reply)
    if (job_id := _id(raw.get("job_id"))) is not None:
        return job_id
    errors = raw.get("errors")
    reason = _reason(" ".join(map(_text, errors)) if isinstance(errors, list) else "")
    hint = (
        say("EcoTaxa did not start it: {reason}", reason=reason)
        if reason
        else say("EcoTaxa did not start it: it did not say why")
    )
    raise Invalid(hint, detail=_outline(reply))


def taxa(reply: Reply) -> list[Taxon]:
    """The taxa that a search found, in EcoTaxa's order."""
    return _each(_taxon, reply)


def taxon(reply: Reply) -> Taxon | None:
    """One taxon with its lineage; None when there is none."""
    return _maybe(_taxon, reply)


def taxon_memory(reply: Reply) -> TaxonMemory:
    """What a project remembers; a project that remembers nothing answers `null`."""
    if reply.status == 404:
        raise NotFound(say(_NO_PROJECT))
    raw = anything(reply)
    if raw is None:
        return TaxonMemory()
    if not isinstance(raw, dict):
        raise _odd_shape(reply)
    from_to = {
        name: taxon_id
        for name, taxon_id in _entries(raw.get("from_to"))
        if taxon_id is None or _id(taxon_id) is not None
    }
    doc = {name: text for name, text in _entries(raw.get("doc")) if isinstance(text, str)}
    return TaxonMemory(from_to, doc)


def log_part(reply: Reply) -> Part:
    """A log always comes whole; `reply` needs a body only when it is an error.

    Raises NoLog where EcoTaxa answers 500 with a stack trace as plain text, as it does without a log.
    """
    if reply.status == 500 and reply.headers.get("content-type", "").startswith("text/plain"):
        raise NoLog(detail=_outline(reply))
    if reply.status != 200:
        raise _error(reply)
    if reply.headers.get("content-type", "").startswith("text/html"):
        raise UnexpectedAnswer(detail=f"a page for a log: {_outline(reply)}")
    return Part(0)


def file_part(reply: Reply) -> Part:
    """Which part of a job's file this is; raises NoFile when it is none.

    EcoTaxa answers 500 with a stack trace as plain text where a job has no file.
    """
    content_type = reply.headers.get("content-type", "")
    if reply.status == 500 and content_type.startswith("text/plain"):
        raise NoFile
    if not 200 <= reply.status < 300:
        raise _error(reply)
    disposition = reply.headers.get("content-disposition", "")
    if not disposition.startswith("attachment"):
        raise NoFile(detail=f"not a file: {_outline(reply)}")
    if reply.status == 206:
        found = _RANGE.fullmatch(reply.headers.get("content-range", ""))
        if found is None:
            raise UnexpectedAnswer(detail="206 without a content-range")
        return Part(int(found[1]), int(found[2]), _filename(disposition))
    length = reply.headers.get("content-length", "")
    if not length.isdecimal():
        raise UnexpectedAnswer(detail="a file of unknown length")
    return Part(0, int(length), _filename(disposition))


def _error(reply: Reply) -> EcoTaxaError:
    """The error that a status other than 2xx stands for."""
    outline = _outline(reply)
    match reply.status:
        case 401 | 403 if _detail(reply) is None:
            # Not EcoTaxa's own words: a proxy's page must not make everybody link anew.
            return Unavailable(detail=outline)
        case 401:
            return TokenRejected(detail=outline)
        case 403:
            # A 403 of this wording says that no token arrived at all.
            return (TokenRejected if _detail(reply) == "Not authenticated" else NotAllowed)(detail=outline)
        case 404:
            return NotFound(detail=outline)
        case 416 | 422:
            reason = _reason(_detail(reply))
            hint = say("EcoTaxa did not understand the request: {reason}.", reason=reason)
            return Invalid(hint if reason else None, detail=outline)
        case 408 | 429:
            return Unavailable(detail=outline)
        case status if 500 <= status < 600:
            return Unavailable(detail=outline)
        case _:
            return UnexpectedAnswer(detail=outline)


def _own(reply: Reply) -> Reply:
    if reply.status == 403 and _detail(reply) is not None:
        raise TokenRejected(detail=_outline(reply))
    return reply


def _administrators(reply: Reply) -> Reply:
    if reply.status == 403 and isinstance(_error(reply), NotAllowed):
        raise NotAllowed(say(_ADMINISTRATORS_HINT), detail=_outline(reply))
    return reply


def _detail(reply: Reply) -> object:
    try:
        raw = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return raw.get("detail") if isinstance(raw, dict) else None


def _reason(detail: object) -> str:
    """What a 422 complains of, in one short line that is safe to show."""
    if isinstance(detail, list):
        reason = "; ".join(_complaint(entry) for entry in detail if isinstance(entry, dict))
    else:
        reason = _text(detail)
    plain = "".join(char for char in reason.translate(_MARKUP) if char.isprintable())
    return plain if len(plain) <= _REASON_CHARS else plain[: _REASON_CHARS - 1] + "…"


def _complaint(entry: Mapping[str, Any]) -> str:
    where = entry.get("loc")
    # The first step of a location only tells body from query.
    steps = ".".join(str(step) for step in where[1:]) if isinstance(where, list) else ""
    what = _text(entry.get("msg"))
    return f"{steps}: {what}" if steps else what


def _outline(reply: Reply) -> str:
    """What the log may know of a reply: never its words."""
    kind = reply.headers.get("content-type", "no type")
    return f"{reply.status}, {kind:.60}, {len(reply.body)} bytes"


def _odd_shape(reply: Reply) -> UnexpectedAnswer:
    return UnexpectedAnswer(detail=f"JSON of another shape: {_outline(reply)}")


def _of_type(wanted: type[_T], reply: Reply) -> _T:
    value = anything(reply)
    if not isinstance(value, wanted):
        raise _odd_shape(reply)
    return value


def _each(parse: Callable[[Mapping[str, Any]], _T], reply: Reply) -> list[_T]:
    """Every entry of a list that `parse` can read."""
    found: list[_T] = []
    for raw in _of_type(list, reply):
        try:
            found.append(parse(_object(raw)))
        except ValueError as error:
            _log.warning("ecotaxa_entry_passed_over", reason=f"{error!s:.100}")
    return found


def _maybe(parse: Callable[[Mapping[str, Any]], _T], reply: Reply) -> _T | None:
    if reply.status == 404:
        return None
    raw = anything(reply)
    if raw is None:
        return None
    try:
        return parse(_object(raw))
    except ValueError:
        raise _odd_shape(reply) from None


def _job(raw: Mapping[str, Any], zone: tzinfo) -> Job:
    found = Job.parse(raw, zone)
    if not 0 < found.id <= LARGEST_ID:
        raise ValueError(f"a job of id {found.id}")
    return found


def _user(raw: Mapping[str, Any]) -> User:
    return User(
        _needed_id(raw), _text(raw.get("name")), _text(raw.get("email")), _text(raw.get("organisation"))
    )


def _project(raw: Mapping[str, Any]) -> Project:
    objects = raw.get("objcount")
    is_count = isinstance(objects, int | float) and 0 <= objects < LARGEST_ID
    return Project(
        _needed_id(raw, "projid"), _text(raw.get("title")), int(objects) if is_count and objects else None
    )


def _taxon(raw: Mapping[str, Any]) -> Taxon:
    lineage = raw.get("lineage")
    return Taxon(
        _needed_id(raw),
        _text(raw.get("text") or raw.get("display_name") or raw.get("name")),
        _text(raw.get("status")),
        raw.get("pr") == 1,
        _id(raw.get("renm_id")),
        tuple(_text(name) for name in lineage) if isinstance(lineage, list) else (),
    )


def _needed_id(raw: Mapping[str, Any], name: str = "id") -> int:
    found = _id(raw.get(name))
    if found is None:
        raise ValueError(f"no usable id: {raw.get(name)!r:.40}")
    return found


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"not an object but a {type(value).__name__}")
    return value


def _id(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= LARGEST_ID else None


def _entries(value: object) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _filename(disposition: str) -> str:
    """The name that a server gives its file: without a path, printable; may be empty."""
    message = Message()
    message["content-disposition"] = "".join(char for char in disposition if char.isprintable())
    name = (message.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable())

"""EcoTaxa's API as this bot needs it: one method for each operation, acting as the token's owner."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bot.ecotaxa import meaning, server
from bot.ecotaxa.streams import opened
from bot.ecotaxa.wire import Call, Wire
from bot.errors import NotFound
from bot.jobs import LARGEST_ID, Answer, Job, JobState
from bot.language import mark, say
from bot.links import Token
from bot.metrics import Metrics
from bot.names import Account, Project, Taxon, TaxonMemory, User
from bot.tls import trusting

_IMPORT = "project_import"
_MAYBE_DONE = mark(
    "EcoTaxa did not answer, so I cannot tell whether that was done. Look at the job before you try again."
)
_MAYBE_STARTED = mark(
    "EcoTaxa did not answer, so I cannot tell whether the export was started."
    " Look at `/ecotaxa jobs` before you try again."
)
MOST_PROJECTS = 100
"""Projects that one search brings: as many as Slack offers at once."""
_WILDCARDS = frozenset("%_\\")


@dataclass(frozen=True, slots=True)
class JobFile:
    """A job's file: the server's name for it, its whole length in bytes, and its bytes."""

    filename: str
    length: int
    chunks: AsyncIterator[bytes] = field(repr=False)


class EcoTaxa:
    """One EcoTaxa instance; `base_url` is its API's address, `zone` that of its naive dates.

    `tls` says whom to believe (`bot.tls`); without it, the usual authorities.
    `patience` is how many seconds it may be silent; `retry_pause` is about the first pause, in
    seconds, before a read is made again; `connections` is how many requests are under way at once,
    and a third as many logs and files beside them; `metrics` counts and times them.  Every method raises
    TokenRejected, NotAllowed, NotFound, Invalid, Unavailable or UnexpectedAnswer from `bot.errors`.  After
    an Unavailable from `answer_job`, `restart_job`, `erase_job`, `start_export` or `put_taxon_memory` it is
    unknown whether it was done: these are never sent twice.  A caller may be cancelled at any moment: the
    request goes on to its own end.
    """

    def __init__(
        self,
        base_url: str,
        *,
        zone: tzinfo = UTC,
        tls: ssl.SSLContext | None = None,
        patience: float = 10.0,
        retry_pause: float = 0.2,
        connections: int = 24,
        metrics: Metrics | None = None,
    ) -> None:
        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("EcoTaxa's address must begin with http:// or https://")
        self._zone = zone
        self._wire = Wire(
            base_url, tls=tls or trusting(), patience=patience, retry_pause=retry_pause,
            connections=connections, metrics=metrics or Metrics(),
        )  # fmt: skip

    async def aclose(self, grace: float = 4.0) -> None:
        """Let what is under way end within `grace` seconds, then close every connection."""
        await self._wire.aclose(grace)

    async def ping(self) -> None:
        """Ask whether it is there; raises Unavailable where it is not."""
        await self._wire.ask(Call("GET", "/status"), server.alive)

    async def version(self) -> str:
        """Which version its API says it is; empty where it does not say."""
        return await self._wire.ask(Call("GET", "/openapi.json"), server.version)

    async def honours_filters(self, token: Token) -> bool:
        """Whether it lists jobs by their state: then it refuses a state that there is none of."""
        call = Call("GET", "/jobs/", token, {"job_status": "none"})
        return await self._wire.ask(call, server.honours_filters)

    async def login(self, email: str, password: str) -> Token:
        """Exchange an e-mail and password for a token; raises LoginRefused."""
        body = _json({"username": email, "password": password})
        call = Call("POST", "/login", content=body, has_effect=True)
        return await self._wire.ask(call, meaning.token)

    async def me(self, token: Token) -> Account:
        """Whose token it is; raises TokenRejected also when the account is not active."""
        return await self._wire.ask(Call("GET", "/users/me", token), meaning.account)

    async def list_jobs(
        self, token: Token, state: JobState | None = None, *, job_type: str = "", everyone: bool = False
    ) -> list[Job]:
        """The person's own jobs, in no order; only those in `state` and of `job_type` where they are given.

        Older servers ignore these filters and give all: a job in another state tells that they did.
        With `everyone` it is everybody's jobs; raises NotAllowed for who is no administrator.
        Raises TokenRejected also when the account is not active.
        """
        filters = {"job_status": state.value} if state and state is not JobState.UNKNOWN else {}
        filters |= {"job_type": job_type} if job_type else {}
        filters |= {"for_admin": "true"} if everyone else {}
        call = Call("GET", "/jobs/", token, filters or None)
        return await self._wire.ask(call, partial(meaning.jobs, zone=self._zone, everyone=everyone))

    async def get_job(self, token: Token, job_id: int) -> Job:
        """One job as it is now."""
        call = Call("GET", f"{_job(job_id)}/", token)
        return await self._wire.ask(call, partial(meaning.job, zone=self._zone))

    async def answer_job(self, token: Token, job_id: int, answer: Answer) -> None:
        """Answer what a job asks; EcoTaxa accepts it silently also when the job asks nothing."""
        await self._do(token, "POST", f"{_job(job_id)}/answer", _json(answer.as_json()))

    async def restart_job(self, token: Token, job_id: int) -> None:
        """Restart a failed job; in any other state EcoTaxa silently does nothing."""
        # A GET, but with an effect.
        await self._do(token, "GET", f"{_job(job_id)}/restart")

    async def erase_job(self, token: Token, job_id: int) -> None:
        """Kill a pending, running or asking job, which then stays as failed; delete any other."""
        await self._do(token, "DELETE", _job(job_id))

    @asynccontextmanager
    async def get_job_log(self, token: Token, job_id: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of a job's log (UTF-8 text); a read that breaks off is made again by itself.

        Logs hold e-mail addresses, server paths and SQL: not to be shown unfiltered.
        """
        call = Call("GET", f"{_job(job_id)}/log", token)
        async with opened(self._wire, call, meaning.log_part) as (_, stream):
            yield aiter(stream)

    @asynccontextmanager
    async def get_job_file(self, token: Token, job_id: int, offset: int = 0) -> AsyncIterator[JobFile]:
        """A finished export's file, its bytes from `offset` on; broken connections are resumed.

        Raises NoFile.  EcoTaxa moves the job's `updated_on` with every read.
        """
        call = Call("GET", f"{_job(job_id)}/file", token)
        async with opened(self._wire, call, meaning.file_part, offset) as (part, stream):
            yield JobFile(part.filename or f"job-{job_id}", part.length or 0, aiter(stream))

    async def search_users(self, token: Token, text: str) -> list[User]:
        """The users whose name holds `text`, whatever the case; none for a blank text."""
        wanted = _printable(text)
        if not wanted:
            return []
        # The server's pattern knows wildcards but no way to quote them: `_` stands for a backslash,
        # which would quote the next character, and what was found too much is left out here.
        pattern = wanted.replace("\\", "_")
        call = Call("GET", "/users/search", token, {"by_name": f"%{pattern}%"})
        users = await self._wire.ask(call, meaning.users)
        if _WILDCARDS.isdisjoint(wanted):
            return users
        return [user for user in users if wanted.casefold() in user.name.casefold()]

    async def get_user(self, token: Token, user_id: int) -> User | None:
        """One user; None when there is none of that id."""
        if not 0 < user_id <= LARGEST_ID:
            return None
        return await self._wire.ask(Call("GET", f"/users/{user_id}", token), meaning.user)

    async def search_projects(self, token: Token, title: str) -> list[Project]:
        """At most 100 of the projects that the person has a right in and whose title holds `title`.

        Those of any title for a blank one.
        """
        wanted = _printable(title)
        # As in `search_users`; the server may show more than what is found, for it looks at numbers too.
        pattern = wanted.replace("\\", "_")
        asked = {"title_filter": pattern, "window_start": "0", "window_size": str(MOST_PROJECTS)}
        found = await self._wire.ask(Call("GET", "/projects/search", token, asked), meaning.projects)
        if not _WILDCARDS.isdisjoint(wanted):
            found = [project for project in found if wanted.casefold() in project.title.casefold()]
        return found[:MOST_PROJECTS]

    async def get_project(self, token: Token, project_id: int) -> Project:
        """One project; raises NotAllowed where the person may not see it, NotFound where there is none."""
        if not 0 < project_id <= LARGEST_ID:
            raise NotFound(say("EcoTaxa has no such project."), detail="an id that no project has")
        return await self._wire.ask(Call("GET", f"/projects/{project_id}", token), meaning.project)

    async def start_export(self, token: Token, kind: str, body: Mapping[str, Any]) -> int:
        """Start a `general`, `summary` or `backup` export: the number of its job.

        `body` is what the API wants; raises Invalid, with EcoTaxa's reason, where it starts none.
        """
        path, content = f"/object_set/export/{kind}", _json(body)
        call = Call("POST", path, token, content=content, has_effect=True, doubt=say(_MAYBE_STARTED))
        return await self._wire.ask(call, meaning.started_job)

    async def search_taxa(self, token: Token, query: str, project_id: int | None = None) -> list[Taxon]:
        """At most 200 taxa whose display name begins with `query`, the project's preset first.

        Blanks and `*` are wildcards; under three characters, with a project: the person's recent ones.
        """
        asked = {"query": _printable(query)}
        if project_id is not None:
            asked["project_id"] = str(project_id)
        return await self._wire.ask(Call("GET", "/taxon_set/search", token, asked), meaning.taxa)

    async def get_taxon(self, token: Token, taxon_id: int) -> Taxon | None:
        """One taxon with its lineage; None when there is none of that id."""
        if not 0 < taxon_id <= LARGEST_ID:
            return None
        return await self._wire.ask(Call("GET", f"/taxon/{taxon_id}", token), meaning.taxon)

    async def get_taxon_memory(self, token: Token, project_id: int) -> TaxonMemory:
        """Which taxa a project's imports mean by which names."""
        asked = {"target_id": str(project_id), "operation": _IMPORT, "is_collection": "false"}
        return await self._wire.ask(Call("GET", "/taxo_recast", token, asked), meaning.taxon_memory)

    async def put_taxon_memory(self, token: Token, project_id: int, memory: TaxonMemory) -> None:
        """Replace the whole memory of a project; raises NotAllowed for who may not manage it."""
        recast = {"from_to": dict(memory.from_to), "doc": dict(memory.doc)}
        body = {"target_id": project_id, "operation": _IMPORT, "is_collection": False, "recast": recast}
        await self._do(token, "PUT", "/taxo_recast", _json(body))

    async def _do(self, token: Token, method: str, path: str, content: bytes | None = None) -> None:
        """Make a request with an effect, once."""
        call = Call(method, path, token, content=content, has_effect=True, doubt=say(_MAYBE_DONE))
        await self._wire.ask(call, meaning.anything)


def _job(job_id: int) -> str:
    """A job's path; an id that no job can have is never sent: negative ones are EcoTaxa's archive."""
    if not 0 < job_id <= LARGEST_ID:
        raise NotFound(detail="an id that no job has")
    return f"/jobs/{job_id}"


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _printable(text: str) -> str:
    """A search text without what a database or a URL cannot hold."""
    return "".join(char for char in text if char.isprintable()).strip()

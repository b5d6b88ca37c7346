"""The API's operations on people, projects and taxa, and those that start exports."""

from typing import Any

from aiohttp import web

from bot.sandbox.ecotaxa.accounts import Account, LoginFailed, LoginPending
from bot.sandbox.ecotaxa.like import like
from bot.sandbox.ecotaxa.projects import OPERATIONS, Project
from bot.sandbox.ecotaxa.recipes import BACKUP, GENERAL, NO_FILTERS, SUMMARY, export_recipe
from bot.sandbox.ecotaxa.refusals import (
    Refused,
    answer,
    boolean,
    integer,
    invalid,
    json_body,
    member,
    missing,
    not_allowed,
    not_found,
    object_of,
)
from bot.sandbox.ecotaxa.world import World

_EXPORTS = {
    "general": ("GeneralExport", GENERAL, 240),
    "summary": ("SummaryExport", SUMMARY, 36),
    "backup": ("BackupExport", BACKUP, 1200),
}
_CHOICES = {
    "split_by": ("sample", "acquisition", "taxon", "none"),
    "with_images": ("all", "first", "none"),
    "quantity": ("abundance", "concentration", "biovolume"),
    "summarise_by": ("none", "sample", "acquisition"),
}
API_VERSION = "0.0.45"
"""Of the API that this was measured against."""
_SWITCHES = {"with_internal_ids", "with_types_row", "only_annotations", "out_to_ftp"}
SHORT_QUERY = 3
"""Below so many characters, and with a project, only one's recent taxa are searched."""


class Api:
    """Everything but `/jobs/…`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_route("GET", "/status", self.status)
        router.add_route("GET", "/openapi.json", self.description)
        router.add_route("POST", "/login", self.login)
        router.add_route("GET", "/users/me", self.me)
        router.add_route("GET", "/users/search", self.search_users)
        router.add_route("GET", "/users/{user_id}", self.get_user)
        router.add_route("GET", "/taxon_set/search", self.search_taxa)
        router.add_route("GET", "/taxon/{taxon_id}", self.get_taxon)
        router.add_route("GET", "/projects/search", self.search_projects)
        router.add_route("GET", "/projects/{project_id}", self.get_project)
        router.add_route("GET", "/taxo_recast", self.get_recast)
        router.add_route("PUT", "/taxo_recast", self.put_recast)
        router.add_route("POST", "/object_set/export/{kind:general|summary|backup}", self.export)

    async def status(self, _request: web.Request) -> web.Response:
        """Whether the server is up."""
        return web.Response(text="UP!")

    async def description(self, _request: web.Request) -> web.Response:
        """The head of the API's own description."""
        info = {"title": "EcoTaxa", "version": API_VERSION}
        return answer({"openapi": "3.0.2", "info": info, "paths": {}})

    async def login(self, request: web.Request) -> web.Response:
        """A token for an e-mail and a password."""
        body = object_of(await json_body(request), "body")
        if errors := [missing("body", name) for name in ("password", "username") if body.get(name) is None]:
            invalid(*errors)
        try:
            return answer(self._world.accounts.login(str(body["username"]), str(body["password"])))
        except LoginFailed:
            raise not_allowed() from None
        except LoginPending:
            raise Refused(401, ["Your account is waiting for validation."]) from None

    async def me(self, request: web.Request) -> web.Response:
        """Who the token's owner is."""
        caller = self._caller(request)
        return answer(caller.full([project.summary() for project in self._world.projects.of(caller)]))

    async def search_users(self, request: web.Request) -> web.Response:
        """People whose whole name is LIKE `by_name`."""
        self._caller(request)
        by_name = request.query.get("by_name")
        found = self._world.accounts.search(by_name) if by_name is not None else []
        return answer([account.minimal() for account in found])

    async def get_user(self, request: web.Request) -> web.Response:
        """One person."""
        self._caller(request)
        account = self._world.accounts.find(integer(request.match_info["user_id"], "path", "user_id"))
        if account is None:
            raise not_found()
        return answer(account.minimal())

    async def search_taxa(self, request: web.Request) -> web.Response:
        """Taxa by the beginning of their display name; also for people who are not logged in."""
        caller = self._caller(request) if "Authorization" in request.headers else None
        query, project_id = request.query.get("query"), request.query.get("project_id")
        if query is None:
            invalid(missing("query", "query"))
        only: list[int] | None = [] if caller is None and len(query) < SHORT_QUERY else None
        preset: list[int] = []
        if project_id is not None:
            project = self._world.projects.find(integer(project_id, "query", "project_id"))
            preset = self._world.projects.preset(project) if project else []
            if caller is not None and project is not None and len(query) < SHORT_QUERY:
                only = caller.recent_taxa.get(project.id, [])
        return answer(self._world.taxonomy.search(query, preset, only))

    async def get_taxon(self, request: web.Request) -> web.Response:
        """One taxon with its lineage; null when there is none."""
        taxon = self._world.taxonomy.find(integer(request.match_info["taxon_id"], "path", "taxon_id"))
        return answer(self._world.taxonomy.model(taxon) if taxon else None)

    async def search_projects(self, request: web.Request) -> web.Response:
        """The projects that the caller has a right in, by a part of their title."""
        caller = self._caller(request)
        managing = boolean(request.query.get("for_managing"), "query", "for_managing")
        title = like(f"%{request.query.get('title_filter', '')}%")
        others = boolean(request.query.get("also_others"), "query", "also_others")
        found = [
            project
            for project in self._world.projects.all()
            if title.fullmatch(project.title)
            and (project.right_of(caller) or (others and project.public))
            and (not managing or project.right_of(caller) == "Manage")
        ]
        return answer([self._world.projects.model(project, caller) for project in found])

    async def get_project(self, request: web.Request) -> web.Response:
        """One project."""
        caller = self._caller(request)
        project = self._project(integer(request.match_info["project_id"], "path", "project_id"))
        managing = boolean(request.query.get("for_managing"), "query", "for_managing")
        right = project.right_of(caller)
        if not (right or project.public) or (managing and right != "Manage"):
            raise not_allowed()
        return answer(self._world.projects.model(project, caller))

    async def get_recast(self, request: web.Request) -> web.Response:
        """What a project remembers of taxa: readable by everybody."""
        self._caller(request)
        query = request.query
        if errors := [missing("query", name) for name in ("target_id", "operation") if name not in query]:
            invalid(*errors)
        project = self._project(integer(query["target_id"], "query", "target_id"))
        operation = member(query["operation"], OPERATIONS, "query", "operation")
        return answer(project.recasts.get(operation))

    async def put_recast(self, request: web.Request) -> web.Response:
        """Replace what a project remembers of taxa: for its managers."""
        body = await json_body(request)
        caller = self._caller(request)
        body = object_of(body, "body")
        if errors := [missing("body", name) for name in ("target_id", "operation") if name not in body]:
            invalid(*errors)
        operation = member(body["operation"], OPERATIONS, "body", "operation")
        recast = object_of(body.get("recast", {"from_to": {}}), "body", "recast")
        from_to = object_of(recast.get("from_to"), "body", "recast", "from_to")
        project = self._project(integer(body["target_id"], "body", "target_id"))
        if project.right_of(caller) != "Manage":
            raise not_allowed()
        ids = {
            name: None if taxon is None else integer(taxon, "body", "recast", "from_to", name)
            for name, taxon in from_to.items()
        }
        project.recasts[operation] = {"from_to": ids, "doc": recast.get("doc") or {}}
        return answer(None)

    async def export(self, request: web.Request) -> web.Response:
        """Start an export of one project, or of several."""
        body = await json_body(request)
        caller = self._caller(request)
        body = object_of(body, "body")
        filters = object_of(body.get("filters"), "body", "filters")
        wanted = object_of(body.get("request"), "body", "request")
        if wanted.get("project_id") is None:
            invalid(missing("body", "request", "project_id"))
        project_id = self._readable(caller, wanted["project_id"])
        job_type, defaults, rows = _EXPORTS[request.match_info["kind"]]
        req = {"collection_id": None, "project_id": project_id} | defaults
        req |= {name: _option(name, wanted[name]) for name in defaults.keys() & wanted.keys()}
        params = {"req": req, "filters": NO_FILTERS | {n: v for n, v in filters.items() if n in NO_FILTERS}}
        job = self._world.jobs.create(caller.id, export_recipe(job_type, rows=rows), params)
        return answer({"errors": [], "warnings": [], "job_id": job.id})

    def _caller(self, request: web.Request) -> Account:
        return self._world.caller(request.headers.get("Authorization"))

    def _project(self, project_id: int) -> Project:
        project = self._world.projects.find(project_id)
        if project is None:
            raise not_found()
        return project

    def _readable(self, caller: Account, project_id: Any) -> int | str:
        """The project's id, or the ids as they came (`"1,2"`), when the caller has a right in each."""
        ids = [integer(part, "body", "request", "project_id") for part in str(project_id).split(",")]
        if not all(self._project(one).right_of(caller) for one in ids):
            raise not_allowed()
        return ids[0] if len(ids) == 1 else str(project_id)


def _option(name: str, value: Any) -> Any:
    """One option of an export, read as the server reads it; refused when it is none."""
    if name in _CHOICES:
        return member(value, _CHOICES[name], "body", "request", name)
    if name in _SWITCHES:
        return boolean(str(value), "body", "request", name)
    return object_of(value, "body", "request", name)

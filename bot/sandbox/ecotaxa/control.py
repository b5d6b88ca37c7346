"""The control interface: start jobs, force their fields, break things, look behind the scenes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.ecotaxa.accounts import Account, Status
from bot.sandbox.ecotaxa.jobs import Job
from bot.sandbox.ecotaxa.kinds import KINDS
from bot.sandbox.ecotaxa.orders import of_type, ordered
from bot.sandbox.ecotaxa.recipes import job_params
from bot.sandbox.ecotaxa.refusals import answer
from bot.sandbox.ecotaxa.world import World

HEARTBEAT = 15.0
"""After so many quiet seconds the event stream says that it is still there."""

Order = dict[str, Any]

_HOW_TO_SET = ("job_id", "job_ids", "remove", "freeze", "touch")


class Control:
    """`/_control/ecotaxa/…`; whatever it does not understand is a 400 with the reason under `error`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_get("/state", self.state)
        router.add_get("/traffic", self.traffic)
        router.add_get("/events", self.events)
        orders: dict[str, Callable[[Order], Awaitable[dict[str, Any]]]] = {
            "start": self.start,
            "speed": self.speed,
            "jobs": self.jobs,
            "set": self.set,
            "token": self.token,
            "deactivate": self.deactivate,
            "new_secret": self.new_secret,
            "break": self.break_,
            "purge": self.purge,
            "reset": self.reset,
        }
        for name, obey in orders.items():
            router.add_post(f"/{name}", _obeying(obey))

    async def state(self, _request: web.Request) -> web.Response:
        """Everything there is."""
        world = self._world
        people = (
            {**a.minimal(), "is_admin": a.is_admin, "active": a.status is Status.ACTIVE}
            for a in world.accounts
        )
        jobs = sorted(world.jobs.all(), key=lambda job: job.id, reverse=True)
        return answer(
            {
                "speed": world.pace.speed,
                "faults": world.faults.shown(),
                "users": list(people),
                "projects": [project.summary() for project in world.projects.all()],
                "jobs": [job.raw for job in jobs],
                "kinds": [{"kind": name, "label": kind.label} for name, kind in KINDS.items()],
            }
        )

    async def traffic(self, request: web.Request) -> web.Response:
        """The requests to the API since one of them."""
        return answer(self._world.traffic.since(int(request.query.get("since", "0"))))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """A stream that tells of every change of a job."""
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        changes = self._world.changes
        seq = changes.seq
        while not changes.closed:
            try:
                seq = await asyncio.wait_for(changes.after(seq), HEARTBEAT)
                await response.write(f'event: change\ndata: {{"seq":{seq}}}\n\n'.encode())
            except TimeoutError:
                await response.write(b": still here\n\n")
            except ConnectionError:
                break
        return response

    async def start(self, order: Order) -> dict[str, Any]:
        """Start a job of a kind."""
        owner = self._account(order)
        mine = self._world.projects.of(owner)
        project = int(order.get("project") or (mine[0].id if mine else 1))
        recipe = ordered(
            order["kind"],
            seconds=order.get("seconds"),
            names=order.get("names"),
            options=order.get("options") or {},
        )
        job = self._world.jobs.create(owner.id, recipe, job_params(recipe, project))
        return {"job_id": job.id}

    async def speed(self, order: Order) -> dict[str, Any]:
        """Let time run at another speed."""
        speed = float(order["speed"])
        if not 0 < speed < float("inf"):
            raise ValueError("the speed must be above 0")
        self._world.pace.speed = speed
        return {"speed": speed}

    async def jobs(self, order: Order) -> dict[str, Any]:
        """Make many jobs at once that came to a state: at most six, or so many, `days` old."""
        owner, count, state = self._account(order), int(order.get("count", 1)), str(order.get("state", "F"))
        recipe = of_type(order.get("type", "GeneralExport"), state)
        projects = [project.id for project in self._world.projects.of(owner)] or [1]
        if "project" in order:
            projects = [int(order["project"])]
        made = []
        for n in range(count):
            params = job_params(recipe, projects[n % len(projects)])
            age = timedelta(days=float(order.get("days", 6))) * (count - n) / count
            job = self._world.jobs.create_old(owner.id, recipe, params, state=state, age=age)
            job.frozen = state in ("P", "R")
            if padding := int(order.get("padding", 0)):
                job.raw["inside"] |= {"padding": "x" * padding}
            made.append(job.id)
        return {"job_ids": made}

    async def set(self, order: Order) -> dict[str, Any]:
        """Force fields of a job; `freeze` keeps it from moving by itself, or (false) lets it go again.

        Only with `touch` does `updated_on` move, as it does whenever the server itself writes.  With
        `job_ids` several come to it in the same moment; the answer shows the last.
        """
        jobs = [self._job({"job_id": job_id}) for job_id in order.get("job_ids") or [order["job_id"]]]
        for job in jobs:
            self._force(job, order)
        return {"job": jobs[-1].raw}

    def _force(self, job: Job, order: Order) -> None:
        fields = {name: value for name, value in order.items() if name not in _HOW_TO_SET}
        if "state" in fields or order.get("freeze"):
            self._world.runner.stop(job)
        job.frozen = bool(order.get("freeze", job.frozen))
        self._world.jobs.force(job, fields, order.get("remove", ()))
        if order.get("touch"):
            self._world.jobs.touch(job)
        if order.get("freeze") is False:
            self._world.runner.resume(job)

    async def token(self, order: Order) -> dict[str, Any]:
        """A token that was issued a while ago; `key` is `_user_id` for one of a newer server."""
        age = timedelta(days=float(order.get("age_days", 0)))
        key = str(order.get("key", "user_id"))
        return {"token": self._world.accounts.token(self._account(order), age, key)}

    async def deactivate(self, order: Order) -> dict[str, Any]:
        """Switch an account off, or on again."""
        account, active = self._account(order), bool(order.get("active", False))
        account.status = Status.ACTIVE if active else Status.INACTIVE
        return {"active": active}

    async def new_secret(self, _order: Order) -> dict[str, Any]:
        """Make every token so far a bad one."""
        self._world.accounts.new_secret()
        return {}

    async def break_(self, order: Order) -> dict[str, Any]:
        """Break something, or heal everything."""
        wanted = dict(order)
        if wanted.pop("heal", False):
            self._world.faults.heal()
        if wanted:
            self._world.faults.add(wanted)
        return {"faults": self._world.faults.shown()}

    async def purge(self, _order: Order) -> dict[str, Any]:
        """Do now what the server does at night."""
        return {"job_ids": self._world.jobs.purge()}

    async def reset(self, _order: Order) -> dict[str, Any]:
        """Forget everything."""
        await self._world.reset()
        return {}

    def _account(self, order: Order) -> Account:
        return self._world.accounts.by_email(str(order["as"]))

    def _job(self, order: Order) -> Job:
        job = self._world.jobs.find(int(order["job_id"]))
        if job is None:
            raise ValueError(f"no job {order['job_id']}")
        return job


def _obeying(
    obey: Callable[[Order], Awaitable[dict[str, Any]]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        try:
            order = await request.json() if request.can_read_body else {}
            return answer(await obey(order))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return answer({"error": f"{type(error).__name__}: {error}"}, 400)

    return handler

"""The EcoTaxa stand-in as a test sees it."""

import asyncio
from typing import Any, Protocol

import httpx

ELENA, TOMAS, ADA = "elena@lab.example", "tomas@lab.example", "ada@lab.example"


class Lab:
    """The stand-in as a test sees it: its API as somebody, and its control interface."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.tokens: dict[str, str] = {}

    async def control(self, name: str, **order: Any) -> Any:
        answer = await self.http.post(f"/_control/ecotaxa/{name}", json=order)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def seen(self, name: str, **query: Any) -> Any:
        return (await self.http.get(f"/_control/ecotaxa/{name}", params=query)).json()

    async def login(self, email: str) -> str:
        if email not in self.tokens:
            body = {"username": email, "password": "plankton"}
            self.tokens[email] = (await self.http.post("/ecotaxa/api/login", json=body)).json()
        return self.tokens[email]

    async def call(
        self,
        method: str,
        path: str,
        who: str | None = ELENA,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Ask the API as `who`; None is nobody."""
        token = {"Authorization": f"Bearer {await self.login(who)}"} if who else {}
        return await self.http.request(method, f"/ecotaxa/api{path}", headers=token | (headers or {}), **more)

    async def get(self, path: str, who: str | None = ELENA, **more: Any) -> httpx.Response:
        return await self.call("GET", path, who, **more)

    async def start(self, kind: str, who: str = ELENA, **order: Any) -> int:
        started = await self.control("start", kind=kind, **{"as": who} | order)
        return int(started["job_id"])

    async def job(self, job_id: int, who: str = ELENA) -> dict[str, Any]:
        answer = await self.get(f"/jobs/{job_id}/", who)
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()
        return job

    async def settle(self, job_id: int, states: str = "AEF") -> dict[str, Any]:
        """The job once it is in one of the states."""
        async with asyncio.timeout(60):
            while True:
                job = await self.job(job_id)
                if job["state"] in states:
                    return job
                await asyncio.sleep(0.01)

    async def settled(self, kind: str, **order: Any) -> dict[str, Any]:
        """A new job of that kind, once it is asking or has ended."""
        return await self.settle(await self.start(kind, **order))

    async def answer(self, job_id: int, reply: Any) -> dict[str, Any]:
        """The job once it has digested the reply."""
        told = await self.call("POST", f"/jobs/{job_id}/answer", json=reply)
        assert (told.status_code, told.json()) == (200, None)
        return await self.settle(job_id)

    async def restart(self, job_id: int) -> dict[str, Any]:
        """The job once it has been restarted and has settled."""
        told = await self.get(f"/jobs/{job_id}/restart")
        assert (told.status_code, told.json()) == (200, None)
        return await self.settle(job_id)


class Open(Protocol):
    """Opens a lab at a speed of one's own."""

    async def __call__(self, speed: float = ..., **settings: Any) -> Lab: ...

"""The hands behind both stand-ins, for tests and benches: the control interfaces as methods."""

from collections.abc import Sequence
from typing import Any

import httpx

from bot.sandbox.screen import Json


class Failed(Exception):
    """The sandbox said no: `error` is its code (`gone`, `operation_timeout`, `dispatch_failed`, …)."""

    def __init__(self, error: str, answer: Json) -> None:
        super().__init__(f"{error}: {answer}")
        self.error = error
        self.answer = answer


class Control:
    """One of the two control interfaces."""

    def __init__(self, client: httpx.AsyncClient, path: str) -> None:
        self._client = client
        self._path = path

    async def get(self, name: str, **query: str | int) -> Json:
        """Read something."""
        response = await self._client.get(f"{self._path}/{name}", params=query)
        return _checked(response)

    async def post(self, name: str, body: Json) -> Json:
        """Do something; raises Failed."""
        return _checked(await self._client.post(f"{self._path}/{name}", json=body))


def _checked(response: httpx.Response) -> Json:
    try:
        told = response.json()
    except ValueError:
        told = response.text
    answer: Json = told if isinstance(told, dict) else {"body": told}
    if answer.get("ok") is False and "errors" not in answer:
        raise Failed(str(answer.get("error")), answer)
    if response.is_error:
        raise Failed(f"http_{response.status_code}", answer)
    return answer


class SlackControl(Control):
    """The hand behind Slack."""

    async def break_(self, **faults: Any) -> Json:
        """Switch faults on: those in force."""
        return await self.post("break", faults)

    async def heal(self) -> None:
        """End all faults."""
        await self.post("break", {"heal": True})

    async def traffic(self, since: int = 0) -> list[Json]:
        """What went over the wire after entry number `since`."""
        entries: list[Json] = (await self.get("traffic", since=since))["entries"]
        return entries

    async def calls(self, method: str = "") -> list[Json]:
        """The calls of a method of the Web API, or of all: `at`, `method`, `channel`, `status`, `error`."""
        calls: list[Json] = (await self.get("calls"))["calls"]
        return [call for call in calls if method in ("", call["method"])]

    async def file(self, file_id: str) -> Json:
        """A shared file: name, size, sha256, and the text of a short one; raises Failed."""
        return await self.get("file", id=file_id)

    async def deliver(self, kind: str, payload: Json) -> Json:
        """Deliver a hand-made payload: what the app acknowledged it with."""
        answer: Json = (await self.post("deliver", {"type": kind, "payload": payload}))["acknowledgement"]
        return answer

    async def mode(self, request_url: str | None) -> None:
        """Deliver over signed HTTP to this address, or through sockets (None)."""
        await self.post("mode", {"request_url": request_url})

    async def grant(self, *scopes: str) -> None:
        """Grant the app these scopes and no others; none at all: those of its installation."""
        await self.post("mode", {"scopes": scopes or None})

    async def subscribe(self, *events: str) -> None:
        """Tell the app these events and no others; none at all: those of its manifest."""
        await self.post("mode", {"events": events or None})

    async def circumstances(self, **circumstances: Any) -> None:
        """Archive channels, close accounts, revoke the token, …: see `bot.sandbox.slack.circumstances`."""
        await self.post("circumstances", circumstances)

    async def locale(self, name: str, locale: str) -> None:
        """Let a person choose another language for Slack, such as `fr-FR`."""
        await self.post("settle", {"as": f"U0{name.upper()}", "locale": locale})

    async def zone(self, name: str, tz: str) -> None:
        """Let a person choose another time zone, such as `Europe/Paris`."""
        await self.post("settle", {"as": f"U0{name.upper()}", "tz": tz})

    async def age(self, seconds: float) -> None:
        """Make triggers and response_urls older."""
        await self.post("age", {"seconds": seconds})

    async def set_up_app(self, **settings: Any) -> Json:
        """Set `redirect_urls`, whether tokens end (`rotates`), `org_ready`: the app's id and secret."""
        return await self.post("app", settings)

    async def answer_page(self, name: str, url: str, *, allows: bool = True, everywhere: bool = False) -> str:
        """Let a person allow or cancel at Slack's page, with `everywhere` for their whole organisation.

        Where their browser goes then; raises Failed.
        """
        given = {"as": f"U0{name.upper()}", "url": url, "allows": allows, "everywhere": everywhere}
        return str((await self.post("answer_page", given))["redirect"])

    async def uninstall(self, *, everywhere: bool = False) -> None:
        """Take the app out of the workspace, or its whole organisation, as an administrator does."""
        await self.post("uninstall", {"everywhere": everywhere})

    async def let_in(self, *, is_let_in: bool = True) -> None:
        """Let the app, installed for the organisation, into this workspace of it, or out again."""
        await self.post("let_in", {"is_let_in": is_let_in})

    async def reset(self) -> None:
        """Empty everything but people and channels."""
        await self.post("reset", {})


class EcoTaxaControl(Control):
    """The hand behind EcoTaxa; people are named as in Slack ("elena")."""

    async def start(self, kind: str, who: str = "elena", **more: Any) -> int:
        """Start a job of this kind: its id."""
        return int((await self.post("start", {"as": _email(who), "kind": kind, **more}))["job_id"])

    async def state(self) -> Json:
        """Users, projects, jobs (newest first), faults."""
        return await self.get("state")

    async def job(self, job_id: int) -> Json:
        """A job as EcoTaxa has it; raises LookupError."""
        for job in (await self.state())["jobs"]:
            if job["id"] == job_id:
                found: Json = job
                return found
        raise LookupError(f"no job {job_id}")

    async def jobs(self, count: int, who: str = "elena", **more: Any) -> list[int]:
        """Make old jobs: their ids."""
        answer = await self.post("jobs", {"as": _email(who), "count": count, **more})
        return [int(job_id) for job_id in answer["job_ids"]]

    async def set(self, job_id: int, **fields: Any) -> None:
        """Force fields of a job; `remove=[…]` takes some away, `freeze=True` stops its run."""
        await self.post("set", {"job_id": job_id, **fields})

    async def set_all(self, job_ids: Sequence[int], **fields: Any) -> None:
        """Force fields of several jobs in the same moment, as `set` does."""
        await self.post("set", {"job_ids": list(job_ids), **fields})

    async def erase(self, job_id: int, who: str = "elena") -> None:
        """Press *delete* in EcoTaxa's own page: once kills a job that goes on, once more deletes it."""
        token = await self.token(who)
        path, headers = f"/ecotaxa/api/jobs/{job_id}", {"Authorization": f"Bearer {token}"}
        _checked(await self._client.delete(path, headers=headers))

    async def token(self, who: str = "elena", age_days: float = 0) -> str:
        """A token that was issued so many days ago."""
        return str((await self.post("token", {"as": _email(who), "age_days": age_days}))["token"])

    async def deactivate(self, who: str, *, active: bool = False) -> None:
        """Take somebody's account out of use, or back in."""
        await self.post("deactivate", {"as": _email(who), "active": active})

    async def new_secret(self) -> None:
        """Make every token so far bad."""
        await self.post("new_secret", {})

    async def speed(self, speed: float) -> None:
        """Divide every duration by this from now on."""
        await self.post("speed", {"speed": speed})

    async def break_(self, **faults: Any) -> Json:
        """Switch faults on: those in force."""
        return await self.post("break", faults)

    async def heal(self) -> None:
        """End all faults."""
        await self.post("break", {"heal": True})

    async def traffic(self, since: int = 0) -> Json:
        """What was asked and answered after entry number `since`."""
        return await self.get("traffic", since=since)

    async def reset(self) -> None:
        """Back to the beginning."""
        await self.post("reset", {})


def _email(who: str) -> str:
    return who if "@" in who else f"{who}@lab.example"

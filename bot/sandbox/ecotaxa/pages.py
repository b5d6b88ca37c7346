"""The two pages of EcoTaxa's web interface that messages link to, a paragraph each."""

from html import escape

from aiohttp import web

from bot.sandbox.ecotaxa.world import World


class Pages:
    """`/ecotaxa/gui/job/show/{id}` and `/ecotaxa/prj/{id}`; nothing on them has an effect."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_get(r"/ecotaxa/gui/job/show/{job_id:\d+}", self.job)
        router.add_get(r"/ecotaxa/prj/{project_id:\d+}", self.project)

    async def job(self, request: web.Request) -> web.Response:
        """A job's page."""
        job = self._world.jobs.find(int(request.match_info["job_id"]))
        if job is None:
            return _page("No such job", "This job does not exist, or no longer.", status=404)
        told = f"{job.raw.get('type')} in state {job.state}: {job.raw.get('progress_msg')}"
        return _page(f"Job {job.id}", f"{told} (This is where EcoTaxa's own page of the job would be.)")

    async def project(self, request: web.Request) -> web.Response:
        """A project's page."""
        project = self._world.projects.find(int(request.match_info["project_id"]))
        if project is None:
            return _page("No such project", "This project does not exist.", status=404)
        told = f"{project.objects} objects of {project.instrument}."
        return _page(project.title, f"{told} (This is where EcoTaxa's own page of the project would be.)")


def _page(title: str, text: str, *, status: int = 200) -> web.Response:
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><body><h1>{escape(title)}</h1><p>{escape(text)}</p></body></html>"
    )
    return web.Response(text=html, status=status, content_type="text/html")

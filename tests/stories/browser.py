"""A browser on the way through Slack's page and back, as far as the bot can tell one from another."""

from urllib.parse import urlsplit

import httpx

from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.slack.team import CLIENT_ID, CLIENT_SECRET
from tests.processes import free_port
from tests.stories.browsing import asked_for, proof_on

PUBLIC_URL = "https://bot.lab.example"
"""Where Slack and browsers believe the bot to be: something before it speaks TLS."""
REDIRECT_URL = f"{PUBLIC_URL}/slack/oauth_redirect"


def set_up(settings: dict[str, str]) -> int:
    """Make the settings those of a bot that people install themselves: the port at which it serves HTTP."""
    port = free_port()
    settings |= {
        "SLACK_BOT_TOKEN": "",
        "SLACK_APP_TOKEN": "",
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "PUBLIC_URL": PUBLIC_URL,
        "HTTP_PORT": str(port),
    }
    return port


class Browser:
    """Keeps cookies, and comes to the bot at `port` by its public name; never goes on by itself."""

    def __init__(self, port: int, **headers: str) -> None:
        """`headers` go along with whatever it asks for."""
        self._headers = headers
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        self._cookies: dict[str, str] = {}

    def at(self, port: int) -> "Browser":
        """The same browser, where its next request comes to another of several bots; or its twin."""
        there = Browser(port, **self._headers)
        there._cookies = dict(self._cookies)
        return there

    async def get(self, address: str) -> httpx.Response:
        """Open an address of the bot's, as the person clicks on it or Slack sends them there."""
        return await self._ask("GET", address)

    async def _ask(self, method: str, address: str, form: dict[str, str] | None = None) -> httpx.Response:
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" in ("://", PUBLIC_URL)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        # By hand: over plain HTTP none of them would be sent.
        headers = self._headers | ({"Cookie": cookies} if cookies else {})
        answer = await self._client.request(method, f"{parts.path}?{parts.query}", headers=headers, data=form)
        for given in answer.headers.get_list("set-cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    async def links(self, person: Actor) -> None:
        """Link a person's account on the bot's page."""
        address = await asked_for(person, person.im)
        form = {
            "email": person.email,
            "password": "plankton",
            "proof": proof_on((await self.get(address)).text),
        }
        assert "Linked" in (await self._ask("POST", address, form)).text

    async def goes(self) -> str:
        """Begin to install: the address of Slack's page."""
        answer = await self.get("/slack/install")
        assert answer.status_code == 302
        return answer.headers["location"]

    async def installs(
        self, workspace: SandboxDriver, name: str = "ada", *, everywhere: bool = False
    ) -> httpx.Response:
        """Install the bot in a workspace, or its organisation, as one of its people: the page at the end."""
        back = await workspace.slack.answer_page(name, await self.goes(), everywhere=everywhere)
        return await self.get(back)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

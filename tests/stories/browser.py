"""A browser on the way through Slack's page and back, as far as the bot can tell one from another."""

from urllib.parse import urlsplit

import httpx

from bot.sandbox.driver import SandboxDriver

PUBLIC_URL = "https://bot.lab.example"
"""Where Slack and browsers believe the bot to be: something before it speaks TLS."""


class Browser:
    """Keeps cookies, and comes to the bot at `port` by its public name; never goes on by itself."""

    def __init__(self, port: int) -> None:
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        self._cookies: dict[str, str] = {}

    def at(self, port: int) -> "Browser":
        """The same browser, where its next request comes to another of several bots; or its twin."""
        there = Browser(port)
        there._cookies = dict(self._cookies)
        return there

    async def get(self, address: str) -> httpx.Response:
        """Open an address of the bot's, as the person clicks on it or Slack sends them there."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" in ("://", PUBLIC_URL)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        # By hand: over plain HTTP none of them would be sent.
        answer = await self._client.get(
            f"{parts.path}?{parts.query}", headers={"Cookie": cookies} if cookies else {}
        )
        for given in answer.headers.get_list("set-cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    async def goes(self) -> str:
        """Begin to install: the address of Slack's page."""
        answer = await self.get("/slack/install")
        assert answer.status_code == 302
        return answer.headers["location"]

    async def installs(self, workspace: SandboxDriver, name: str = "ada") -> httpx.Response:
        """Install the bot in a workspace, as one of its people: the page at the end."""
        back = await workspace.slack.answer_page(name, await self.goes())
        return await self.get(back)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

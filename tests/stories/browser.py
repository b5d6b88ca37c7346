"""A browser without scripts, as far as the bot's pages need one: it keeps cookies and sends forms."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.sandbox.demo import free_port
from bot.sandbox.driver import Actor, Message, SandboxDriver, View
from bot.sandbox.slack.team import CLIENT_ID, CLIENT_SECRET

PUBLIC_URL = "https://bot.lab.example"
"""Where Slack and browsers believe the bot to be: something before it speaks TLS."""
REDIRECT_URL = f"{PUBLIC_URL}/slack/oauth_redirect"
OPENS = "Open the page"


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
    """Somebody's browser; never goes on by itself.

    What it would find at PUBLIC_URL is asked of the bot that listens on `port` of this machine.
    """

    def __init__(self, port: int = 0, **headers: str) -> None:
        """`headers` go along with whatever it asks for."""
        self._client = httpx.AsyncClient(trust_env=False, headers=headers)
        self._headers = headers
        self._port = port
        self._cookies: dict[str, str] = {}
        self.page = self.address = ""

    def at(self, port: int) -> "Browser":
        """The same browser, where its next request comes to another of several bots; or its twin."""
        there = Browser(port, **self._headers)
        there._cookies = dict(self._cookies)
        return there

    async def get(self, address: str) -> httpx.Response:
        """Go to an address, as the person clicks on it or Slack sends them there."""
        answer = await self.ask("GET", address)
        self.page, self.address = answer.text, address
        return answer

    async def send(self, email: str, password: str, **fields: str) -> httpx.Response:
        """Fill in the form that stands there and send it; `fields` go in place of its own."""
        return await self.send_to(self.address, email=email, password=password, **fields)

    async def send_to(self, address: str, **fields: str) -> httpx.Response:
        """Send the form to another address."""
        answer = await self.ask("POST", address, data={"proof": self.proof} | fields)
        self.page = answer.text
        return answer

    @property
    def proof(self) -> str:
        """What the form brings by itself; nothing where there is none."""
        found = re.search(r'name="proof" value="(.*?)"', self.page)
        return html.unescape(found[1]) if found else ""

    async def ask(
        self, method: str, address: str, *, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        """Send any request; `body` is as httpx takes it."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        # By hand: over plain HTTP the library would send none of those that are for TLS.
        sent = ({"Cookie": cookies} if cookies else {}) | (headers or {})
        answer = await self._client.request(method, self._really(address), headers=sent, **body)
        for given in answer.headers.get_list("set-cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    def _really(self, address: str) -> str:
        parts = urlsplit(address)
        if parts.hostname == "127.0.0.1":
            return address
        assert f"{parts.scheme}://{parts.netloc}" in ("://", PUBLIC_URL)
        return parts._replace(scheme="http", netloc=f"127.0.0.1:{self._port}").geturl()

    async def links(self, person: Actor) -> None:
        """Link a person's account on the bot's page."""
        await self.get(await asked_for(person, person.im))
        assert "Linked" in (await self.send(person.email, "plankton")).text

    async def goes(self) -> str:
        """Begin to install: the address of Slack's page."""
        answer = await self.get("/slack/install")
        assert answer.status_code == 302
        return str(answer.headers["location"])

    async def installs(
        self, workspace: SandboxDriver, name: str = "ada", *, everywhere: bool = False
    ) -> httpx.Response:
        """Install the bot in a workspace, or its organisation, as one of its people: the page at the end."""
        back = await workspace.slack.answer_page(name, await self.goes(), everywhere=everywhere)
        return await self.get(back)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser that nobody used before."""
    new = Browser()
    try:
        yield new
    finally:
        await new.close()


def address_on(shown: Message | View) -> str:
    """Where the button leads that opens the page."""
    _block, element = shown.find(OPENS)
    return str(element["url"])


async def asked_for(person: Actor, channel: str = "C0GENERAL") -> str:
    """Have the person ask for a way to the page: its address."""
    seen = {message.id for message in await person.messages(channel)}
    await person.say("/ecotaxa link", channel)
    return address_on(
        await person.wait_for_message(lambda m: m.id not in seen and OPENS in str(m.blocks), channel)
    )

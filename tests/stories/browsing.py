"""A browser without scripts, as far as the linking page needs one: it keeps cookies and sends forms."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.sandbox.driver import Actor, Message, View

OPENS = "Open the page"


class Browser:
    """Somebody's browser."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = self.address = ""

    async def open(self, address: str) -> httpx.Response:
        """Go to an address."""
        answer = await self.client.get(address)
        self.page, self.address = answer.text, address
        return answer

    async def send(self, email: str, password: str, **fields: str) -> httpx.Response:
        """Fill in the form that stands there and send it; `fields` go in place of its own."""
        return await self.send_to(self.address, email=email, password=password, **fields)

    async def send_to(self, address: str, **fields: str) -> httpx.Response:
        """Send the form to another address."""
        answer = await self.client.post(address, data={"proof": self.proof} | fields)
        self.page = answer.text
        return answer

    @property
    def proof(self) -> str:
        """What the form brings by itself."""
        return proof_on(self.page)


def proof_on(page: str) -> str:
    """What the form on a page brings by itself; nothing where there is none."""
    found = re.search(r'name="proof" value="(.*?)"', page)
    return html.unescape(found[1]) if found else ""


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser that nobody used before."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield Browser(client)


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

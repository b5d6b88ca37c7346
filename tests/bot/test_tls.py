"""Whom the bot believes: its own authority beside the usual ones, and nobody without a certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.ecotaxa import EcoTaxa
from bot.errors import SlackBusy, Unavailable
from bot.slack import Slack
from bot.tls import trusting
from tests.faults.stage import certificates


@asynccontextmanager
async def serving(certificate: str) -> AsyncIterator[str]:
    """A server that shows a certificate, and answers everything with an empty object."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{"ok":true}')
        writer.close()

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def asked(url: str, tls: ssl.SSLContext) -> tuple[str, str]:
    """What the log is told when EcoTaxa, and Slack, stand at an address; empty where they answer."""
    ecotaxa, slack = EcoTaxa(url, tls=tls, retry_pause=0), Slack.connect(token="xoxb-1", api_url=url, tls=tls)
    told = ["", ""]
    try:
        await ecotaxa.ping()
    except Unavailable as error:
        told[0] = error.detail
    try:
        await slack.call("auth.test")
    except SlackBusy as error:
        told[1] = error.detail
    await ecotaxa.aclose()
    await slack.close()
    return told[0], told[1]


async def test_an_authority_of_ones_own_is_believed_once_it_is_named(tmp_path: Path) -> None:
    ca_file, shown = certificates(tmp_path)
    async with serving(shown["good"]) as url:
        assert await asked(url, trusting(ca_file)) == ("", "")
        unknown = await asked(url, trusting())

    assert all("unable to get local issuer certificate" in why for why in unknown), unknown


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("self-signed", "self-signed certificate"),
        ("another host's", "IP address mismatch"),
        ("expired", "certificate has expired"),
    ],
)
async def test_a_certificate_that_is_no_good_is_refused_and_the_log_says_why(
    tmp_path: Path, name: str, why: str
) -> None:
    ca_file, shown = certificates(tmp_path)
    async with serving(shown[name]) as url:
        told = await asked(url, trusting(ca_file))

    assert all(why in detail for detail in told), told

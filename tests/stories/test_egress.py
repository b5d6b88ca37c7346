"""Where the bot sends: nowhere but to Slack and EcoTaxa, whatever address it is given."""

import json
from urllib.parse import urlsplit

import pytest

from bot.app import Bot
from bot.errors import MessageRefused
from bot.links import Person
from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import TEAM_ID
from bot.slack import Slack
from bot.uploads import Uploads
from tests.bot.scripted_server import say, serving
from tests.stories.forgery import command, on_view, press, view_of


def roundabout(slack: str, elsewhere: str) -> list[str]:
    """Addresses that look like Slack's to some, and lead elsewhere."""
    own, other = urlsplit(slack).netloc, urlsplit(elsewhere).netloc
    port = urlsplit(elsewhere).port
    return [
        f"http://{other}/slack/respond/abc",
        f"http://localhost:{port}/slack/respond/abc",
        f"http://{own}@{other}/slack/respond/abc",
        f"http://{own}\\@{other}/slack/respond/abc",
        f"http://hooks.slack.com@{other}/actions/T1/2/3",
        f"https://hooks.slack.com@{other}/actions/T1/2/3",
        f"http://127.0.0.1:{port}#@{own}/slack/respond/abc",
        f"http://{other}?@{own}/slack/respond/abc",
        f"http://{other}\t/slack/respond/abc",
        f"//{other}/slack/respond/abc",
    ]


async def test_an_answer_is_sent_to_no_address_but_slacks(
    sandbox: Sandbox, driver: SandboxDriver, bot: Bot, elena: Actor
) -> None:
    async with serving(say({"ok": True})) as elsewhere:
        for url in roundabout(sandbox.url, elsewhere.url):
            typed = command(elena, "help") | {"response_url": url}
            await driver.slack.deliver("slash_commands", typed)
            pressed = press(elena, "jobs.refresh", "0") | {"response_url": url}
            await driver.slack.deliver("interactive", pressed)
        await bot.services.work.rest(10)

        assert elsewhere.connections == 0


async def test_nor_to_one_that_an_answer_was_to_go_to_once_the_account_is_linked(
    driver: SandboxDriver, bot: Bot, elena: Actor
) -> None:
    async with serving(say({"ok": True})) as elsewhere:
        await elena.say("/ecotaxa link")
        shown = await elena.wait_for_view("Link EcoTaxa")
        filled = {"email": elena.email, "password": "plankton", "token": ""}
        metadata = json.dumps(["help", f"{elsewhere.url}/slack/respond/abc", False])
        values = {name: {name: {"value": value}} for name, value in filled.items()}
        view = view_of(shown, private_metadata=metadata, state={"values": values})
        await driver.slack.deliver("interactive", on_view(elena, shown, "view_submission") | {"view": view})
        await bot.services.work.rest(10)

        assert await bot.services.store.find_link(Person(None, TEAM_ID, elena.id)) is not None
        assert elsewhere.connections == 0


async def test_a_file_is_sent_to_no_address_but_slacks() -> None:
    async with serving() as slack, serving(say({"ok": True})) as elsewhere:
        connected = Slack.connect(token="xoxb-1", api_url=slack.url)
        try:
            for url in roundabout(slack.url, elsewhere.url):
                slack.script = [say({"ok": True, "upload_url": url, "file_id": "F1"})]
                with pytest.raises(MessageRefused):
                    await Uploads(connected).share_text("C1", "log.txt", "what it wrote")
        finally:
            await connected.close()

        assert elsewhere.connections == 0

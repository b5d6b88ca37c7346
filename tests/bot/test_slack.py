"""What Slack's answers mean, and where answers may be sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import combinations

import pytest

from bot import webapi
from bot.errors import (
    DeliveryUnknown,
    MessageGone,
    MessageRefused,
    PlaceGone,
    SlackBusy,
    SlackError,
    UnknownRefusal,
    WorkspaceGone,
)
from bot.links import Person, Workspace
from bot.messages import Message, note
from bot.metrics import Metrics
from bot.rates import A_MINUTE, WINDOW, Rates
from bot.refusals import CODES, meaning
from bot.sandbox.server import Sandbox
from bot.slack import Slack
from bot.tls import trusting
from tests.bot.scripted_server import be_silent, say, serving


def test_every_code_has_one_class() -> None:
    assert CODES.keys() == set(SlackError.__subclasses__())
    for one, other in combinations(CODES.values(), 2):
        assert one.isdisjoint(other)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, "", SlackBusy),
        (200, "ratelimited", SlackBusy),
        (503, "service_unavailable", SlackBusy),
        (200, "channel_not_found", PlaceGone),
        (200, "user_disabled", PlaceGone),
        (200, "restricted_action_read_only_channel", PlaceGone),
        (200, "message_not_found", MessageGone),
        (200, "invalid_blocks", MessageRefused),
        (200, "too_many_attachments", MessageRefused),
        (200, "a_code_of_tomorrow", UnknownRefusal),
        (400, "a_code_of_tomorrow", UnknownRefusal),
        (200, "token_revoked", WorkspaceGone),
        (200, "messages_tab_disabled", WorkspaceGone),
        (200, "restricted_action", WorkspaceGone),
        (200, "accesslimited", WorkspaceGone),
        (200, "internal_error", DeliveryUnknown),
        (500, "", DeliveryUnknown),
        (502, "a_code_of_tomorrow", DeliveryUnknown),
    ],
)
def test_what_an_unhappy_answer_means(status: int, code: str, error: type[SlackError]) -> None:
    assert type(meaning(status, code)) is error


def test_a_busy_slack_says_for_how_long() -> None:
    told, untold = meaning(429, "ratelimited", 30.0), meaning(429, "ratelimited")

    assert isinstance(told, SlackBusy)
    assert told.retry_after == 30
    assert isinstance(untold, SlackBusy)
    assert untold.retry_after > 0


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://hooks.slack.com/actions/T1/2/3", True),
        ("https://hooks.slack-gov.com/actions/T1/2/3", True),
        ("http://hooks.slack.com/actions/T1/2/3", False),
        ("https://hooks.slack.com.example.org/x", False),
        ("https://evilslack.com/x", False),
        ("https://files.slack.com/upload/v1/abc", True),
        ("https://HOOKS.slack.com/actions/T1/2/3", True),
        ("https://slack.com/api/x", True),
        ("http://slack.com/api/x", False),
        ("https://hooks.slack.com:8443/actions/T1/2/3", False),
        ("https://slack.com@example.org/x", False),
        ("https://hooks.slack.com@example.org/x", False),
        ("https://hooks.slack.com:443@example.org/x", False),
        ("https://somebody@hooks.slack.com/x", False),
        ("https://hooks.slack.com\\@example.org/x", False),
        ("https://example.org\\.hooks.slack.com/x", False),
        ("https://hooks.sl\tack.com/x", False),
        (" https://hooks.slack.com/x", False),
        ("https://hooks.slack.com\n.example.org/x", False),
        ("https://hooks.\u017flack.com/x", False),
        ("https://hooks.slack.com./x", False),
        ("https://[::1/x", False),
        ("//hooks.slack.com/x", False),
        ("https:/hooks.slack.com/x", False),
        ("wss://hooks.slack.com/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
async def test_answers_go_to_slack_alone(url: str, own: bool) -> None:
    slack = Slack.connect(token="xoxb-1", api_url="https://slack.com/api")
    try:
        assert slack.is_own(url) is own
    finally:
        await slack.close()


async def test_where_slack_is_configured_to_be_counts_as_slack() -> None:
    slack = Slack.connect(token="xoxb-1", api_url="http://127.0.0.1:8765/slack/api")
    try:
        assert slack.is_own("http://127.0.0.1:8765/slack/respond/abc")
        assert not slack.is_own("http://127.0.0.1:8766/slack/respond/abc")
    finally:
        await slack.close()


async def test_a_call_that_would_be_one_too_many_is_not_made() -> None:
    sandbox = Sandbox()
    sandbox.slack.faults.change({"rate_limits": True})
    await sandbox.start()
    slack = Slack.connect(token="xoxb-sandbox", api_url=f"{sandbox.url}/slack/api", rates=Rates(lambda: 1.0))
    elena = Person(None, "T0PLANKTON", "U0ELENA")
    try:
        posted = [await _posted(slack, elena) for _ in range(9)]
        asked = [await _asked(slack) for _ in range(A_MINUTE["users.info"] + 1)]
    finally:
        await slack.close()
        await sandbox.stop()

    statuses = [call.status for call in sandbox.slack.traffic.calls]
    assert set(statuses) == {200}
    assert posted[:3] == [0.0] * 3
    assert posted[-1] > 0, "Slack is not asked to take more at once"
    assert asked == [0.0] * A_MINUTE["users.info"] + [WINDOW]


async def test_each_workspace_has_its_own_token_and_its_own_rates() -> None:
    here, there = Workspace(None, "T0PLANKTON"), Workspace(None, "T0BENTHOS")

    async def token_of(workspace: Workspace) -> str:
        if workspace != here:
            raise WorkspaceGone(detail=f"not installed in {workspace.key}")
        return "xoxb-sandbox"

    sandbox = Sandbox()
    await sandbox.start()
    metrics = Metrics()
    client = webapi.connect(token=None, api_url=f"{sandbox.url}/slack/api", tls=trusting(), metrics=metrics)
    slack = Slack(client, Rates(lambda: 1.0), metrics, token_of=token_of)
    try:
        assert (await slack.of(here).call("auth.test"))["team_id"] == here.team_id
        with pytest.raises(WorkspaceGone, match="T0BENTHOS"):
            await slack.of(here).of(there).call("auth.test")
        with pytest.raises(WorkspaceGone, match="not_authed"):
            await slack.call("auth.test")
        for _ in range(4):
            await slack.of(here).post_in("U0ELENA", Message("x", []))
        waits = [slack.of(it).wait(Person(None, it.team_id, "U0ELENA")) for it in (here, there)]
    finally:
        await slack.close()
        await sandbox.stop()

    assert waits[0] > 0
    assert waits[1] == 0


async def _posted(slack: Slack, person: Person) -> float:
    """Post to somebody; the seconds for which that is refused, 0 when it is posted."""
    try:
        await slack.post(person, Message("x", []))
    except SlackBusy as busy:
        return busy.retry_after
    return 0.0


async def _asked(slack: Slack) -> float:
    try:
        await slack.read("users.info", user="U0ELENA")
    except SlackBusy as busy:
        return busy.retry_after
    return 0.0


async def test_a_direct_message_waits_like_any_channel() -> None:
    sandbox = Sandbox()
    await sandbox.start()
    slack = Slack.connect(token="xoxb-sandbox", api_url=f"{sandbox.url}/slack/api", rates=Rates(lambda: 1.0))
    elena = Person(None, "T0PLANKTON", "U0ELENA")
    try:
        waits = [slack.wait(elena)]
        for _ in range(4):
            await slack.post(elena, Message("x", []))
            waits.append(slack.wait(elena))
    finally:
        await slack.close()
        await sandbox.stop()

    assert waits == [0, 0, 0, 0, 1]


async def test_the_workspaces_of_an_organisation_are_read_to_the_last_page() -> None:
    pages = (
        {"ok": True, "teams": [{"id": "T1", "name": "a"}], "response_metadata": {"next_cursor": "more="}},
        {"ok": True, "teams": [{"id": "T2", "name": "b"}], "response_metadata": {"next_cursor": ""}},
    )
    async with serving(*map(say, pages)) as api:
        slack = Slack.connect(token="xoxb-1", api_url=api.url)

        assert await slack.teams() == {"T1", "T2"}

        assert [it.target.partition("cursor=")[2] for it in api.asked] == ["", "more%3D"]
        await slack.close()


async def _letter() -> AsyncIterator[bytes]:
    yield b"a"


@pytest.mark.parametrize(
    "use",
    [
        lambda slack, _url: slack.call("chat.postMessage", channel="C1", text="a"),
        lambda slack, _url: slack.read("users.info", user="U1"),
        lambda slack, url: slack.respond(f"{url}/respond", note("a")),
        lambda slack, url: slack.upload(f"{url}/upload", 1, _letter()),
    ],
    ids=["call", "read", "respond", "upload"],
)
async def test_once_the_bot_hung_up_nothing_is_sent(use: Callable[[Slack, str], Awaitable[object]]) -> None:
    async with serving(say({"ok": True})) as server:
        slack = Slack.connect(token="xoxb-1", api_url=server.url)
        await slack.close()

        with pytest.raises(SlackBusy):
            await use(slack, server.url)

    assert server.connections == 0


async def test_what_is_asked_while_the_bot_hangs_up_is_given_up() -> None:
    async with serving(say({"ok": True}), be_silent) as server:
        slack = Slack.connect(token="xoxb-1", api_url=server.url)
        await slack.read("users.info", user="U1")
        asking = asyncio.create_task(slack.read("users.info", user="U1"))
        await server.was_asked(2)

        await slack.close()
        with pytest.raises(SlackError):
            await asking

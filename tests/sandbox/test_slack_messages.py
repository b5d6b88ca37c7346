"""chat.*, conversations.* and kin: what Slack takes, refuses and remembers."""

from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.server import Sandbox
from tests.sandbox.slack_app import App, actions, button, refusal, section

pytest_plugins = ["tests.sandbox.slack_fixtures"]

GENERAL = "C0GENERAL"


async def test_a_posted_message_is_seen_by_everybody(bot: AsyncWebClient, driver: SandboxDriver) -> None:
    posted = await bot.chat_postMessage(channel=GENERAL, text="hello")

    for name in ("elena", "amelie", "tomas", "ada"):
        (message,) = await driver.person(name).messages(GENERAL)
        assert (message.ts, message.text, message.user) == (posted["ts"], "hello", "U0ECOBOT")


async def test_a_persons_id_stands_for_their_direct_messages(
    bot: AsyncWebClient, elena: Actor, amelie: Actor
) -> None:
    posted = await bot.chat_postMessage(channel=elena.id, text="psst")

    assert posted["channel"] == "D0ELENA"
    assert [m.text for m in await elena.messages("D0ELENA")] == ["psst"]
    assert "D0ELENA" not in (await amelie.state())["messages"]


@pytest.mark.rule(
    "slack.error.ours", "slack.error.channel-not-found", "slack.size.text", "slack.text.no-text"
)
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "U0NOBODY", "text": "x"}, "channel_not_found"),
        ({"channel": GENERAL}, "no_text"),
        ({"channel": GENERAL, "text": ""}, "no_text"),
        ({"channel": GENERAL, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": GENERAL, "text": "x", "blocks": "no json"}, "invalid_blocks_format"),
        ({"channel": GENERAL, "text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"channel": GENERAL, "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"channel": GENERAL, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": GENERAL, "text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
        ({"channel": GENERAL, "text": "x", "metadata": "no json"}, "metadata_must_be_sent_as_json"),
        ({"text": "x"}, "invalid_arguments"),
    ],
)
async def test_a_bad_message_is_refused_with_slacks_code(
    bot: AsyncWebClient, elena: Actor, given: dict[str, Any], error: str
) -> None:
    answer = await refusal(bot.api_call("chat.postMessage", json=given))

    assert answer["error"] == error
    assert await elena.messages() == []


@pytest.mark.rule("slack.size.code-points")
async def test_a_text_is_measured_in_code_points(bot: AsyncWebClient) -> None:
    posted = await bot.chat_postMessage(channel=GENERAL, text="🦐" * 40_000)

    assert posted["ok"]


@pytest.mark.rule("slack.size.update-text", "slack.size.text")
async def test_an_update_takes_a_tenth_of_the_text_that_a_post_takes(bot: AsyncWebClient) -> None:
    posted = await bot.chat_postMessage(channel=GENERAL, text="x")

    await bot.chat_update(channel=GENERAL, ts=posted["ts"], text="x" * 4_000)
    answer = await refusal(bot.chat_update(channel=GENERAL, ts=posted["ts"], text="x" * 4_001))
    assert answer["error"] == "msg_too_long"


@pytest.mark.rule("slack.update.drops-blocks")
async def test_an_update_with_text_only_drops_the_blocks(bot: AsyncWebClient, elena: Actor) -> None:
    posted = await bot.chat_postMessage(channel=GENERAL, text="old", blocks=[section("old")])

    await bot.chat_update(channel=GENERAL, ts=posted["ts"], text="new")

    (message,) = await elena.messages(GENERAL)
    assert (message.text, message.blocks, message.edited) == ("new", [], True)


@pytest.mark.rule("slack.update.direct-messages")
async def test_an_update_wants_the_id_of_the_direct_messages(bot: AsyncWebClient, elena: Actor) -> None:
    posted = await bot.chat_postMessage(channel=elena.id, text="old")

    answer = await refusal(bot.chat_update(channel=elena.id, ts=posted["ts"], text="new"))
    assert answer["error"] == "channel_not_found"
    assert (await bot.chat_update(channel="D0ELENA", ts=posted["ts"], text="new"))["ok"]


@pytest.mark.rule("slack.update.drops-blocks")
async def test_an_update_keeps_the_metadata_until_it_is_emptied(bot: AsyncWebClient) -> None:
    metadata = {"event_type": "told", "event_payload": {"key": "1"}}
    posted = await bot.chat_postMessage(channel="U0ELENA", text="x", metadata=metadata)

    kept = await bot.chat_update(channel="D0ELENA", ts=posted["ts"], text="y")
    assert kept["message"]["metadata"] == metadata
    emptied = await bot.api_call(
        "chat.update", json={"channel": "D0ELENA", "ts": posted["ts"], "text": "z", "metadata": {}}
    )
    assert "metadata" not in emptied["message"]


@pytest.mark.rule("slack.error.not-own")
@pytest.mark.parametrize(
    ("method", "error"), [("chat.update", "cant_update_message"), ("chat.delete", "cant_delete_message")]
)
async def test_the_messages_of_people_are_not_the_bots_to_change(
    bot: AsyncWebClient, elena: Actor, method: str, error: str
) -> None:
    await elena.say("mine", GENERAL)
    (message,) = await elena.messages(GENERAL)

    answer = await refusal(bot.api_call(method, json={"channel": GENERAL, "ts": message.ts, "text": "x"}))
    assert answer["error"] == error


@pytest.mark.rule("slack.error.message-not-found")
@pytest.mark.parametrize("method", ["chat.update", "chat.delete"])
async def test_a_message_that_is_not_there_is_not_found(bot: AsyncWebClient, method: str) -> None:
    answer = await refusal(bot.api_call(method, json={"channel": GENERAL, "ts": "1.000001", "text": "x"}))

    assert answer["error"] == "message_not_found"


@pytest.mark.rule("slack.error.message-not-found")
async def test_a_deleted_message_is_gone(bot: AsyncWebClient, elena: Actor) -> None:
    posted = await bot.chat_postMessage(channel=GENERAL, text="x")

    await bot.chat_delete(channel=GENERAL, ts=posted["ts"])
    assert await elena.messages() == []


@pytest.mark.rule("slack.identity.ephemeral")
async def test_an_ephemeral_message_has_one_reader_and_no_history(
    bot: AsyncWebClient, elena: Actor, amelie: Actor
) -> None:
    shown = await bot.chat_postEphemeral(channel="D0ELENA", user=elena.id, text="you only")

    (message,) = await elena.messages("D0ELENA")
    assert message.ephemeral
    assert message.id != message.ts
    assert (await bot.conversations_history(channel="D0ELENA"))["messages"] == []
    answer = await refusal(bot.chat_update(channel="D0ELENA", ts=shown["message_ts"], text="x"))
    assert answer["error"] == "message_not_found"


async def test_an_ephemeral_message_in_a_channel_is_for_its_reader_only(
    app: App, bot: AsyncWebClient, elena: Actor, amelie: Actor
) -> None:
    await elena.say("/invite <@U0ECOBOT>", GENERAL)

    await bot.chat_postEphemeral(channel=GENERAL, user=elena.id, text="you only")
    assert [m.text for m in await elena.messages(GENERAL)] == ["you only"]
    assert await amelie.messages(GENERAL) == []


@pytest.mark.rule("slack.size.ephemeral-text", "slack.error.not-in-channel")
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel": GENERAL, "user": "U0ELENA", "text": "x"}, "not_in_channel"),
        ({"channel": "D0ELENA", "user": "U0AMELIE", "text": "x"}, "user_not_in_channel"),
        ({"channel": "D0ELENA", "user": "U0NOBODY", "text": "x"}, "user_not_found"),
        ({"channel": "D0ELENA", "user": "U0ELENA", "text": "é" * 2_001}, "msg_too_long"),
    ],
)
async def test_a_bad_ephemeral_message_is_refused(
    bot: AsyncWebClient, given: dict[str, Any], error: str
) -> None:
    assert (await refusal(bot.api_call("chat.postEphemeral", json=given)))["error"] == error


async def test_history_gives_the_newest_first_in_pages(bot: AsyncWebClient, elena: Actor) -> None:
    for number in range(5):
        await bot.chat_postMessage(channel=elena.id, text=str(number))

    first = await bot.conversations_history(channel=elena.im, limit=3)
    rest = await bot.conversations_history(
        channel=elena.im, limit=3, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [m["text"] for m in first["messages"]] == ["4", "3", "2"]
    assert [m["text"] for m in rest["messages"]] == ["1", "0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_history_can_be_bounded_in_time(bot: AsyncWebClient, elena: Actor) -> None:
    stamps = [(await bot.chat_postMessage(channel=elena.id, text=str(n)))["ts"] for n in range(4)]

    after = await bot.conversations_history(channel=elena.im, oldest=stamps[1])
    between = await bot.conversations_history(
        channel=elena.im, oldest=stamps[1], latest=stamps[2], inclusive=True
    )
    assert [m["text"] for m in after["messages"]] == ["3", "2"]
    assert [m["text"] for m in between["messages"]] == ["2", "1"]


@pytest.mark.rule("slack.metadata.readable")
async def test_metadata_comes_back_only_when_it_is_asked_for(bot: AsyncWebClient, elena: Actor) -> None:
    metadata = {"event_type": "told", "event_payload": {"key": "17/finished"}}
    await bot.chat_postMessage(channel=elena.id, text="x", metadata=metadata)

    without = await bot.conversations_history(channel=elena.im)
    with_it = await bot.conversations_history(channel=elena.im, include_all_metadata=True)
    assert "metadata" not in without["messages"][0]
    assert with_it["messages"][0]["metadata"] == metadata


@pytest.mark.rule("slack.size.metadata")
async def test_metadata_may_hold_8_kilobytes(bot: AsyncWebClient) -> None:
    payload = {"event_type": "told", "event_payload": {"key": "x" * 8_000}}

    answer = await refusal(bot.chat_postMessage(channel=GENERAL, text="x", metadata=payload))
    assert answer["error"] == "metadata_too_large"


async def test_a_thread_is_read_by_its_first_message(bot: AsyncWebClient, elena: Actor) -> None:
    first = await bot.chat_postMessage(channel=elena.id, text="first")
    await bot.chat_postMessage(channel=elena.id, text="reply", thread_ts=first["ts"])
    await bot.chat_postMessage(channel=elena.id, text="loud", thread_ts=first["ts"], reply_broadcast=True)

    thread = await bot.conversations_replies(channel=elena.im, ts=first["ts"])
    history = await bot.conversations_history(channel=elena.im)
    assert [m["text"] for m in thread["messages"]] == ["first", "reply", "loud"]
    assert [m["text"] for m in history["messages"]] == ["loud", "first"]


@pytest.mark.rule("slack.error.not-in-channel")
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
        ({"channel": GENERAL}, "not_in_channel"),
        ({"channel": "D0ELENA", "limit": "many"}, "invalid_limit"),
        ({"channel": "D0ELENA", "limit": -1}, "invalid_limit"),
        ({"channel": "D0ELENA", "cursor": "?"}, "invalid_cursor"),
        ({"channel": "D0ELENA", "oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"channel": "D0ELENA", "latest": "tomorrow"}, "invalid_ts_latest"),
    ],
)
async def test_a_bad_look_at_history_is_refused(
    bot: AsyncWebClient, given: dict[str, Any], error: str
) -> None:
    assert (await refusal(bot.api_call("conversations.history", params=given)))["error"] == error


@pytest.mark.rule("slack.error.person-gone")
@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("U0NOBODY", "user_not_found"),
        ("U0ECOBOT", "cannot_dm_bot"),
        ("U0ELENA,U0ADA", "missing_scope"),
        ("", "users_list_not_supplied"),
    ],
)
async def test_direct_messages_open_with_one_person_of_the_workspace(
    bot: AsyncWebClient, users: str, error: str
) -> None:
    assert (await bot.conversations_open(users="U0ELENA"))["channel"]["id"] == "D0ELENA"
    assert (await refusal(bot.conversations_open(users=users)))["error"] == error


async def test_a_person_has_a_time_zone_and_keeps_their_address(bot: AsyncWebClient) -> None:
    user = (await bot.users_info(user="U0TOMAS"))["user"]

    assert (user["real_name"], user["tz"], user["tz_offset"]) == ("Tomás Silva", "America/Sao_Paulo", -10_800)
    assert "email" not in user["profile"]
    assert (await refusal(bot.users_info(user="U0NOBODY")))["error"] == "user_not_found"


@pytest.mark.rule("slack.update.direct-messages")
async def test_a_message_to_a_person_comes_into_their_direct_messages_and_the_answer_tells_which(
    bot: AsyncWebClient, elena: Actor
) -> None:
    told = await bot.chat_postMessage(channel=elena.id, text="to you")

    assert told["channel"] == elena.im
    assert [message.text for message in await elena.messages(elena.im)] == ["to you"]


@pytest.mark.rule("slack.update.drops-blocks")
async def test_an_update_keeps_the_metadata_unless_it_brings_other_or_none(
    bot: AsyncWebClient, elena: Actor
) -> None:
    one, other = ({"event_type": "told", "event_payload": {"key": key}} for key in ("one", "other"))
    sent = await bot.chat_postMessage(channel=elena.id, text="x", metadata=one)
    place = {"channel": elena.im, "ts": sent["ts"]}

    async def kept() -> Any:
        told = await bot.conversations_history(channel=elena.im, include_all_metadata=True)
        return told["messages"][0].get("metadata")

    await bot.chat_update(**place, text="y")
    assert await kept() == one
    await bot.chat_update(**place, text="y", metadata=other)
    assert await kept() == other
    await bot.chat_update(**place, text="y", metadata={})
    assert await kept() is None


@pytest.mark.rule("slack.scope.missing")
async def test_what_was_not_granted_is_missing_scope(bot: AsyncWebClient, http: httpx.AsyncClient) -> None:
    await http.post("/_control/slack/mode", json={"scopes": ["chat:write"]})
    answer = await refusal(bot.conversations_info(channel=GENERAL))

    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:read")
    await http.post("/_control/slack/mode", json={"scopes": ["channels:read", "chat:write"]})
    assert (await bot.conversations_info(channel=GENERAL))["channel"]["name"] == "general"
    assert (await refusal(bot.conversations_open(users="U0ELENA")))["needed"] == "im:write"


@pytest.mark.rule("slack.scope.tokens")
@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", None, "not_authed"),
        ("auth.test", "xoxb-other", "invalid_auth"),
        ("auth.test", "xapp-sandbox", "not_allowed_token_type"),
        ("apps.connections.open", "xoxb-sandbox", "not_allowed_token_type"),
        ("chat.postLetter", "xoxb-sandbox", "unknown_method"),
    ],
)
async def test_who_may_not_call_is_told_why(
    http: httpx.AsyncClient, method: str, token: str | None, error: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await http.post(f"/slack/api/{method}", headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (200, error)


@pytest.mark.parametrize("how", ["json", "form", "query"])
async def test_arguments_come_as_json_or_form_or_query(http: httpx.AsyncClient, how: str) -> None:
    given = {"channel": GENERAL, "text": "é & <b>"}
    sent: dict[str, Any] = {"json": {"json": given}, "form": {"data": given}, "query": {"params": given}}[how]
    answer = await http.post(
        "/slack/api/chat.postMessage", headers={"Authorization": "Bearer xoxb-sandbox"}, **sent
    )

    assert answer.json()["message"]["text"] == "é & <b>"


async def test_auth_test_tells_who_the_bot_is(bot: AsyncWebClient, sandbox: Sandbox) -> None:
    answer = await bot.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0PLANKTON", "U0ECOBOT", "B0ECOBOT")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


async def test_missing_ids_are_made_up(bot: AsyncWebClient, elena: Actor) -> None:
    element = {"type": "button", "text": {"type": "plain_text", "text": "x"}}
    await bot.chat_postMessage(channel=GENERAL, text="x", blocks=[section(), actions(element, button())])

    (message,) = await elena.messages(GENERAL)
    ids = [block["block_id"] for block in message.blocks]
    assert all(ids)
    assert len(set(ids)) == 2
    assert message.blocks[1]["elements"][0]["action_id"]


@pytest.mark.rule("slack.file.steps")
async def test_a_file_is_announced_uploaded_and_shared(bot: AsyncWebClient, elena: Actor) -> None:
    await bot.files_upload_v2(
        channel=elena.im, content="a,b\n1,2\n", filename="rows.csv", initial_comment="here"
    )

    (message,) = await elena.messages(elena.im)
    assert (message.text, message.files[0]["name"], message.files[0]["size"]) == ("here", "rows.csv", 8)


@pytest.mark.rule("slack.file.length")
async def test_a_file_of_another_length_than_announced_is_refused(
    bot: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    announced = await bot.files_getUploadURLExternal(filename="x", length=5)
    uploaded = await http.post(announced["upload_url"], content=b"four")

    assert uploaded.status_code == 400
    files = [{"id": announced["file_id"], "title": "x"}]
    answer = await refusal(bot.files_completeUploadExternal(files=files, channel_id=GENERAL))
    assert answer["error"] == "file_not_found"


@pytest.mark.rule("slack.file.length", "slack.size.file")
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"filename": "x"}, "invalid_arguments"),
        ({"length": 5}, "invalid_arguments"),
        ({"filename": "x", "length": 1_000_000_001}, "file_too_large"),
        ({"filename": "x", "length": 1_000_001, "snippet_type": "python"}, "snippet_too_large"),
    ],
)
async def test_a_file_must_have_a_name_and_a_length(
    bot: AsyncWebClient, given: dict[str, Any], error: str
) -> None:
    assert (await refusal(bot.api_call("files.getUploadURLExternal", params=given)))["error"] == error


async def test_a_reaction_stands_on_a_message_once(bot: AsyncWebClient, http: httpx.AsyncClient) -> None:
    await http.post(
        "/_control/slack/mode", json={"scopes": ["reactions:write", "chat:write", "chat:write.public"]}
    )
    posted = await bot.chat_postMessage(channel=GENERAL, text="x")

    await bot.reactions_add(channel=GENERAL, timestamp=posted["ts"], name="eyes")
    answer = await refusal(bot.reactions_add(channel=GENERAL, timestamp=posted["ts"], name="eyes"))
    assert answer["error"] == "already_reacted"


async def test_api_test_echoes_or_fails_as_asked(bot: AsyncWebClient) -> None:
    assert (await bot.api_test(foo="bar"))["args"]["foo"] == "bar"
    assert (await refusal(bot.api_test(error="my_error")))["error"] == "my_error"

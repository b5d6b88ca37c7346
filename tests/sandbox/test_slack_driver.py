"""The driver: a person's hands and eyes, and the hands behind the two stand-ins."""

import httpx
import pytest

from bot.sandbox.driver import Actor, Failed, SandboxDriver, View
from tests.sandbox.slack_app import App, Json, actions, button, field, modal, mrkdwn, option, plain, section

pytest_plugins = ["tests.sandbox.slack_fixtures"]


async def posted(app: App, elena: Actor, *blocks: Json) -> None:
    await app.web.chat_postMessage(channel=elena.id, text="look", blocks=list(blocks))


async def form(app: App, elena: Actor, *blocks: Json) -> View:
    await elena.say("/ecotaxa")
    trigger_id = (await app.hears_of("slash_commands"))["trigger_id"]
    await app.web.views_open(trigger_id=trigger_id, view=modal(*blocks))
    return await elena.wait_for_view("A form")


async def test_a_button_is_found_by_label_id_or_beginning(app: App, elena: Actor) -> None:
    await posted(app, elena, actions(button("job.show:17", "Job 17"), button("job.show:18", "Job 18")))
    message = await elena.wait_for_message("look")

    for what in ("Job 18", "job.show:18", "job.show"):
        await elena.press(message, what)
    heard = await app.hears(3, "interactive")
    assert [r.payload["actions"][0]["action_id"] for r in heard] == [
        "job.show:18",
        "job.show:18",
        "job.show:17",
    ]
    assert message.labels() == ["Job 17", "Job 18"]
    with pytest.raises(LookupError, match="no 'Job 19'"):
        await elena.press(message, "Job 19")


async def test_buttons_are_found_in_cards_carousels_and_containers(app: App, elena: Actor) -> None:
    def pressable(name: str) -> Json:
        return {"type": "button", "text": plain(name)}

    card = {"type": "card", "title": plain("x"), "actions": [pressable("in a card")]}
    deep = {"type": "card", "title": plain("x"), "actions": [pressable("in a carousel")]}
    inner = section(accessory=pressable("in a container"))
    await posted(
        app,
        elena,
        card,
        {"type": "carousel", "elements": [deep]},
        {"type": "container", "title": plain("x"), "child_blocks": [inner]},
    )
    message = await elena.wait_for_message("look")

    for name in message.labels():
        await elena.press(message, name)
    heard = await app.hears(3, "interactive")
    assert [r.payload["actions"][0]["text"]["text"] for r in heard] == [
        "in a card",
        "in a carousel",
        "in a container",
    ]


async def test_an_overflow_menu_brings_what_was_picked(app: App, elena: Actor) -> None:
    menu = {
        "type": "overflow",
        "action_id": "more",
        "options": [option("Restart", "r"), option("Erase", "e")],
    }
    await posted(app, elena, section(accessory=menu))
    message = await elena.wait_for_message("look")

    await elena.choose(message, "more", "Erase")
    (action,) = (await app.hears_of("block_actions"))["actions"]
    assert action["selected_option"] == option("Erase", "e")


async def test_what_was_picked_in_a_message_is_remembered(app: App, elena: Actor, amelie: Actor) -> None:
    menu = {"type": "static_select", "action_id": "menu", "options": [option("a")]}
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": [option("b"), option("c")]}
    await app.web.chat_postMessage(channel="C0GENERAL", text="look", blocks=[actions(menu, boxes, button())])
    message = await elena.wait_for_message("look")
    await elena.choose(message, "menu", "a")
    await elena.choose(message, "boxes", "c")

    await elena.press(message, "press")
    await app.hears(3)
    (values,) = app.heard[-1].payload["state"]["values"].values()
    assert values["menu"]["selected_option"] == option("a")
    assert values["boxes"]["selected_options"] == [option("c")]
    await amelie.press(message, "press")
    await app.hears(4)
    (values,) = app.heard[-1].payload["state"]["values"].values()
    assert values["menu"]["selected_option"] is None


async def test_a_form_is_filled_by_label_or_id(app: App, elena: Actor) -> None:
    user = {"type": "users_select", "action_id": "who"}
    await form(app, elena, field(), field("b", "other", label=plain("Other")), field("c", element=user))

    values = {"Name": "Elena", "b": {"other": "x"}, "who": {"selected_user": "U0ADA"}}
    assert await elena.submit(values) == {}
    await elena.wait_for_no_view()
    state = (await app.hears_of("view_submission"))["view"]["state"]["values"]
    assert state["name"]["typed"]["value"] == "Elena"
    assert state["b"]["other"]["value"] == "x"
    assert state["c"]["who"]["selected_user"] == "U0ADA"


async def test_an_element_holds_only_what_fits_it(app: App, elena: Actor) -> None:
    menu = {"type": "static_select", "action_id": "menu", "options": [option("a")]}
    await form(app, elena, field("m", element=menu))

    with pytest.raises(Failed, match="bad_request"):
        await elena.submit({"menu": "a"})


async def test_a_form_closed_while_it_is_sent_stays_closed(app: App, elena: Actor) -> None:
    view = await form(app, elena, field())
    app.answer = lambda _: {"response_action": "update", "view": modal(section("too late"))}
    app.socket.socket_mode_request_listeners.insert(0, lambda *_: elena.close())

    await elena.submit({"name": "x"})
    assert await elena.view() is None
    assert view.callback_id == "form"


async def test_words_of_blocks_count_as_said(app: App, elena: Actor) -> None:
    await posted(
        app, elena, section("in the *blocks*"), {"type": "context", "elements": [mrkdwn("and below")]}
    )

    message = await elena.wait_for_message("and below", elena.im)
    assert "in the *blocks*" in message.words
    assert await elena.now(message) == message


async def test_only_newer_messages_count_when_asked(app: App, elena: Actor) -> None:
    await posted(app, elena)
    first = await elena.wait_for_message("look")
    with pytest.raises(TimeoutError):
        await elena.wait_for_message("look", after=first, timeout=0.1)

    await posted(app, elena)
    again = await elena.wait_for_message(lambda m: m.user == "U0ECOBOT", after=first)
    assert again.ts > first.ts


async def test_a_reply_stands_in_its_thread(app: App, elena: Actor) -> None:
    await posted(app, elena)
    first = await elena.wait_for_message("look")
    await elena.say("thanks", elena.im, thread_ts=first.ts)

    assert (await elena.wait_for_message("thanks")).thread_ts == first.ts
    assert (await app.hears_of("message"))["event"]["thread_ts"] == first.ts


async def test_the_bot_is_somebody_too(app: App) -> None:
    user = (await app.web.users_info(user="U0ECOBOT"))["user"]

    assert (user["is_bot"], user["real_name"]) == (True, "EcoTaxa")


async def test_the_hand_behind_ecotaxa_does_what_it_says(
    driver: SandboxDriver, http: httpx.AsyncClient
) -> None:
    ecotaxa = driver.ecotaxa
    await ecotaxa.speed(20)
    job_id = await ecotaxa.start("long-export", "amelie")
    await ecotaxa.set(job_id, state="X")
    token = await ecotaxa.token("tomas", age_days=1)

    async def status(path: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (await http.get(f"/ecotaxa/api{path}", headers=headers)).status_code

    assert (await ecotaxa.job(job_id))["state"] == "X"
    assert len(await ecotaxa.jobs(3, "elena", state="F")) == 3
    assert await status("/users/me") == 200
    await ecotaxa.deactivate("tomas")
    assert await status("/users/me") in (401, 403)
    await ecotaxa.deactivate("tomas", active=True)
    await ecotaxa.break_(status=503)
    assert await status("/users/me") == 503
    await ecotaxa.heal()
    await ecotaxa.new_secret()
    assert await status("/users/me") in (401, 403)
    assert [entry["path"] for entry in (await ecotaxa.traffic())["entries"]][-1].endswith("/users/me")
    await ecotaxa.reset()
    with pytest.raises(LookupError):
        await ecotaxa.job(job_id + 1_000)
    with pytest.raises(Failed):
        await ecotaxa.start("nonsense")

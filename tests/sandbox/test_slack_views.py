"""Modals and home tabs: triggers, the stack, hashes, what a person typed, and what a submission answers."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Actor, Failed, SandboxDriver
from bot.sandbox.server import Sandbox
from tests.sandbox.slack_app import (
    SILENCE,
    App,
    Json,
    actions,
    button,
    field,
    modal,
    option,
    plain,
    refusal,
    section,
)

pytest_plugins = ["tests.sandbox.slack_fixtures"]


async def trigger(app: App, person: Actor) -> str:
    """A fresh trigger_id, from a command."""
    before = len(app.heard)
    await person.say("/ecotaxa")
    heard = await app.hears(before + 1)
    return str(heard[before].payload["trigger_id"])


async def opened(app: App, person: Actor, *blocks: Json, **more: Any) -> str:
    """The id of a modal that the app opened for this person."""
    answer = await app.web.views_open(trigger_id=await trigger(app, person), view=modal(*blocks, **more))
    return str(answer["view"]["id"])


async def test_a_modal_opens_for_the_person_of_the_trigger(app: App, elena: Actor, amelie: Actor) -> None:
    view_id = await opened(app, elena, field())

    view = await elena.view()
    assert view is not None
    assert (view.id, view.title) == (view_id, "A form")
    assert await amelie.view() is None


@pytest.mark.rule("slack.time.trigger-once")
async def test_a_trigger_is_used_once(app: App, elena: Actor) -> None:
    trigger_id = await trigger(app, elena)
    await app.web.views_open(trigger_id=trigger_id, view=modal())

    answer = await refusal(app.web.views_open(trigger_id=trigger_id, view=modal()))
    assert answer["error"] == "exchanged_trigger_id"


@pytest.mark.rule("slack.time.trigger-3s")
async def test_a_trigger_lives_three_seconds(app: App, elena: Actor, driver: SandboxDriver) -> None:
    fresh, old = await trigger(app, elena), await trigger(app, elena)

    await driver.slack.age(2.5)
    assert (await app.web.views_open(trigger_id=fresh, view=modal()))["ok"]
    await driver.slack.age(0.6)
    answer = await refusal(app.web.views_open(trigger_id=old, view=modal()))
    assert answer["error"] == "expired_trigger_id"


async def test_a_made_up_trigger_is_invalid(bot: AsyncWebClient) -> None:
    answer = await refusal(bot.views_open(trigger_id="1.2.abc", view=modal()))

    assert answer["error"] == "invalid_trigger_id"


@pytest.mark.rule("slack.time.trigger-once")
async def test_a_bad_modal_does_not_use_up_the_trigger(app: App, elena: Actor) -> None:
    trigger_id = await trigger(app, elena)

    bad = await refusal(app.web.views_open(trigger_id=trigger_id, view=modal(title=plain("x" * 25))))
    assert bad["error"] == "invalid_arguments"
    assert (await app.web.views_open(trigger_id=trigger_id, view=modal()))["ok"]


@pytest.mark.rule("slack.view.stack")
async def test_three_modals_lie_on_each_other_and_no_more(app: App, elena: Actor) -> None:
    first = await opened(app, elena)
    for _ in range(2):
        pushed = await app.web.views_push(trigger_id=await trigger(app, elena), view=modal())

    assert pushed["view"]["root_view_id"] == first
    answer = await refusal(app.web.views_push(trigger_id=await trigger(app, elena), view=modal()))
    assert answer["error"] == "push_limit_reached"
    assert len((await elena.state())["views"]) == 3


@pytest.mark.rule("slack.view.hash")
async def test_an_update_with_an_old_hash_conflicts(app: App, elena: Actor) -> None:
    view_id = await opened(app, elena)
    view = await elena.view()
    assert view is not None
    updated = await app.web.views_update(view_id=view_id, view=modal(section("2")), hash=view.raw["hash"])

    assert updated["view"]["hash"] != view.raw["hash"]
    answer = await refusal(
        app.web.views_update(view_id=view_id, view=modal(section("3")), hash=view.raw["hash"])
    )
    assert answer["error"] == "hash_conflict"


@pytest.mark.rule("slack.view.closed")
async def test_a_closed_modal_cannot_be_updated(app: App, elena: Actor) -> None:
    view_id = await opened(app, elena)
    await elena.close()

    answer = await refusal(app.web.views_update(view_id=view_id, view=modal()))
    assert answer["error"] == "not_found"


async def test_a_view_can_be_found_by_the_apps_own_id(app: App, elena: Actor, amelie: Actor) -> None:
    await opened(app, elena, external_id="job-17")

    await app.web.views_update(external_id="job-17", view=modal(section("new"), external_id="job-17"))
    view = await elena.view()
    assert view is not None
    assert view.says("new")
    again = app.web.views_open(trigger_id=await trigger(app, amelie), view=modal(external_id="job-17"))
    assert (await refusal(again))["error"] == "duplicate_external_id"
    missing = app.web.views_update(external_id="job-18", view=modal())
    assert (await refusal(missing))["error"] == "not_found"


def select(
    block_id: str,
    *texts: str,
    initial: str | None = None,
    kind: str = "static_select",
    action_id: str = "pick",
) -> Json:
    element: Json = {"type": kind, "action_id": action_id, "options": [option(text) for text in texts]}
    if initial:
        element["initial_option"] = option(initial)
    return field(block_id, element=element)


async def test_what_is_chosen_at_first_is_in_the_state(app: App, elena: Actor) -> None:
    initial = {"type": "plain_text_input", "action_id": "typed", "initial_value": "hello"}
    await opened(app, elena, select("a", "x", "y", initial="y"), field(element=initial), field("empty", "b"))

    await elena.submit({"empty": "now filled"})
    values = (await app.hears_of("view_submission"))["view"]["state"]["values"]
    assert values["a"]["pick"] == {"type": "static_select", "selected_option": option("y")}
    assert values["name"]["typed"]["value"] == "hello"
    assert values["empty"]["b"]["value"] == "now filled"


@pytest.mark.rule("slack.view.keeps-state")
async def test_an_update_keeps_what_the_person_picked_and_typed(app: App, elena: Actor) -> None:
    view_id = await opened(app, elena, select("a", "x", "y"), field("b"))
    view = await elena.view()
    assert view is not None
    await elena.choose(view, "a", "x")

    # The same block_id, action_id and type: the new initial_option has no effect.
    await app.web.views_update(view_id=view_id, view=modal(select("a", "x", "y", initial="y"), field("b")))
    kept = await elena.view()
    assert kept is not None
    assert kept.values["a"]["pick"]["selected_option"] == option("x")


@pytest.mark.rule("slack.view.keeps-state")
@pytest.mark.parametrize(
    "after", [select("a2", "x", "y", initial="y"), select("a", "x", "y", initial="y", kind="radio_buttons")]
)
async def test_a_new_block_id_or_type_takes_its_own_initial_option(
    app: App, elena: Actor, after: Json
) -> None:
    view_id = await opened(app, elena, select("a", "x", "y", initial="x"))

    await app.web.views_update(view_id=view_id, view=modal(after))
    view = await elena.view()
    assert view is not None
    assert view.values[after["block_id"]]["pick"]["selected_option"] == option("y")


async def test_elements_outside_of_inputs_are_in_the_state_too(app: App, elena: Actor) -> None:
    menu = {"type": "static_select", "action_id": "menu", "options": [option("x")]}
    users = {"type": "users_select", "action_id": "who"}
    await opened(app, elena, section(accessory=menu, block_id="s"), actions(users, button(), block_id="t"))
    view = await elena.view()
    assert view is not None

    await elena.choose(view, "menu", "x")
    payload = await app.hears_of("block_actions")
    assert payload["actions"][0]["selected_option"] == option("x")
    assert payload["view"]["state"]["values"] == {
        "s": {"menu": {"type": "static_select", "selected_option": option("x")}},
        "t": {"who": {"type": "users_select", "selected_user": None}},
    }


async def test_a_form_field_tells_the_app_only_when_it_dispatches(app: App, elena: Actor) -> None:
    await opened(
        app, elena, select("quiet", "x"), {**select("loud", "x", action_id="tell"), "dispatch_action": True}
    )
    view = await elena.view()
    assert view is not None

    await elena.choose(view, "quiet", "x")
    await elena.choose(view, "loud", "x")
    await app.hears(2)
    assert [r.payload["actions"][0]["block_id"] for r in app.heard[1:]] == ["loud"]


@pytest.mark.rule("slack.view.response-actions")
async def test_a_submission_that_is_acknowledged_closes_its_modal_only(app: App, elena: Actor) -> None:
    first = await opened(app, elena)
    await app.web.views_push(trigger_id=await trigger(app, elena), view=modal(field()))

    assert await elena.submit({"name": "Elena"}) == {}
    view = await elena.view()
    assert view is not None
    assert view.id == first


@pytest.mark.rule("slack.view.errors")
async def test_errors_stand_at_their_fields_and_the_modal_stays(app: App, elena: Actor) -> None:
    await opened(app, elena, field())
    app.answer = lambda _: {"response_action": "errors", "errors": {"name": "no such person"}}

    assert await elena.submit({"name": "Nobody"}) == {"name": "no such person"}
    view = await elena.view()
    assert view is not None
    assert view.errors == {"name": "no such person"}
    assert view.values["name"]["typed"]["value"] == "Nobody"


@pytest.mark.rule("slack.view.errors")
@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"text": "not an input"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "explode"},
        {"response_action": "update", "view": modal(title=plain("x" * 25))},
        {"text": "words"},
    ],
)
async def test_a_bad_answer_to_a_submission_is_trouble_for_the_person(
    app: App, elena: Actor, answer: Json
) -> None:
    await opened(app, elena, section(block_id="text"), field())
    app.answer = lambda _: answer

    with pytest.raises(Failed, match="invalid_"):
        await elena.submit({"name": "x"})
    assert await elena.view() is not None
    assert await elena.toasts() == ["We had some trouble connecting. Try again?"]


@pytest.mark.rule("slack.view.response-actions")
async def test_a_submission_can_update_push_or_clear(app: App, elena: Actor) -> None:
    first = await opened(app, elena)

    app.answer = lambda _: {"response_action": "update", "view": modal(section("updated"))}
    await elena.submit()
    view = await elena.view()
    assert view is not None
    assert (view.id, view.says("updated")) == (first, True)
    app.answer = lambda _: {"response_action": "push", "view": modal(section("pushed"))}
    await elena.submit()
    view = await elena.view()
    assert view is not None
    assert view.raw["previous_view_id"] == first
    app.answer = lambda _: {"response_action": "clear"}
    await elena.submit()
    assert await elena.view() is None


@pytest.mark.rule("slack.view.required", "slack.size.input")
@pytest.mark.parametrize(
    ("element", "value", "complaint"),
    [
        ({"type": "plain_text_input"}, "", "required"),
        ({"type": "plain_text_input", "min_length": 3}, "ab", "at least 3"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "at most 3"),
        ({"type": "plain_text_input"}, "x" * 3_001, "at most 3000"),
        ({"type": "email_text_input"}, "elena", "valid email"),
        ({"type": "url_text_input"}, "elena", "valid URL"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "valid number"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "1.5", "allowed range"),
    ],
)
async def test_slack_itself_checks_a_form_before_it_goes(
    app: App, elena: Actor, element: Json, value: str, complaint: str
) -> None:
    await opened(app, elena, field(element={"action_id": "typed", **element}))
    heard = len(app.heard)

    errors = await elena.submit({"name": value})
    assert complaint in errors["name"]
    assert len(app.heard) == heard


async def test_an_optional_field_may_stay_empty(app: App, elena: Actor) -> None:
    await opened(app, elena, field(optional=True))

    assert await elena.submit() == {}
    values = (await app.hears_of("view_submission"))["view"]["state"]["values"]
    assert values == {"name": {"typed": {"type": "plain_text_input", "value": None}}}


@pytest.mark.rule("slack.time.ack")
async def test_a_form_that_is_not_acknowledged_stays_with_trouble(
    app: App, elena: Actor, sandbox: Sandbox
) -> None:
    await opened(app, elena)
    sandbox.slack.delivery.patience = 0.1
    app.answer = lambda _: SILENCE

    with pytest.raises(Failed, match="operation_timeout"):
        await elena.submit()
    assert await elena.view() is not None


@pytest.mark.rule("slack.view.closing-told")
@pytest.mark.parametrize("wanted", [True, False])
async def test_closing_is_told_only_when_it_was_asked_for(app: App, elena: Actor, *, wanted: bool) -> None:
    await opened(app, elena, notify_on_close=wanted)
    await elena.close()
    await elena.say("/ecotaxa")

    heard = [request.payload.get("type", "command") for request in await app.hears(3 if wanted else 2)]
    assert heard == (["command", "view_closed", "command"] if wanted else ["command", "command"])


async def test_clearing_closes_the_whole_stack(app: App, elena: Actor) -> None:
    await opened(app, elena, notify_on_close=True)
    await app.web.views_push(trigger_id=await trigger(app, elena), view=modal(clear_on_close=True))

    await elena.close()
    assert await elena.view() is None
    assert (await app.hears_of("view_closed"))["is_cleared"] is True


@pytest.mark.rule("slack.view.top")
async def test_only_the_topmost_modal_can_be_used(app: App, elena: Actor) -> None:
    await opened(app, elena, actions(button()))
    below = await elena.view()
    await app.web.views_push(trigger_id=await trigger(app, elena), view=modal())
    assert below is not None

    with pytest.raises(Failed, match="gone"):
        await elena.press(below, "press")


@pytest.mark.rule("slack.view.home")
async def test_the_home_tab_is_published_and_pressed(app: App, elena: Actor, amelie: Actor) -> None:
    await app.web.views_publish(user_id=elena.id, view={"type": "home", "blocks": [actions(button())]})

    home = await elena.home()
    assert home is not None
    await elena.press(home, "press")
    assert (await app.hears_of("block_actions"))["view"]["type"] == "home"
    assert await amelie.home() is None


@pytest.mark.rule("slack.view.home")
async def test_opening_the_home_tab_is_an_event(app: App, elena: Actor) -> None:
    await elena.open_home()
    event = (await app.hears_of("app_home_opened"))["event"]
    assert (event["user"], event["channel"], event["tab"], "view" in event) == (
        "U0ELENA",
        "D0ELENA",
        "home",
        False,
    )

    await app.web.views_publish(user_id=elena.id, view={"type": "home", "blocks": []})
    await elena.open_home()
    await app.hears(2)
    assert app.heard[1].payload["event"]["view"]["type"] == "home"


@pytest.mark.rule("slack.view.hash")
async def test_a_home_tab_published_meanwhile_conflicts(bot: AsyncWebClient) -> None:
    view = {"type": "home", "blocks": [section()]}
    first = await bot.views_publish(user_id="U0ELENA", view=view)
    await bot.views_publish(user_id="U0ELENA", view=view)

    again = bot.views_publish(user_id="U0ELENA", view=view, hash=first["view"]["hash"])
    assert (await refusal(again))["error"] == "hash_conflict"
    assert (await refusal(bot.views_publish(user_id="U0NOBODY", view=view)))["error"] == "user_not_found"

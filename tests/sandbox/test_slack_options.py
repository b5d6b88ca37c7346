"""External selects: what the app is asked, and which answers Slack takes."""

import pytest

from bot.sandbox.driver import Actor, Failed, View
from bot.sandbox.server import Sandbox
from tests.sandbox.slack_app import SILENCE, App, Json, actions, field, modal, option, plain

pytest_plugins = ["tests.sandbox.slack_fixtures"]


async def form(app: App, elena: Actor, **element: object) -> View:
    """A modal with an external select, on Elena's screen."""
    await elena.say("/ecotaxa")
    trigger_id = (await app.hears(1))[0].payload["trigger_id"]
    select = {"type": "external_select", "action_id": "taxon", "min_query_length": 0, **element}
    await app.web.views_open(trigger_id=trigger_id, view=modal(field("b", element=select)))
    return await elena.wait_for_view()


@pytest.mark.rule("slack.time.options")
async def test_the_app_is_asked_for_what_was_typed(app: App, elena: Actor) -> None:
    view = await form(app, elena)
    app.answer = lambda _: {"options": [option("Copepoda", "45")]}

    assert await elena.options(view, "taxon", "cop") == [option("Copepoda", "45")]
    payload = await app.hears_of("block_suggestion")
    assert (payload["value"], payload["action_id"], payload["block_id"]) == ("cop", "taxon", "b")
    assert payload["view"]["id"] == view.id


async def test_groups_are_an_answer_too(app: App, elena: Actor) -> None:
    view = await form(app, elena)
    app.answer = lambda _: {
        "option_groups": [{"label": plain("Recent"), "options": [option("a"), option("b")]}]
    }

    assert await elena.options(view, "taxon") == [option("a"), option("b")]


@pytest.mark.rule("slack.size.min-query-length")
async def test_a_query_shorter_than_three_is_not_asked_unless_the_element_says_so(
    app: App, elena: Actor
) -> None:
    view = await form(app, elena)
    await app.web.views_update(
        view_id=view.id, view=modal(field("b", element={"type": "external_select", "action_id": "taxon"}))
    )
    patient = await elena.wait_for_view()

    assert await elena.options(patient, "taxon", "co") == []
    assert [request.type for request in app.heard] == ["slash_commands"]


@pytest.mark.rule("slack.size.options")
@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"options": [option("x" * 76, "v")]},
        {"options": [option("x", "v" * 151)]},
        {"options": [option(str(n)) for n in range(101)]},
    ],
)
async def test_an_answer_that_breaks_the_rules_offers_nothing(
    app: App, elena: Actor, answer: Json | None
) -> None:
    view = await form(app, elena)
    app.answer = lambda _: answer

    with pytest.raises(Failed, match="invalid_options"):
        await elena.options(view, "taxon", "cop")


@pytest.mark.rule("slack.time.options")
async def test_an_answer_that_comes_late_offers_nothing(app: App, elena: Actor, sandbox: Sandbox) -> None:
    view = await form(app, elena)
    sandbox.slack.delivery.patience = 0.1
    app.answer = lambda _: SILENCE

    with pytest.raises(Failed, match="operation_timeout"):
        await elena.options(view, "taxon", "cop")


async def test_what_was_picked_is_submitted(app: App, elena: Actor) -> None:
    view = await form(app, elena)
    app.answer = lambda _: {"options": [option("Copepoda", "45")]}
    await elena.choose(view, "taxon", "Cop")
    app.answer = lambda _: None

    assert await elena.submit() == {}
    values = (await app.hears_of("view_submission"))["view"]["state"]["values"]
    assert values["b"]["taxon"]["selected_option"] == option("Copepoda", "45")


async def test_a_select_in_a_message_asks_too(app: App, elena: Actor) -> None:
    select = {"type": "external_select", "action_id": "taxon", "min_query_length": 0}
    await app.web.chat_postMessage(channel=elena.id, text="x", blocks=[actions(select)])
    message = await elena.wait_for_message("x")
    app.answer = lambda _: {"options": [option("a")]}

    assert await elena.options(message, "taxon") == [option("a")]
    payload = await app.hears_of("block_suggestion")
    assert (payload["channel"]["id"], payload["message"]["ts"]) == ("D0ELENA", message.ts)


async def test_an_option_that_is_not_offered_cannot_be_picked(app: App, elena: Actor) -> None:
    menu = {"type": "static_select", "action_id": "menu", "options": [option("a")]}
    await app.web.chat_postMessage(channel=elena.id, text="x", blocks=[actions(menu)])
    message = await elena.wait_for_message("x")

    with pytest.raises(Failed, match="gone"):
        await elena.choose(message, "menu", option("b"))
    with pytest.raises(LookupError, match="no option 'b'"):
        await elena.choose(message, "menu", "b")

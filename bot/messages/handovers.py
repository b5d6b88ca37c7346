"""What a colleague is asked about a name, and what its owner hears of it; no I/O."""

from slackblocks import Block, Button, Element, ExternalSelectMenu

from bot.ids import Action
from bot.language import mark, say
from bot.messages.blocks import Message, actions, button, context, message, note, section
from bot.messages.buttons import link_button
from bot.text import code, prose

_PLACEHOLDER = {"user": mark("Type a person's name"), "taxon": mark("Type the start of a taxon's name")}
_ASKS = {
    "user": mark("{owner} asks you: who is {name}?"),
    "taxon": mark("{owner} asks you: which taxon is {name}?"),
}
_PASSED = {
    "user": mark("You don't know who is {name}."),
    "taxon": mark("You don't know which taxon is {name}."),
}
_UNKNOWN = {
    "user": mark("{colleague} does not know who is {name}."),
    "taxon": mark("{colleague} does not know which taxon is {name}."),
}


def ask_colleague(
    handover_id: str, kind: str, name: str, *, owner_id: str, about: str, is_linked: bool
) -> Message:
    """The question to a colleague.

    `owner_id` is the Slack user who asks, `about` our words for the job.  Only who is linked to EcoTaxa
    can search it.
    """
    first = say(_ASKS[kind], owner=f"<@{owner_id}>", name=code(name, 200))
    small = say("It comes from {job}. Your pick goes to them, and they send the answer.", job=about)
    if not is_linked:
        unlinked = say(
            "To pick, link your EcoTaxa account; or write what you know as a reply in this thread."
        )
        small = f"{small} {unlinked}"
    passing = button(say("I don't know"), Action.HANDOVER_SKIP.of(handover_id), value=handover_id)
    action = Action.HANDOVER_USER if kind == "user" else Action.HANDOVER_TAXON
    pick = ExternalSelectMenu(action.of(handover_id), placeholder=say(_PLACEHOLDER[kind]), min_query_length=0)
    elements: list[Element] = [pick, passing] if is_linked else [pick, link_button(stays=True), passing]
    blocks: list[Block] = [section(first), actions(*elements), context(small)]
    return message([first, small], blocks)


def asked_before(kind: str, name: str, pick: str | None) -> Message:
    """The question once the colleague has answered it."""
    named = code(name, 200)
    if pick:
        known = say("You picked *{pick}* for {name}.", pick=prose(pick, 100), name=named)
    else:
        known = say(_PASSED[kind], name=named)
    passed_on = say("I have passed it on.")
    return note(f"✅ {known} {passed_on}")


def colleague_picked(job_id: int, colleague_id: str, kind: str, name: str, pick: str | None) -> Message:
    """What the owner hears: the pick stands in the form already, and only they can send it."""
    colleague, named = f"<@{colleague_id}>", code(name, 200)
    if pick is None:
        text = say(_UNKNOWN[kind], colleague=colleague, name=named)
    else:
        text = say(
            "{colleague} picked *{pick}* for {name}. Send it with *Answer*.",
            colleague=colleague, pick=prose(pick, 100), name=named,
        )  # fmt: skip
    return message([text], [section(text), actions(_answer(job_id))])


def colleague_wrote(job_id: int, colleague_id: str, name: str, words: str) -> Message:
    """What a colleague wrote instead of picking."""
    text = say(
        "{colleague} writes about {name}: {words}",
        colleague=f"<@{colleague_id}>", name=code(name, 200), words=prose(words, 1_000),
    )  # fmt: skip
    return message([text], [section(text), actions(_answer(job_id))])


def _answer(job_id: int) -> Button:
    return button(say("Answer"), Action.ANSWER_OPEN.of(job_id), value=job_id, style="primary")

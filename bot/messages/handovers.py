"""What a colleague is asked about a name, and what its owner hears of it; no I/O."""

from slackblocks import Block, Element, ExternalSelectMenu

from bot.ids import Action
from bot.messages.blocks import Message, actions, button, context, message, note, section
from bot.messages.buttons import link_button
from bot.text import code, prose

_PLACEHOLDER = {"user": "Type a person's name", "taxon": "Type the start of a taxon's name"}


def ask_colleague(
    handover_id: str, kind: str, name: str, *, owner_id: str, about: str, is_linked: bool
) -> Message:
    """The question to a colleague.

    `owner_id` is the Slack user who asks, `about` our words for the job.  Only who is linked to EcoTaxa
    can search it.
    """
    first = f"<@{owner_id}> asks you: {_who_or_what(kind)} {code(name, 200)}?"
    small = f"It comes from {about}. Your pick goes to them, and they send the answer."
    if not is_linked:
        small += " To pick, link your EcoTaxa account; or write what you know as a reply in this thread."
    passing = button("I don't know", Action.HANDOVER_SKIP.of(handover_id), value=handover_id)
    action = Action.HANDOVER_USER if kind == "user" else Action.HANDOVER_TAXON
    pick = ExternalSelectMenu(action.of(handover_id), placeholder=_PLACEHOLDER[kind], min_query_length=0)
    elements: list[Element] = [pick, passing] if is_linked else [pick, link_button(stays=True), passing]
    blocks: list[Block] = [section(first), actions(*elements), context(small)]
    return message([first, small], blocks)


def asked_before(kind: str, name: str, pick: str | None) -> Message:
    """The question once the colleague has answered it."""
    known = f"You picked *{prose(pick, 100)}* for {code(name, 200)}." if pick else _passed(kind, name)
    return note(f"✅ {known} I have passed it on.")


def colleague_picked(job_id: int, colleague_id: str, kind: str, name: str, pick: str | None) -> Message:
    """What the owner hears: the pick stands in the form already, and only they can send it."""
    if pick is None:
        text = f"<@{colleague_id}> does not know {_who_or_what(kind)} {code(name, 200)}."
    else:
        text = f"<@{colleague_id}> picked *{prose(pick, 100)}* for {code(name, 200)}. Send it with *Answer*."
    answer = button("Answer", Action.ANSWER_OPEN.of(job_id), value=job_id, style="primary")
    return message([text], [section(text), actions(answer)])


def colleague_wrote(job_id: int, colleague_id: str, name: str, words: str) -> Message:
    """What a colleague wrote instead of picking."""
    text = f"<@{colleague_id}> writes about {code(name, 200)}: {prose(words, 1_000)}"
    answer = button("Answer", Action.ANSWER_OPEN.of(job_id), value=job_id, style="primary")
    return message([text], [section(text), actions(answer)])


def _who_or_what(kind: str) -> str:
    return "who is" if kind == "user" else "which taxon is"


def _passed(kind: str, name: str) -> str:
    return f"You don't know {_who_or_what(kind)} {code(name, 200)}."

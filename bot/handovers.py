"""Handing one name of a question to a colleague: the modal that asks whom, and what is read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slackblocks import InputBlock, ModalView, Option, StaticSelectMenu, Text, TextType, UserSelectMenu

from bot.errors import UsageError
from bot.forms import Form, Row, label_of, read_row
from bot.ids import Modal
from bot.language import say
from bot.store import Handover
from bot.text import plain

NAME, COLLEAGUE = "name", "colleague"
"""What each field is called, both its block and its action."""

POSTING = timedelta(minutes=2)
"""Longer than posting a question ever takes: one that stands nowhere by then was cut short."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which name the owner hands over, and to whom (a Slack user id)."""

    row: Row
    user_id: str

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "Wish":
        """What was chosen in the modal; raises UsageError when it is not one of ours."""
        values = view["state"]["values"]
        option = values.get(NAME, {}).get(NAME, {}).get("selected_option") or {}
        row = read_row(f"{option.get('value', '')}.")
        user_id = values.get(COLLEAGUE, {}).get(COLLEAGUE, {}).get("selected_user") or ""
        if row is None or not user_id:
            raise UsageError(say("Please choose a name and a colleague."))
        return cls(row, user_id)


def ask_modal(form: Form, answer_view: Mapping[str, Any]) -> dict[str, Any] | None:
    """The modal laid on the answer modal: which of its names, and whom to ask; None when it has none."""
    options = [
        Option(
            Text(plain(_row_words(row, label_of(answer_view, block_id)), 75), type_=TextType.PLAINTEXT),
            value=f"{row[0]}.{row[1]}",
        )
        for block_id, row in _rows(answer_view)
    ]
    if not options:
        return None
    only = options[0] if len(options) == 1 else None
    view = ModalView(
        title=plain(say("Ask a colleague"), 24),
        submit=say("Ask"),
        close=say("Back"),
        blocks=[
            InputBlock(
                say("Which name?"),
                StaticSelectMenu(NAME, options=options, initial_option=only),
                block_id=NAME,
            ),
            InputBlock(
                say("Whom?"),
                UserSelectMenu(COLLEAGUE),
                block_id=COLLEAGUE,
                hint=say(
                    "I ask them by direct message. Their pick comes back to you, and you send the answer."
                ),
            ),
        ],
        callback_id=Modal.ASK,
        private_metadata=form.dump(),
    )
    return dict(view.to_dict())


def _row_words(row: Row, name: str) -> str:
    return say("User: {name}", name=name) if row[0] == "user" else say("Taxon: {name}", name=name)


def _rows(view: Mapping[str, Any]) -> list[tuple[str, Row]]:
    found = [(str(block["block_id"]), read_row(str(block["block_id"]))) for block in view.get("blocks", [])]
    return [(block_id, row) for block_id, row in found if row is not None]


def is_waiting(handover: Handover, now: datetime, *, asked_anew_at: datetime | None = None) -> bool:
    """Whether the colleague still is to answer, so that asking them again would be once too often.

    `asked_anew_at` is when the owner was last told that EcoTaxa asks: a question handed over before
    then was another one, as after a restart.
    """
    if handover.picked_at is not None or (asked_anew_at is not None and asked_anew_at > handover.asked_at):
        return False
    return bool(handover.ts) or now - handover.asked_at < POSTING


def standing(handover: Handover) -> str:
    """What became of asking, in a few words for the hint beside the name."""
    if handover.picked_at is None:
        return say("A colleague is asked")
    return say("Picked by a colleague") if handover.pick else say("A colleague does not know it")

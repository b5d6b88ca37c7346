"""Modals and home tabs, and what a person has put into them."""

import secrets
from dataclasses import dataclass, field

from bot.sandbox.slack import inputs
from bot.sandbox.slack.people import APP_ID, BOT_ID
from bot.sandbox.slack.refusal import Json

STACK = 3
"""How many modals may lie on each other."""


@dataclass(eq=False)
class View:
    """A modal or home tab as one person has it on the screen."""

    id: str
    user: str
    team_id: str
    installed_id: str
    """Where the app is installed whose view it is: the workspace, or its organisation."""
    spec: Json
    root_id: str
    previous_id: str | None = None
    hash: str = ""
    values: inputs.Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, spec: Json, user: str, team_id: str, *, installed_id: str, below: "View | None" = None
    ) -> "View":
        """A new view for `user`, on top of the modal `below`."""
        view_id = "V" + secrets.token_hex(5).upper()
        root_id, previous_id = (below.root_id, below.id) if below else (view_id, None)
        view = cls(view_id, user, team_id, installed_id, {}, root_id, previous_id)
        view.replace(spec)
        return view

    def replace(self, spec: Json) -> None:
        """Show `spec` instead; what was typed in the same fields stays."""
        self.spec = {**spec, "blocks": inputs.with_ids(spec["blocks"])}
        self.values = inputs.values(self.blocks, self.values)
        self.errors = {}
        self.hash = f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"

    @property
    def blocks(self) -> list[Json]:
        """The blocks, with all ids filled in."""
        blocks: list[Json] = self.spec["blocks"]
        return blocks

    @property
    def wants_closing_told(self) -> bool:
        """Whether the app hears of this modal's closing."""
        return bool(self.spec.get("notify_on_close"))

    def put(self, block_id: str, action_id: str, state: Json) -> None:
        """Remember what a person put into one element."""
        self.values.setdefault(block_id, {})[action_id] = state
        self.errors.pop(block_id, None)

    def input_blocks(self) -> dict[str, Json]:
        """The blocks of type `input`, by id."""
        return {block["block_id"]: block for block in self.blocks if block["type"] == "input"}

    def payload(self) -> Json:
        """The view as the Web API and the payloads tell it."""
        spec = self.spec
        return {
            "id": self.id,
            "team_id": self.team_id,
            "type": spec["type"],
            "blocks": self.blocks,
            "private_metadata": spec.get("private_metadata", ""),
            "callback_id": spec.get("callback_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "title": spec.get("title"),
            "clear_on_close": bool(spec.get("clear_on_close")),
            "notify_on_close": self.wants_closing_told,
            "close": spec.get("close"),
            "submit": spec.get("submit"),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": APP_ID,
            "external_id": spec.get("external_id", ""),
            "app_installed_team_id": self.installed_id,
            "bot_id": BOT_ID,
        }

    def shown(self) -> Json:
        """The view as the page draws it: as Slack tells it, with the errors at its fields."""
        return {**self.payload(), "errors": self.errors}

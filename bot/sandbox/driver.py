"""A client for tests and benches: be a person in the sandbox's Slack, and the hand behind both stand-ins.

async with SandboxDriver(url) as driver:
    elena = driver.person("elena")
    await elena.say("/ecotaxa jobs")
    message = await elena.wait_for_message("Your jobs")
    await elena.press(message, "Refresh")

Every wait ends: it polls until its timeout, then raises TimeoutError that says what was waited for.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

import httpx

from bot.sandbox.controls import Control, EcoTaxaControl, Failed, SlackControl
from bot.sandbox.screen import Json, Message, View
from bot.sandbox.slack.inputs import KEEPS

T = TypeVar("T")

__all__ = [
    "Actor",
    "EcoTaxaControl",
    "Failed",
    "Message",
    "SandboxDriver",
    "SlackControl",
    "View",
    "wait_for",
]

GENERAL = "C0GENERAL"
TIMEOUT = 30.0
"""Seconds that a wait lasts when nothing else is said."""

LOOK_EVERY = 0.05

KEEPALIVE_SECONDS = 2.0
"""Less than the sandbox keeps an idle connection, so that no request meets one that is being closed."""


async def wait_for(probe: Callable[[], Awaitable[T | None]], what: str, timeout: float = TIMEOUT) -> T:
    """Ask `probe` until it gives something; raises TimeoutError naming `what` after `timeout` seconds.

    Of a machine that stands still meanwhile only a second counts: what is waited for stands still too.
    """
    waited, looked_at = 0.0, time.monotonic()
    while True:
        found = await probe()
        if found is not None:
            return found
        if waited >= timeout:
            raise TimeoutError(f"waited {timeout:g} s for {what}")
        await asyncio.sleep(LOOK_EVERY)
        now = time.monotonic()
        waited, looked_at = waited + min(now - looked_at, 1.0), now


class Actor:
    """A person at their screen."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self.name = name
        self.id = f"U0{name.upper()}"
        self.im = f"D0{name.upper()}"
        self.email = f"{name}@lab.example"

    async def state(self) -> Json:
        """Everything on the screen, as the control interface tells it."""
        return await self._control.get("state", **{"as": self.id})

    async def say(self, text: str, channel: str = GENERAL, *, thread_ts: str | None = None) -> None:
        """Type a command or a message; raises Failed when the app did not acknowledge."""
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        await self._do("say", channel=channel, text=text, **thread)

    async def messages(self, channel: str | None = None) -> list[Message]:
        """What stands in a channel, or in all of them, oldest first."""
        by_channel = (await self.state())["messages"]
        shown = by_channel[channel] if channel else [m for some in by_channel.values() for m in some]
        return sorted((Message.of(each) for each in shown), key=lambda message: message.ts)

    async def wait_for_message(
        self,
        wanted: str | Callable[[Message], bool],
        channel: str | None = None,
        *,
        after: Message | None = None,
        timeout: float = TIMEOUT,
    ) -> Message:
        """The newest message after `after` that says `wanted`, or for which `wanted` holds."""

        def fits(message: Message) -> bool:
            said = message.says(wanted) if isinstance(wanted, str) else wanted(message)
            return said and (after is None or message.ts > after.ts)

        async def look() -> Message | None:
            return next((m for m in reversed(await self.messages(channel)) if fits(m)), None)

        return await wait_for(look, f"a message to {self.name}: {wanted!r}", timeout)

    async def now(self, message: Message) -> Message | None:
        """The same message as it is now, or None when it is gone."""
        return next((m for m in await self.messages(message.channel) if m.id == message.id), None)

    async def press(self, on: Message | View, what: str) -> None:
        """Press the button with this label or action_id (or beginning of one); raises Failed."""
        block, element = on.find(what)
        await self._act(on, block, element)

    async def options(self, on: Message | View, what: str, query: str = "") -> list[Json]:
        """What a select offers; an external one is asked for what fits `query`."""
        block, element = on.find(what)
        answer = element
        if element["type"].endswith("external_select"):
            place = _place(on, block, element)
            answer = await self._do("options", query=query, **place)
        groups: list[Json] = answer.get("option_groups", [])
        return list(answer.get("options") or [o for group in groups for o in group["options"]])

    async def choose(self, on: Message | View, what: str, option: str | Json, *, query: str = "") -> None:
        """Pick an option: the object itself, its value, or the beginning of its text.

        An external select is asked for `query`, or else for that text; raises LookupError.
        """
        block, element = on.find(what)
        if isinstance(option, str):
            offered = await self.options(on, what, query or option)
            fitting = [o for o in offered if option == o["value"] or o["text"]["text"].startswith(option)]
            if not fitting:
                raise LookupError(f"no option {option!r} among {[o['text']['text'] for o in offered]}")
            option = fitting[0]
        many = element["type"].startswith("multi_") or element["type"] == "checkboxes"
        await self._act(
            on, block, element, **{"selected_options": [option]} if many else {"selected_option": option}
        )

    async def view(self) -> View | None:
        """The topmost modal."""
        views = (await self.state())["views"]
        return View.of(views[-1]) if views else None

    async def home(self) -> View | None:
        """The app's home tab."""
        home = (await self.state())["home"]
        return View.of(home) if home else None

    async def open_home(self, tab: str = "home") -> None:
        """Look at a tab of the app: `home` or `messages`."""
        await self._do("open_home", tab=tab)

    async def shortcut(self, callback_id: str, on: Message | None = None) -> None:
        """Run one of the app's shortcuts, a message's `on` that message; raises Failed."""
        await self._do("shortcut", callback_id=callback_id, **({"message_id": on.id} if on else {}))

    async def put(self, on: Message | View, what: str, value: Any) -> None:
        """Put a bare value into an element: a text, a date, the ids of people or channels; raises Failed."""
        block, element = on.find(what)
        await self._act(on, block, element, **{KEEPS[element["type"]].key: value})

    async def wait_for_view(
        self, wanted: str | Callable[[View], bool] = "", *, timeout: float = TIMEOUT
    ) -> View:
        """The topmost modal, once it says `wanted` or `wanted` holds for it."""

        async def look() -> View | None:
            view = await self.view()
            if view is None:
                return None
            return view if (view.says(wanted) if isinstance(wanted, str) else wanted(view)) else None

        return await wait_for(look, f"a modal before {self.name}: {wanted!r}", timeout)

    async def wait_for_no_view(self, *, timeout: float = TIMEOUT) -> None:
        """Wait until no modal is open."""

        async def look() -> bool | None:
            return True if await self.view() is None else None

        await wait_for(look, f"{self.name}'s modals to close", timeout)

    async def submit(self, values: Json | None = None) -> dict[str, str]:
        """Send the topmost modal, with `values` by block_id, action_id or label.

        Returns the errors by block_id, none when the form was taken; raises Failed.
        """
        view = await self.wait_for_view()
        filled: Json = {}
        for what, value in (values or {}).items():
            block, element = view.find(what)
            action_id = element["action_id"]
            by_action = isinstance(value, dict) and action_id in value
            filled.setdefault(block["block_id"], {})[action_id] = value[action_id] if by_action else value
        answer = await self._do("submit", view_id=view.id, values=filled)
        errors: dict[str, str] = answer.get("errors", {})
        return errors

    async def close(self, *, everything: bool = False) -> None:
        """Close the topmost modal, or all."""
        view = await self.wait_for_view()
        await self._do("close", view_id=view.id, all=everything)

    async def reload(self) -> None:
        """Start Slack anew: what only this person could see is gone."""
        await self._do("reload")

    async def toasts(self) -> list[str]:
        """What Slack itself said lately."""
        return [toast["text"] for toast in (await self.state())["toasts"]]

    async def _act(self, on: Message | View, block: Json, element: Json, **given: Any) -> None:
        await self._do("act", **_place(on, block, element), **given)

    async def _do(self, name: str, **body: Any) -> Json:
        return await self._control.post(name, {"as": self.id, **body})


def _place(on: Message | View, block: Json, element: Json) -> Json:
    surface = {"view_id" if isinstance(on, View) else "message_id": on.id}
    return {**surface, "block_id": block["block_id"], "action_id": element["action_id"]}


class SandboxDriver:
    """The sandbox at `url`."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS)
        self._client = httpx.AsyncClient(base_url=url, timeout=40, trust_env=False, limits=limits)
        self.slack = SlackControl(self._client, "/_control/slack")
        self.ecotaxa = EcoTaxaControl(self._client, "/_control/ecotaxa")

    def person(self, name: str) -> Actor:
        """One of elena, amelie, tomas, ada."""
        return Actor(self.slack, name)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

"""Who may do what: every way into the bot, and what becomes of it for each kind of person.

`python -m tests.stories.authorization` prints docs/authorization.md.  test_authorization.py tries each of
its cells, with a payload made by hand that names somebody else's job.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot import exports, forms
from bot.cleanup import Plan
from bot.filters import Filter
from bot.forms import Form
from bot.ids import Action, Modal
from bot.lookup import Choice, Found
from bot.sandbox.driver import Actor
from bot.sandbox.slack.people import BOT_USER
from tests.stories import forgery
from tests.stories.forgery import Json

LINKED_AT = datetime.now(UTC)
"""When everybody's link was made."""
PRIVATE = 8
"""A project of the owner's that nobody else may see."""
NAME = "owners-secret-name"


class Who(StrEnum):
    """Who sends the payload."""

    OWNER = "whose job it is"
    OTHER = "somebody else, linked"
    ADMIN = "administrator of EcoTaxa"
    UNLINKED = "somebody not linked"
    STRANGER = "same user id, other workspace"


class Verdict(StrEnum):
    """What becomes of it."""

    DOES = "done"
    SEES = "shown"
    OWN = "own only"
    REFUSED = "refused"
    LINK = "must link"


DOES, SEES, OWN, REFUSED, LINK = Verdict
Row = tuple[Verdict, ...]
"""One verdict for each of `Who`, in that order."""

SEEN: Row = (SEES, REFUSED, SEES, LINK, LINK)
DONE: Row = (DOES, REFUSED, DOES, LINK, LINK)
LISTED: Row = (SEES, OWN, OWN, LINK, LINK)
KEPT: Row = (DOES, OWN, OWN, LINK, LINK)
PERSONAL: Row = (OWN, OWN, OWN, LINK, LINK)
ANYBODY: Row = (OWN, OWN, OWN, OWN, OWN)
FILLED: Row = (DOES, REFUSED, SEES, LINK, LINK)
HANDED: Row = (REFUSED, DOES, REFUSED, REFUSED, REFUSED)


@dataclass(frozen=True)
class Scene:
    """What the payloads name: the owner's jobs, one in each state, and what else is theirs."""

    asking: int
    mark: str
    """That of the question."""
    failed: int
    finished: int
    running: int
    failed_too: int
    failed_also: int
    finished_too: int
    finished_also: int
    running_too: int
    """One for each that an act puts into another state."""
    shared: int
    told: tuple[str, str]
    """Channel and `ts` of a message that tells a channel of the shared job."""
    card: tuple[str, str]
    """And of a card that shows jobs the owner watches."""
    place: int
    handovers: Mapping[Action, str]
    thread: tuple[str, str]
    """Where a colleague was asked about a name."""
    web_url: str


Forge = Callable[[Scene, Actor, str], Json]


@dataclass(frozen=True)
class Door:
    """One way in, and the payload that is sent there by somebody of a workspace."""

    kind: str
    name: str
    row: Row
    forge: Forge
    note: str = ""


def word(text: str, row: Row, note: str = "") -> Door:
    """A word, typed as a command."""
    return Door(
        "word", text, row, lambda it, who, team: forgery.command(who, text.format(it=it), team=team), note
    )


def button(
    action: Action, value: Callable[[Scene], object], row: Row, note: str = "", **more: Callable[[Scene], Any]
) -> Door:
    """A button of a message."""

    def forge(it: Scene, who: Actor, team: str) -> Json:
        payload = forgery.press(who, action, str(value(it)), team=team)
        for name, field in more.items():
            payload["actions"][0] |= {name: field(it)}
        return payload

    return Door("button", action, row, forge, note)


def pressed_at(door: Door, place: Callable[[Scene], tuple[str, str]]) -> Door:
    """The same button on a message that stands in a channel."""

    def forge(it: Scene, who: Actor, team: str) -> Json:
        payload, (channel, ts) = door.forge(it, who, team), place(it)
        payload["container"] = {"type": "message", "message_ts": ts, "channel_id": channel}
        return payload | {"channel": {"id": channel, "name": "plankton"}}

    return Door(door.kind, door.name, door.row, forge, door.note)


def view(callback: Modal, metadata: str = "", blocks: Any = (), **values: Json) -> Json:
    """A modal as it might come back; `values` by block, which is called as its only action."""
    held = {block: {block: value} for block, value in values.items()}
    return {
        "id": "V0FORGED",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "blocks": list(blocks),
        "state": {"values": held},
    }


def submitted(callback: Modal, made: Callable[[Scene], Json], row: Row, note: str = "") -> Door:
    """A modal that is sent."""
    return Door(
        "modal", callback, row, lambda it, who, team: coming(who, team, made(it), "view_submission"), note
    )


def in_view(action: Action, made: Callable[[Scene], Json], row: Row, note: str = "", **more: Any) -> Door:
    """A button or a choice in a modal."""

    def forge(it: Scene, who: Actor, team: str) -> Json:
        act = {"type": "button", "action_id": action, "block_id": "forged", "action_ts": "1.2"} | more
        return coming(who, team, made(it), "block_actions") | {"actions": [act]}

    return Door("button", action, row, forge, note)


def typed(action: Action, query: str, row: Row, note: str = "", **more: Any) -> Door:
    """A field that asks for options."""

    def forge(it: Scene, who: Actor, team: str) -> Json:
        handed = it.handovers.get(action)
        asked = {"action_id": f"{action}:{handed}" if handed else action, "block_id": "forged"} | more
        return coming(who, team, answering(it), "block_suggestion") | {"value": query} | asked

    return Door("field", action, row, forge, note)


def coming(who: Actor, team: str, made: Json, kind: str) -> Json:
    """A modal, and what was done in it."""
    payload = forgery.interaction(kind, who, team)
    return payload | {"container": {"type": "view", "view_id": made["id"]}, "view": made}


def happens(kind: str, row: Row, made: Callable[[Scene, Actor], Json], note: str = "") -> Door:
    """An event."""
    return Door(
        "event",
        kind,
        row,
        lambda it, who, team: forgery.event(who, kind, team=team, **made(it, who)),
        note,
    )


def handed(action: Action) -> Door:
    """A press on the question that a colleague was asked."""

    def forge(it: Scene, who: Actor, team: str) -> Json:
        payload = forgery.press(who, f"{action}:{it.handovers[action]}", None, team=team)
        payload["actions"][0] |= {"selected_option": TAXON if action != Action.HANDOVER_USER else USER}
        return payload

    return Door(
        "button", action, HANDED, forge, "only the colleague who was asked: here somebody else, linked"
    )


TAXON = forms.options(Found([Choice(1, "Cyclopoida")]), "taxon")[0]
USER = forms.options(Found([Choice(1, "somebody")]), "user")[0]
_ROW = f"taxon.{forms.digest(NAME)}"


def answering(it: Scene) -> Json:
    """The answer to the owner's question; the name itself is not in it, so that it is seen where it leaks."""
    made = view(Modal.ANSWER, Form(it.asking, it.mark, PRIVATE).dump())
    made["state"]["values"] = {f"{_ROW}.0": {"answer.taxon": {"selected_option": TAXON}}}
    return made


def asking(it: Scene, whom: str) -> Json:
    """The wish to have a colleague asked."""
    option, colleague = {"selected_option": {"value": _ROW}}, {"selected_user": f"U0{whom}"}
    return view(Modal.ASK, Form(it.asking, it.mark, PRIVATE).dump(), name=option, colleague=colleague)


def exporting(_it: Scene) -> Json:
    """An export of the owner's project."""
    return view(Modal.EXPORT, exports.Draft(project_id=PRIVATE).dump())


def linking(_it: Scene) -> Json:
    """The owner's e-mail, with a password that is none."""
    text = {"email": {"value": "tomas@lab.example"}, "password": {"value": "guessed"}}
    return view(Modal.LINK, '["jobs", "", false]', **text)


def settings(_it: Scene) -> Json:
    """A summary each Monday, and nothing else."""
    return view(Modal.NOTIFY, summary={"selected_option": {"value": "weekly"}})


def watching(it: Scene) -> Json:
    """The choice of the owner's job."""
    return view(Modal.WATCH, jobs={"selected_options": [{"value": str(it.running)}]})


DOORS = (
    word("jobs", LISTED),
    word("jobs all", (REFUSED, REFUSED, SEES, LINK, LINK), "everybody's jobs"),
    word("job {it.failed}", SEEN),
    word("file {it.finished}", SEEN),
    word("log {it.failed}", SEEN),
    word("restart {it.failed_too}", DONE),
    word("kill {it.running}", SEEN, "asks first"),
    word("delete {it.finished}", SEEN, "asks first"),
    word("clean done", PERSONAL, "counts, and asks first"),
    word("export 8", SEEN, "a project that only its owner may see"),
    word("notify", PERSONAL),
    word("notify here", KEPT),
    word("watch {it.running}", (DOES, REFUSED, REFUSED, LINK, LINK), "one's own jobs"),
    word("watch {it.running} <@U0AMELIE>", (DOES, REFUSED, REFUSED, LINK, LINK), "one's own jobs"),
    word("doctor", ANYBODY),
    word("link", ANYBODY),
    word("whoami", LISTED),
    word("unlink", LISTED, "asks first"),
    word("forget me", ANYBODY, "asks first"),
    word("audit", ANYBODY, "one's own acts"),
    word("help", ANYBODY),
    button(Action.JOBS_REFRESH, lambda it: "0", LISTED),
    button(Action.JOBS_PAGE, lambda it: "0", LISTED),
    button(
        Action.JOBS_FILTER,
        lambda it: "",
        (REFUSED, REFUSED, SEES, LINK, LINK),
        "everybody's jobs",
        selected_option=lambda it: {"value": f"0 {Filter(everyone=True).dump()}"},
    ),
    button(Action.JOB_SHOW, lambda it: it.failed, SEEN),
    button(Action.JOB_REFRESH, lambda it: it.failed, SEEN),
    button(Action.JOB_RESTART, lambda it: it.failed_also, DONE),
    button(Action.JOB_KILL, lambda it: it.running_too, DONE),
    button(Action.JOB_DELETE, lambda it: it.finished_too, DONE),
    button(Action.KEEP, lambda it: "", ANYBODY),
    button(Action.CLEAN_YES, lambda it: Plan((it.finished_also,), ()).dump(), DONE),
    button(Action.CLEAN_STOP, lambda it: "", ANYBODY),
    button(Action.FILE_GET, lambda it: it.finished, SEEN),
    button(Action.FILE_SHARE, lambda it: it.finished, SEEN, "the channel sees it then"),
    button(Action.FILE_SEND, lambda it: it.finished, SEEN),
    button(Action.FILE_AGAIN, lambda it: it.finished, SEEN),
    button(Action.FILE_CANCEL, lambda it: it.finished, ANYBODY),
    button(Action.LOG_SHOW, lambda it: it.failed, SEEN),
    button(Action.LOG_REFRESH, lambda it: it.failed, SEEN),
    button(Action.LOG_WHOLE, lambda it: it.failed, SEEN),
    button(Action.ERRORS_SHOW, lambda it: it.failed, SEEN),
    button(Action.ERRORS_WHOLE, lambda it: it.failed, SEEN),
    button(Action.WEB_OPEN, lambda it: "", ANYBODY),
    button(Action.JOB_PEEK, lambda it: it.failed, SEEN),
    button(Action.HOME_REFRESH, lambda it: "", ANYBODY),
    button(Action.HOME_JOBS, lambda it: "", LISTED),
    button(Action.LINK_OPEN, lambda it: "jobs", ANYBODY),
    button(Action.UNLINK_NO, lambda it: "", ANYBODY),
    button(Action.EXPORT_OPEN, lambda it: PRIVATE, SEEN, "a project that only its owner may see"),
    in_view(Action.EXPORT_PROJECT, exporting, ANYBODY, "draws the form anew"),
    in_view(Action.EXPORT_FORM, exporting, ANYBODY, "draws the form anew"),
    button(Action.ANSWER_OPEN, lambda it: it.asking, SEEN),
    in_view(Action.ANSWER_PAGE, answering, FILLED, value="0"),
    in_view(Action.ANSWER_ACCEPT, answering, FILLED),
    in_view(
        Action.ANSWER_TAXON,
        answering,
        (DOES, OWN, OWN, OWN, OWN),
        "kept for the answer of whoever chose",
        block_id=f"{_ROW}.0",
        selected_option=TAXON,
    ),
    in_view(
        Action.ANSWER_USER,
        answering,
        (DOES, OWN, OWN, OWN, OWN),
        "kept for the answer of whoever chose",
        block_id=f"user.{forms.digest('x')}.0",
        selected_option=USER,
    ),
    in_view(Action.ANSWER_ASK, answering, ANYBODY, "shows the names that the form holds"),
    handed(Action.HANDOVER_USER),
    handed(Action.HANDOVER_TAXON),
    handed(Action.HANDOVER_SKIP),
    pressed_at(
        button(
            Action.FOLLOW,
            lambda it: it.shared,
            (OWN, DOES, DOES, DOES, DOES),
            "whoever sees the channel's message; they are told what the channel is",
        ),
        lambda it: it.told,
    ),
    button(Action.MUTE, lambda it: "", KEPT, selected_option=lambda it: {"value": f"job:{it.running}"}),
    button(Action.UNMUTE, lambda it: f"job:{it.running}", KEPT),
    button(Action.WATCH_OPEN, lambda it: "", LISTED),
    pressed_at(
        button(
            Action.WATCH_STOP, lambda it: "", (DOES, REFUSED, REFUSED, REFUSED, REFUSED), "whoever began it"
        ),
        lambda it: it.card,
    ),
    button(Action.NOTIFY_OPEN, lambda it: "", PERSONAL),
    Door(
        "button",
        Action.PLACE_END,
        KEPT,
        lambda it, who, team: (
            coming(who, team, view(Modal.NOTIFY), "block_actions")
            | {"actions": [{"type": "button", "action_id": f"{Action.PLACE_END}:1", "value": str(it.place)}]}
        ),
    ),
    typed(Action.EXPORT_PROJECT, "Not published", SEEN),
    typed(Action.ANSWER_USER, "martin", PERSONAL, block_id="user.0123456789abcdef.0"),
    typed(Action.ANSWER_TAXON, "cyclo", PERSONAL, block_id=f"{_ROW}.0"),
    typed(Action.HANDOVER_USER, "martin", (REFUSED, OWN, REFUSED, REFUSED, REFUSED)),
    typed(Action.HANDOVER_TAXON, "cyclo", (REFUSED, OWN, REFUSED, REFUSED, REFUSED)),
    Door(
        "shortcut",
        "jobs",
        LISTED,
        lambda it, who, team: forgery.interaction("shortcut", who, team) | {"callback_id": "jobs"},
    ),
    Door(
        "shortcut",
        "job_of_message",
        SEEN,
        lambda it, who, team: forgery.on_message(
            who, "job_of_message", {"text": f"look at #{it.failed}"}, team=team
        ),
    ),
    happens("app_home_opened", ANYBODY, lambda it, who: {"tab": "home", "channel": who.im}),
    happens(
        "app_mention",
        SEEN,
        lambda it, who: {"text": f"<@{BOT_USER}> job {it.failed}", "channel": "C0GENERAL", "ts": "1.2"},
    ),
    happens(
        "message",
        SEEN,
        lambda it, who: {
            "text": f"job {it.failed}",
            "channel": who.im,
            "channel_type": "im",
            "ts": "1.2",
        },
    ),
    happens(
        "message",
        HANDED,
        lambda it, who: {
            "text": "ask Ada",
            "channel": it.thread[0],
            "thread_ts": it.thread[1],
            "channel_type": "im",
            "ts": "1.2",
        },
        "in the thread of a question that a colleague was asked",
    ),
    happens(
        "link_shared",
        (SEES, REFUSED, SEES, REFUSED, REFUSED),
        lambda it, who: {
            "links": [{"url": f"{it.web_url}/job/show/{it.failed}", "domain": "ecotaxa"}],
            "channel": "C0GENERAL",
            "message_ts": "1.2",
        },
        "the channel sees the card then",
    ),
    submitted(Modal.LINK, linking, ANYBODY, "only whose password it is, and for the sender alone"),
    Door(
        "modal",
        Modal.ASK,
        (DOES, REFUSED, SEES, LINK, LINK),
        lambda it, who, team: coming(
            who, team, asking(it, "ADA" if who.name == "amelie" else "AMELIE"), "view_submission"
        ),
        "asks a colleague about a name",
    ),
    submitted(Modal.ANSWER, answering, DONE),
    submitted(Modal.NOTIFY, settings, KEPT),
    submitted(Modal.WATCH, watching, (DOES, REFUSED, REFUSED, LINK, LINK), "one's own jobs"),
    happens(
        "user_change",
        (DOES, OWN, OWN, OWN, OWN),
        lambda it, who: {"user": {"id": who.id, "deleted": True}},
        "who left the workspace is forgotten",
    ),
    # Late: with a link all goes that others were told and asked, and an export becomes one's own job.
    button(
        Action.LINK_UNDO,
        lambda it: LINKED_AT.isoformat(),
        (DOES, OWN, OWN, OWN, OWN),
        "whoever was linked on the page, and what was linked then",
    ),
    button(Action.UNLINK_YES, lambda it: "", (DOES, OWN, OWN, OWN, OWN)),
    submitted(Modal.EXPORT, exporting, DONE),
    button(
        Action.FORGET_YES,
        lambda it: "",
        (DOES, DOES, OWN, OWN, OWN),
        "with what was told to those who had asked them about a name",
    ),
)
NOBODYS = frozenset(
    f"{kind}_{end}" for kind in ("channel", "group") for end in ("archive", "deleted", "left")
) | {"app_uninstalled", "team_access_revoked", "tokens_revoked"}
"""Events that Slack tells, and no person does: what was told in the channel ends; so does all that is kept of
a workspace that let the bot go, where it is installed in many."""

NEVER_SENT = frozenset({Modal.PLAIN, Modal.SHOWN})
"""Modals that only say something: nobody listens to what they would send."""

_INTRODUCTION = """\
# Who may do what

Made by `python -m tests.stories.authorization`; `tests/stories/test_authorization.py` tries every cell, with
a payload made by hand that names the job of somebody else. Whatever comes back from Slack (a button's value,
a modal's metadata, a block's id) says only what is wanted. What is allowed EcoTaxa decides, asked with the
token of whoever clicked; what the bot itself keeps is changed for nobody but them.

- **done**, **shown**: it acts on the owner's job, or shows what is in it.
- **own only**: what one sees and changes is one's own; nothing of the owner's is shown or changed.
- **refused**: nothing of the owner's is shown or changed.
- **must link**: the same, and the person is asked to link an account.

"""


def table() -> str:
    """The whole document."""
    heads = ("way in", *Who, "")
    rows = [(f"{it.kind} `{_shown(it.name)}`", *it.row, it.note) for it in DOORS]
    lines = [heads, ("---",) * len(heads), *rows]
    return _INTRODUCTION + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _shown(name: str) -> str:
    return re.sub(r"\{it\.\w+\}", "1234", name).replace("<@U0AMELIE>", "@someone")


if __name__ == "__main__":
    sys.stdout.write(table())

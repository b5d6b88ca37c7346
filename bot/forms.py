"""The modal that answers an import's question: built from the job, read back when it is sent."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from slackblocks import (
    ActionsBlock,
    Button,
    ContextBlock,
    Element,
    ExternalSelectMenu,
    InputBlock,
    ModalView,
    Option,
    SectionBlock,
    Text,
    TextType,
)

from bot.errors import UsageError
from bot.ids import Action, Modal
from bot.jobs import Job
from bot.language import mark, number, say, say_n
from bot.lookup import Choice, Found
from bot.messages import type_words
from bot.store import NameKind, Pick
from bot.suggestions import Name, Suggestion, names_of
from bot.text import plain

ROWS = 20
"""Names on one page: few enough for a phone, far below Slack's 100 blocks a modal."""
LATER = "later"
TYPE_ON = "type-on"
LINK_AGAIN = mark("Link your EcoTaxa account again")

Row = tuple[NameKind, str]
"""One field of the form: the kind and the `digest` of its name."""

Picks = Mapping[Row, Pick]
"""What was chosen."""


def digest(name: str) -> str:
    """A name as Slack gives it back: names may be longer than a block's id, and hold anything."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]


LEFT = Pick(0, "")
"""What is kept of a name that the person wants to leave for later: no suggestion stands there again."""


def row_of(name: Name) -> Row:
    """The field that stands for a name."""
    return name.kind, digest(name.text)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the *Answer* button was pressed, to be told afterwards what became of it.

    `url` is the press's response_url; `channel` and `ts` name the message unless it was ephemeral.
    `page` is that of a list, and `wanted` its filter as it dumps itself.
    """

    url: str = field(default="", repr=False)
    channel: str = ""
    ts: str = ""
    page: int | None = None
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What the modal needs to know of itself; it travels in `private_metadata` (3,000 characters)."""

    job_id: int
    mark: str
    project_id: int | None = None
    page: int = 0
    revision: int = 0
    origin: Origin = Origin()

    def dump(self) -> str:
        """The form as text for Slack to keep."""
        return _FORM.dump_json(self).decode()

    @classmethod
    def load(cls, text: str) -> "Form":
        """The form that `dump` wrote; raises UsageError for any other text."""
        try:
            return _FORM.validate_json(text, strict=True)
        except ValidationError:
            raise UsageError(say("I no longer know this form. Please press Answer again.")) from None

    def turned_to(self, page: int) -> "Form":
        """The same form on another page; its fields are new to Slack, which else keeps what it showed."""
        return replace(self, page=page, revision=self.revision + 1)


_FORM = TypeAdapter(Form)


def on_page(names: Sequence[Name], page: int) -> Sequence[Name]:
    """The names of one page."""
    return names[page * ROWS : (page + 1) * ROWS]


def pages(names: Sequence[Name]) -> int:
    """How many pages the names take."""
    return max(1, -(-len(names) // ROWS))


def answer_modal(
    form: Form,
    job: Job,
    picks: Picks,
    suggestions: Mapping[Name, Suggestion],
    *,
    note: str = "",
    asked: Mapping[Row, str] | None = None,
) -> dict[str, Any]:
    """The modal for one page of an asking job.

    What was chosen stands in its field, else what is suggested; `note` is a sentence on top, `asked`
    tells beside a name what became of asking a colleague.
    """
    asked = asked or {}
    names = names_of(job.question) if job.question else []
    chosen = sum(picks.get(row_of(name), LEFT) != LEFT for name in names)
    open_suggestions = sum(row_of(name) not in picks for name in suggestions)
    blocks = [
        SectionBlock(Text(note or _heading(job), type_=TextType.PLAINTEXT)),
        *_buttons(form, names, open_suggestions),
        ContextBlock([Text(_where(form, names, chosen), type_=TextType.PLAINTEXT)]),
        *(
            _row(form, name, picks.get(row_of(name)), suggestions.get(name), asked.get(row_of(name), ""))
            for name in on_page(names, form.page)
        ),
        *_actions(_turns(form, names, "below"), f"turn.below.{form.revision}"),
    ]
    view = ModalView(
        title=plain(say("Answer #{job}", job=job.id), 24),
        submit=say("Answer"),
        close=say("Later"),
        blocks=blocks,
        callback_id=Modal.ANSWER,
        private_metadata=form.dump(),
    )
    return dict(view.to_dict())


def _heading(job: Job) -> str:
    if not job.project_ids:
        return say("{type} #{job}: EcoTaxa could not match these names.", type=type_words(job), job=job.id)
    return say(
        "{type} #{job} into project {project}: EcoTaxa could not match these names.",
        type=type_words(job),
        job=job.id,
        project=job.project_ids[0],
    )


def _where(form: Form, names: Sequence[Name], chosen: int) -> str:
    """Which page it is, how far the person has come, and what becomes of the rest."""
    counts = []
    if pages(names) > 1:
        counts.append(say("page {page} of {pages}", page=number(form.page + 1), pages=number(pages(names))))
    if chosen:
        counts.append(say("{chosen} of {all} chosen so far", chosen=number(chosen), all=number(len(names))))
    if not counts:
        return say("What you leave empty can wait: EcoTaxa asks for it again.")
    return say(
        "{counts}. What you leave empty can wait: EcoTaxa asks for it again.", counts=" · ".join(counts)
    )


def _buttons(form: Form, names: Sequence[Name], open_suggestions: int) -> list[ActionsBlock]:
    buttons: list[Element] = []
    if pages(names) > 1:
        accept = say("Accept all suggestions, on every page")
        buttons.append(Button(accept, Action.ANSWER_ACCEPT, value="all"))
    elif open_suggestions:
        accept = say_n("Accept the suggestion", "Accept all {n} suggestions", open_suggestions)
        buttons.append(Button(accept, Action.ANSWER_ACCEPT, value="all"))
    buttons.append(Button(say("Ask a colleague"), Action.ANSWER_ASK))
    return _actions([*buttons, *_turns(form, names, "above")], f"turn.above.{form.revision}")


def _turns(form: Form, names: Sequence[Name], where: str) -> list[Element]:
    """The ways to other pages: above the fields and, for who has filled them, below; ids may not repeat."""
    turns = (
        (say("Previous page"), "previous", form.page - 1),
        (say("Next page"), "next", form.page + 1),
    )
    return [
        Button(text, Action.ANSWER_PAGE.of(f"{way}.{where}"), value=str(page))
        for text, way, page in turns
        if 0 <= page < pages(names)
    ]


def _actions(buttons: list[Element], block_id: str) -> list[ActionsBlock]:
    return [ActionsBlock(buttons, block_id=block_id)] if buttons else []


def _row(form: Form, name: Name, pick: Pick | None, suggestion: Suggestion | None, asked: str) -> InputBlock:
    is_user = name.kind == "user"
    hints = [say("In the file: {email}", email=name.email)] if name.email else []
    hints += [asked] if asked else []
    if pick is None and suggestion is not None:
        hints.append(say("Suggestion: {why}", why=say(suggestion.why)))
        pick = suggestion.pick
    initial = _option(Choice(pick.id, pick.label), name.kind) if pick not in (None, LEFT) else None
    action = Action.ANSWER_USER if is_user else Action.ANSWER_TAXON
    # In every language the name stands in these quotes, and last: `label_of` finds it there.
    quoted = f"“{name.text}”"
    label = say("User {name}", name=quoted) if is_user else say("Taxon {name}", name=quoted)
    return InputBlock(
        label=plain(label, 150),
        element=ExternalSelectMenu(
            action_id=action.of(digest(name.text)),
            initial_option=initial,
            min_query_length=0,
            placeholder=say("Type a person's name") if is_user else say("Type the start of a taxon's name"),
        ),
        dispatch_action=True,
        block_id=f"{name.kind}.{digest(name.text)}.{form.revision}",
        hint=plain(" · ".join(hints), 300) if hints else None,
        optional=True,
    )


def _option(choice: Choice, kind: NameKind) -> Option:
    about = plain(choice.about, 75) if choice.about else None
    return Option(
        Text(plain(choice.label, 75), type_=TextType.PLAINTEXT),
        value=f"{kind}:{choice.id}",
        description=Text(about, type_=TextType.PLAINTEXT) if about else None,
    )


def _row_of_ours(text: str, value: str) -> Option:
    return Option(Text(plain(text, 75), type_=TextType.PLAINTEXT), value=value)


def hint_option(text: str) -> dict[str, Any]:
    """A row in a type-ahead list that only says something; `text` is ours, as it is to be shown."""
    return _row_of_ours(text, TYPE_ON)._resolve()


def options(found: Found, kind: NameKind, *, may_wait: bool = True) -> list[dict[str, Any]]:
    """What a type-ahead field offers: the choices, and rows that say what else can be done."""
    offered = [_option(choice, kind) for choice in found.choices]
    if not found.complete:
        slow = say("EcoTaxa is slow: type on, or wait a moment and type again")
        offered.insert(0, _row_of_ours(slow, TYPE_ON))
    elif not offered:
        offered.append(_row_of_ours(say("Nothing found: type less, or something else"), TYPE_ON))
    elif found.more:
        offered.append(_row_of_ours(say("More than shown: type on"), TYPE_ON))
    if may_wait:
        offered.append(_row_of_ours(say("Leave this one for later"), LATER))
    return [option._resolve() for option in offered[:100]]


def read_option(option: Mapping[str, Any] | None) -> Pick | None:
    """What a chosen option stands for; None for what chooses nobody."""
    kind, _, picked = str((option or {}).get("value", "")).partition(":")
    if kind == LATER:
        return LEFT
    if kind not in ("user", "taxon") or not re.fullmatch(r"[1-9][0-9]{0,9}", picked):
        return None
    label = (option or {}).get("text", {}).get("text", "")
    return Pick(int(picked), str(label))


def read_row(block_id: str) -> Row | None:
    """The kind and name digest that a field stands for; None when it is not one of ours."""
    match block_id.split("."):
        case ["user", name, _]:
            return "user", name
        case ["taxon", name, _]:
            return "taxon", name
    return None


def label_of(view: Mapping[str, Any], block_id: str) -> str:
    """The name that a field asks for, as its label quotes it, a long one cut; empty when there is none."""
    for block in view.get("blocks", []):
        if block.get("block_id") == block_id:
            return str(block["label"]["text"]).partition("“")[2].removesuffix("”")
    return ""


def untouched(view: Mapping[str, Any]) -> set[Row]:
    """The fields that hold what they were shown with: what stands there is nothing the person chose here."""
    values = view.get("state", {}).get("values", {})
    found: set[Row] = set()
    for block in view.get("blocks", []):
        row, shown = read_row(str(block.get("block_id"))), block.get("element", {}).get("initial_option")
        for state in values.get(block.get("block_id"), {}).values():
            selected = state.get("selected_option") or {}
            if row is not None and shown and selected.get("value") == shown["value"]:
                found.add(row)
    return found


def read_picks(view: Mapping[str, Any]) -> dict[Row, Pick]:
    """What stands in the modal's fields, also untouched suggestions.

    A field that was emptied is left for later; one that stood empty says nothing.
    """
    filled = {b["block_id"] for b in view.get("blocks", []) if "initial_option" in b.get("element", {})}
    picks: dict[Row, Pick] = {}
    for block_id, actions in view.get("state", {}).get("values", {}).items():
        row = read_row(block_id)
        for state in actions.values():
            pick = read_option(state.get("selected_option")) or (LEFT if block_id in filled else None)
            if row is not None and pick is not None:
                picks[row] = pick
    return picks

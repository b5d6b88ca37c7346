"""Exports: the modal that asks what to export, what is said of it, and its report in a channel; no I/O."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slackblocks import (
    Block,
    CheckboxGroup,
    ContextBlock,
    ExternalSelectMenu,
    InputBlock,
    ModalView,
    Option,
    PlainText,
    PlainTextInput,
    RadioButtonGroup,
    SectionBlock,
    StaticSelectMenu,
)

from bot.commands import project_number
from bot.errors import UsageError
from bot.exports import (
    ABOUT,
    FIELDS,
    FORMULA_CHARS,
    ON,
    STATUS,
    Choice,
    Draft,
    Formula,
    Kind,
    Place,
    Switch,
    key_of,
)
from bot.ids import Action, Modal
from bot.jobs import Event, Job
from bot.messages.blocks import Message, actions, button, context, message, section
from bot.messages.buttons import details_button, errors_button, file_button, open_button
from bot.messages.words import headline, kept_words, matter
from bot.names import Project
from bot.text import one_line, plain, prose

TITLE = "Export from EcoTaxa"
PROJECT, KIND, REPORT = "project", "kind", "report"
"""What each question is called that every kind of export asks."""

_HERE, _DIRECT = "here", "direct"
_TYPE_ON = "type-on"
_MARK = " · project "


def export_modal(draft: Draft, *, note: str = "") -> dict[str, Any]:
    """The modal in which an export is put together; `note` is a sentence of ours on top."""
    blocks: list[Block] = [SectionBlock(PlainText(note), block_id="note")] if note else []
    blocks += [_project_row(draft), _kind_row(draft)]
    blocks += [_row(draft, asked) for asked in draft.fields() if not isinstance(asked, Switch)]
    blocks += [_switches(draft), _select(draft, STATUS), _report_row(draft)]
    view = ModalView(
        TITLE,
        blocks,
        submit="Start",
        close="Cancel",
        callback_id=str(Modal.EXPORT),
        private_metadata=draft.dump(),
    )
    return dict(view.to_dict())


def project_options(found: Sequence[Project], *, complete: bool) -> list[dict[str, Any]]:
    """What the project field offers; where that is not all, a row of ours says so."""
    offered = [_project_option(project.id, project.title) for project in found[:99]]
    if not complete:
        offered.insert(0, _option(_TYPE_ON, "EcoTaxa is slow: type on, or wait a moment and type again"))
    elif not offered:
        offered.append(_option(_TYPE_ON, "Nothing found: type a part of its title, or its number"))
    return [option._resolve() for option in offered]


def read_draft(view: Mapping[str, Any]) -> Draft:
    """What stands in the modal's fields, and what was chosen before for fields that are not shown now.

    Raises UsageError for a modal that is not this one.
    """
    before = Draft.load(str(view["private_metadata"]))
    values: Mapping[str, Any] = view.get("state", {}).get("values", {})
    held: dict[str, Mapping[str, Any]] = {
        block_id: next(iter(states.values()), {}) for block_id, states in values.items()
    }
    chosen = {**before.chosen, **dict(_chosen(held))}
    project_id, title = before.project_id, before.title
    if PROJECT in held:
        project_id, title = _read_project(held[PROJECT].get("selected_option"))
    kind, report = _picked(held.get(KIND)), _picked(held.get(REPORT))
    return Draft(
        kind=Kind(kind) if kind in set(Kind) else before.kind,
        project_id=project_id,
        title=title,
        chosen={key: value for key, value in chosen.items() if value},
        place=before.place,
        told_here=bool(before.place.channel) and (report == _HERE if report else before.told_here),
    )


def started(draft: Draft, job_id: int) -> str:
    """What was started, and where its end is told, as mrkdwn."""
    where = _channel(draft.place) if draft.told_here else ""
    told = f"I report {where}" if where else "I tell you by direct message"
    return (
        f"{_what(draft)} started as #{job_id}. {told} when it is done.\n"
        f"`/ecotaxa job {job_id}` shows how far it is."
    )


def choose_export(project_id: int | None) -> Message:
    """A button that opens the modal, where it cannot be opened without a press."""
    text = f"Choose what to export of project {project_id}." if project_id else "Choose what to export."
    press = button("Choose", Action.EXPORT_OPEN, value=project_id, style="primary", label=text)
    return message([text], [section(text), actions(press)])


def report(kind: str, job: Job, web_url: str, user_id: str) -> Message:
    """How an export ended, told in the channel where it was asked for; `user_id` is who asked.

    Others read it too: what went wrong is left to the buttons, whose answers only who presses them sees.
    Raises ValueError when `kind` is no `Event`.
    """
    said, small = "Press *Details* to see more.", ""
    match Event(kind):
        case Event.FINISHED:
            said, small = matter(job), kept_words(job)
        case Event.KILLED:
            said = "It was stopped."
        case Event.FAILED:
            said = "Press *Details* to see why."
    who = f"<@{user_id}>"
    blocks: list[Block] = [section(f"{who} {headline(job, web_url)}", said)]
    blocks += [context(small)] if small else []
    offered = filter(None, (file_button(job), errors_button(job)))
    blocks.append(actions(*offered, details_button(job), open_button(job, web_url)))
    return message([f"{who} {headline(job)}", said, small], blocks)


def _what(draft: Draft) -> str:
    title = prose(draft.title, 80)
    project = f"*{title}* (project {draft.project_id})" if title else f"project {draft.project_id}"
    return f"{ABOUT[draft.kind][0]} export of {project}"


def _channel(place: Place) -> str:
    return f"in #{prose(place.name, 80)}" if place.name else "where you asked for it" if place.channel else ""


def _project_row(draft: Draft) -> InputBlock:
    initial = None if draft.project_id is None else _project_option(draft.project_id, draft.title)
    select = ExternalSelectMenu(
        str(Action.EXPORT_PROJECT),
        initial_option=initial,
        min_query_length=0,
        placeholder="Type a part of its title, or its number",
    )
    return InputBlock("Project", select, block_id=PROJECT)


def _kind_row(draft: Draft) -> InputBlock:
    options = {kind: _option(kind, words, about) for kind, (words, about) in ABOUT.items()}
    radio = RadioButtonGroup(
        Action.EXPORT_FORM.of(KIND), list(options.values()), initial_option=options[draft.kind]
    )
    return InputBlock("Kind of export", radio, block_id=KIND, dispatch_action=True)


def _row(draft: Draft, asked: Choice | Formula) -> InputBlock:
    if isinstance(asked, Choice):
        return _select(draft, asked)
    key = key_of(draft.kind, asked)
    typed = PlainTextInput(
        key,
        initial_value=draft.value(asked) or None,
        max_length=FORMULA_CHARS,
        placeholder=f"For example {asked.example}",
    )
    return InputBlock(asked.label, typed, block_id=key, optional=True)


def _select(draft: Draft, asked: Choice) -> InputBlock:
    key = key_of(draft.kind, asked)
    options = {value: _option(value, words) for value, words in asked.options.items()}
    menu = StaticSelectMenu(
        Action.EXPORT_FORM.of(asked.name) if asked.redraws else key,
        list(options.values()),
        initial_option=options[draft.value(asked)],
    )
    return InputBlock(asked.label, menu, block_id=key, dispatch_action=asked.redraws)


def _switches(draft: Draft) -> InputBlock:
    switches = [asked for asked in draft.fields() if isinstance(asked, Switch)]
    options = {asked.name: _option(asked.name, asked.label, asked.about) for asked in switches}
    on = [options[asked.name] for asked in switches if draft.value(asked) == ON]
    block_id = _switches_id(draft.kind)
    boxes = CheckboxGroup(block_id, list(options.values()), initial_options=on or None)
    return InputBlock("Also", boxes, block_id=block_id, optional=True)


def _report_row(draft: Draft) -> Block:
    place = draft.place
    if not place.channel:
        words = PlainText("I tell you by direct message when it is done.")
        return ContextBlock([words], block_id=REPORT)
    here = f"Here, in #{place.name}" if place.name else "Here"
    seen = (
        f"Everybody in #{place.name} will see when it is done"
        if place.name
        else "Everybody here will see when it is done; I must be a member"
    )
    options = (_option(_HERE, here, seen), _option(_DIRECT, "By direct message", "Nobody else sees it"))
    radio = RadioButtonGroup(REPORT, list(options), initial_option=options[0 if draft.told_here else 1])
    return InputBlock("When it is done, tell me", radio, block_id=REPORT)


def _project_option(project_id: int, title: str) -> Option:
    number = f"{_MARK}{project_id}"
    shown = plain(title, 75 - len(number)) if one_line(title) else ""
    return _option(str(project_id), f"{shown}{number}" if shown else f"Project {project_id}")


def _option(value: str, words: str, about: str = "") -> Option:
    described = PlainText(plain(about, 75)) if about else None
    return Option(PlainText(plain(words, 75)), value=str(value), description=described)


def _read_project(option: Mapping[str, Any] | None) -> tuple[int | None, str]:
    """The number and title of a picked project; none where the row picked was one of ours."""
    try:
        project_id = project_number(str((option or {}).get("value", "")))
    except UsageError:
        return None, ""
    shown = str((option or {}).get("text", {}).get("text", ""))
    return project_id, shown.rpartition(_MARK)[0]


def _chosen(held: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What stands in the fields of each kind, and of which objects are meant; empty for EcoTaxa's default."""
    if STATUS.name in held:
        yield STATUS.name, _value(STATUS, held[STATUS.name])
    for kind, asked in ((kind, asked) for kind, several in FIELDS.items() for asked in several):
        block_id = _switches_id(kind) if isinstance(asked, Switch) else key_of(kind, asked)
        if block_id in held:
            yield key_of(kind, asked), _value(asked, held[block_id])


def _value(asked: Choice | Switch | Formula, state: Mapping[str, Any]) -> str:
    match asked:
        case Choice():
            value = _picked(state)
            return value if value in asked.options and value != asked.default else ""
        case Switch():
            picked = {option.get("value") for option in state.get("selected_options") or ()}
            return ON if asked.name in picked else ""
        case Formula():
            return one_line(str(state.get("value") or ""))[:FORMULA_CHARS]


def _picked(state: Mapping[str, Any] | None) -> str:
    return str(((state or {}).get("selected_option") or {}).get("value", ""))


def _switches_id(kind: Kind) -> str:
    return f"{kind}.switches"

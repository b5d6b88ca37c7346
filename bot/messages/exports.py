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
from bot.language import mark, say
from bot.messages.blocks import Message, actions, button, context, message, section
from bot.messages.buttons import details_button, errors_button, file_button, open_button
from bot.messages.words import headline, kept_words, matter
from bot.names import Project
from bot.numbers import project_number
from bot.text import one_line, plain, prose

TITLE = mark("Export from EcoTaxa")
PROJECT, KIND, REPORT = "project", "kind", "report"
"""What each question is called that every kind of export asks."""

_TOLD_DIRECTLY = mark("I tell you by direct message when it is done.")

_HERE, _DIRECT = "here", "direct"
_TYPE_ON = "type-on"
_BETWEEN = " · "
"""Between a project's title and its number."""

_STARTED = {
    Kind.GENERAL: mark("General export of {project} started as #{id}."),
    Kind.SUMMARY: mark("Summary export of {project} started as #{id}."),
    Kind.BACKUP: mark("Backup export of {project} started as #{id}."),
}


def export_modal(draft: Draft, *, note: str = "") -> dict[str, Any]:
    """The modal in which an export is put together; `note` is a sentence of ours on top."""
    blocks: list[Block] = [SectionBlock(PlainText(note), block_id="note")] if note else []
    blocks += [_project_row(draft), _kind_row(draft)]
    blocks += [_row(draft, asked) for asked in draft.fields() if not isinstance(asked, Switch)]
    blocks += [_switches(draft), _select(draft, STATUS), _report_row(draft)]
    view = ModalView(
        say(TITLE),
        blocks,
        submit=say("Start"),
        close=say("Cancel"),
        callback_id=str(Modal.EXPORT),
        private_metadata=draft.dump(),
    )
    return dict(view.to_dict())


def project_options(found: Sequence[Project], *, complete: bool) -> list[dict[str, Any]]:
    """What the project field offers; where that is not all, a row of ours says so."""
    offered = [_project_option(project.id, project.title) for project in found[:99]]
    if not complete:
        slow = say("EcoTaxa is slow: type on, or wait a moment and type again")
        offered.insert(0, _option(_TYPE_ON, slow))
    elif not offered:
        offered.append(_option(_TYPE_ON, say("Nothing found: type a part of its title, or its number")))
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
    begun = say(_STARTED[draft.kind], project=_project(draft), id=job_id)
    how_far = say("`/ecotaxa job {id}` shows how far it is.", id=job_id)
    return f"{begun} {_where_told(draft)}\n{how_far}"


def choose_export(project_id: int | None) -> Message:
    """A button that opens the modal, where it cannot be opened without a press."""
    text = (
        say("Choose what to export of project {id}.", id=project_id)
        if project_id
        else say("Choose what to export.")
    )
    press = button(say("Choose"), Action.EXPORT_OPEN, value=project_id, style="primary", label=text)
    return message([text], [section(text), actions(press)])


def report(kind: str, job: Job, web_url: str, whose: str) -> Message:
    """How an export ended, told in the channel where it was asked for; `whose` job it is, is mrkdwn.

    Others read it too: what went wrong is left to the buttons, whose answers only who presses them sees.
    Raises ValueError when `kind` is no `Event`.
    """
    said, small = say("Press *Details* to see more."), ""
    match Event(kind):
        case Event.FINISHED:
            said, small = matter(job), kept_words(job)
        case Event.KILLED:
            said = say("It was stopped.")
        case Event.FAILED:
            said = say("Press *Details* to see why.")
    blocks: list[Block] = [section(f"{whose} {headline(job, web_url)}", said)]
    blocks += [context(small)] if small else []
    offered = filter(None, (file_button(job), errors_button(job)))
    blocks.append(actions(*offered, details_button(job), open_button(job, web_url)))
    return message([f"{whose} {headline(job)}", said, small], blocks)


def _project(draft: Draft) -> str:
    title = prose(draft.title, 80)
    if title:
        return say("*{title}* (project {id})", title=title, id=draft.project_id)
    return say("project {id}", id=draft.project_id)


def _where_told(draft: Draft) -> str:
    place = draft.place if draft.told_here else Place()
    if place.name:
        return say("I report in {channel} when it is done.", channel=f"#{prose(place.name, 80)}")
    if place.channel:
        return say("I report where you asked for it when it is done.")
    return say(_TOLD_DIRECTLY)


def _project_row(draft: Draft) -> InputBlock:
    initial = None if draft.project_id is None else _project_option(draft.project_id, draft.title)
    select = ExternalSelectMenu(
        str(Action.EXPORT_PROJECT),
        initial_option=initial,
        min_query_length=0,
        placeholder=say("Type a part of its title, or its number"),
    )
    return InputBlock(say("Project"), select, block_id=PROJECT)


def _kind_row(draft: Draft) -> InputBlock:
    options = {kind: _option(kind, say(words), say(about)) for kind, (words, about) in ABOUT.items()}
    radio = RadioButtonGroup(
        Action.EXPORT_FORM.of(KIND), list(options.values()), initial_option=options[draft.kind]
    )
    return InputBlock(say("Kind of export"), radio, block_id=KIND, dispatch_action=True)


def _row(draft: Draft, asked: Choice | Formula) -> InputBlock:
    if isinstance(asked, Choice):
        return _select(draft, asked)
    key = key_of(draft.kind, asked)
    typed = PlainTextInput(
        key,
        initial_value=draft.value(asked) or None,
        max_length=FORMULA_CHARS,
        placeholder=say("For example {formula}", formula=asked.example),
    )
    return InputBlock(say(asked.label), typed, block_id=key, optional=True)


def _select(draft: Draft, asked: Choice) -> InputBlock:
    key = key_of(draft.kind, asked)
    options = {value: _option(value, say(words)) for value, words in asked.options.items()}
    menu = StaticSelectMenu(
        Action.EXPORT_FORM.of(asked.name) if asked.redraws else key,
        list(options.values()),
        initial_option=options[draft.value(asked)],
    )
    return InputBlock(say(asked.label), menu, block_id=key, dispatch_action=asked.redraws)


def _switches(draft: Draft) -> InputBlock:
    switches = [asked for asked in draft.fields() if isinstance(asked, Switch)]
    options = {asked.name: _option(asked.name, say(asked.label), say(asked.about)) for asked in switches}
    on = [options[asked.name] for asked in switches if draft.value(asked) == ON]
    block_id = _switches_id(draft.kind)
    boxes = CheckboxGroup(block_id, list(options.values()), initial_options=on or None)
    return InputBlock(say("Also"), boxes, block_id=block_id, optional=True)


def _report_row(draft: Draft) -> Block:
    place = draft.place
    if not place.channel:
        return ContextBlock([PlainText(say(_TOLD_DIRECTLY))], block_id=REPORT)
    if place.name:
        channel = f"#{place.name}"
        here = say("Here, in {channel}", channel=channel)
        seen = say("Everybody in {channel} will see when it is done", channel=channel)
    else:
        here = say("Here")
        seen = say("Everybody here will see when it is done; I must be a member")
    directly = _option(_DIRECT, say("By direct message"), say("Nobody else sees it"))
    options = (_option(_HERE, here, seen), directly)
    radio = RadioButtonGroup(REPORT, list(options), initial_option=options[0 if draft.told_here else 1])
    return InputBlock(say("When it is done, tell me"), radio, block_id=REPORT)


def _project_option(project_id: int, title: str) -> Option:
    if not one_line(title):
        return _option(str(project_id), say("Project {id}", id=project_id))
    named = _BETWEEN + say("project {id}", id=project_id)
    return _option(str(project_id), plain(title, 75 - len(named)) + named)


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
    return project_id, shown.rpartition(_BETWEEN)[0]


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

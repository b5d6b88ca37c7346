"""Exports: what is asked, what EcoTaxa is sent, and what is said of how it went."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.ecotaxa import meaning
from bot.ecotaxa.meaning import Reply
from bot.errors import EcoTaxaError, Invalid, NotAllowed, Unavailable, UsageError
from bot.exports import FIELDS, FORMULA_CHARS, ON, STATUS, Choice, Draft, Formula, Kind, Place, Switch, key_of
from bot.jobs import Event, Job
from bot.messages import exports, report
from bot.messages.exports import export_modal, project_options, read_draft
from bot.names import Project
from bot.text import one_line
from tests.bot.slack_limits import WEB, any_job, check_message, nasty_text

UNHURRIED = settings(deadline=None)
"""A busy machine may take its time."""

PLAIN: dict[Kind, dict[str, Any]] = {
    Kind.GENERAL: {
        "split_by": "none",
        "with_images": "none",
        "with_internal_ids": False,
        "with_types_row": False,
        "only_annotations": False,
        "out_to_ftp": False,
    },
    Kind.SUMMARY: {"quantity": "abundance", "summarise_by": "sample", "formulae": {}, "out_to_ftp": False},
    Kind.BACKUP: {"out_to_ftp": False},
}
"""The defaults in EcoTaxa's published schema."""


def _values(kind: Kind) -> st.SearchStrategy[dict[str, str]]:
    """Something chosen for each field of a kind, also things that there are not."""
    options = {
        key_of(kind, asked): (
            st.sampled_from([*asked.options, "no such thing"])
            if isinstance(asked, Choice)
            else st.sampled_from([ON, ""])
            if isinstance(asked, Switch)
            else st.text(max_size=FORMULA_CHARS).map(one_line)
        )
        for asked in (*FIELDS[kind], STATUS)
    }
    return st.fixed_dictionaries({}, optional=options)


places = st.builds(Place.of, st.sampled_from(["", "D1", "C1", "G1"]), nasty_text)
drafts = st.builds(
    lambda kind, chosen, project, title, place, here: (
        Draft(kind, chosen=chosen, place=place, told_here=here).of(project, title)
        if project
        else Draft(kind, chosen=chosen, place=place, told_here=here)
    ),
    st.sampled_from(Kind),
    st.tuples(*map(_values, Kind)).map(lambda several: {k: v for some in several for k, v in some.items()}),
    st.none() | st.integers(1, 2**31 - 1),
    nasty_text,
    places,
    st.booleans(),
)


def on_screen(view: dict[str, Any]) -> dict[str, Any]:
    """The modal as Slack sends it back when nobody has touched it."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state = {
                "selected_option": element.get("initial_option"),
                "selected_options": element.get("initial_options", []),
                "value": element.get("initial_value"),
            }
            values[block["block_id"]] = {element["action_id"]: state}
    return {**view, "state": {"values": values}}


@pytest.mark.parametrize("kind", Kind)
def test_nothing_chosen_is_what_ecotaxa_does_by_default(kind: Kind) -> None:
    body = Draft(kind, project_id=42).body()

    assert body == {"filters": {}, "request": {"project_id": 42, **PLAIN[kind]}}


def test_formulas_are_sent_only_for_the_quantity_that_needs_them() -> None:
    typed = {"summary.individual_volume": "obj.area", "summary.total_water_volume": "sam.tot_vol"}
    sent = {
        quantity: Draft(Kind.SUMMARY, 1, chosen={"summary.quantity": quantity, **typed}).body()["request"]
        for quantity in ("abundance", "concentration", "biovolume")
    }

    assert sent["abundance"]["formulae"] == {}
    assert sent["concentration"]["formulae"] == {"total_water_volume": "sam.tot_vol"}
    assert sent["biovolume"]["formulae"] == {
        "individual_volume": "obj.area",
        "total_water_volume": "sam.tot_vol",
    }


def test_an_export_without_a_project_is_never_sent() -> None:
    with pytest.raises(UsageError):
        Draft().body()


@UNHURRIED
@given(drafts)
def test_whatever_is_chosen_only_what_the_api_knows_is_sent(draft: Draft) -> None:
    body = Draft(draft.kind, 7, chosen=draft.chosen).body()

    request = body["request"]
    assert request.keys() == PLAIN[draft.kind].keys() | {"project_id"}
    for asked in FIELDS[draft.kind]:
        match asked:
            case Choice():
                assert request[asked.name] in asked.options
            case Switch():
                assert isinstance(request[asked.name], bool)
            case Formula():
                assert all(request["formulae"].values())
    assert body["filters"].get("statusfilter", "V") in STATUS.options
    assert body["filters"].get("statusfilter") != "any"


@UNHURRIED
@given(drafts)
def test_the_modal_keeps_slacks_limits_and_what_was_chosen(draft: Draft) -> None:
    view = export_modal(draft, note="A note.")

    assert len(view["private_metadata"]) <= 3_000
    assert view["submit"]["text"]
    block_ids = [block["block_id"] for block in view["blocks"]]
    assert len(set(block_ids)) == len(block_ids)
    for block in Block.parse_all(view["blocks"]):
        block.validate_json()
    for option in re.findall(r'"text": "((?:[^"\\]|\\.)*)"', json.dumps(view["blocks"])):
        assert option

    read = read_draft(on_screen(view))

    assert (read.kind, read.project_id, read.place) == (draft.kind, draft.project_id, draft.place)
    if read.project_id is not None:
        assert _as_typed(read.body()) == _as_typed(draft.body())
    assert read.told_here == (draft.told_here and bool(draft.place.channel))
    assert len(export_modal(read)["private_metadata"]) <= 3_000


def _as_typed(body: dict[str, Any]) -> dict[str, Any]:
    formulae = body["request"].get("formulae", {})
    return {**body, "request": {**body["request"], "formulae": formulae.keys() if formulae else None}}


@UNHURRIED
@given(st.lists(st.builds(Project, st.integers(1, 2**31 - 1), nasty_text), max_size=120), st.booleans())
def test_the_projects_offered_keep_slacks_limits(found: list[Project], complete: bool) -> None:
    offered = project_options(found, complete=complete)

    assert 1 <= len(offered) <= 100
    for option in offered:
        assert option["text"]["type"] == "plain_text"
        assert 1 <= len(option["text"]["text"]) <= 75
        assert 1 <= len(option["value"]) <= 150


@pytest.mark.parametrize(
    ("channel", "name", "place"),
    [
        ("C1", "general", Place("C1", "general", True)),
        ("C1", "privategroup", Place("C1", "", False)),
        ("G1", "privategroup", Place("G1", "", False)),
        ("C1", "mpdm-ada--bob-1", Place("C1", "", False)),
        ("D1", "directmessage", Place()),
        ("", "", Place()),
    ],
)
def test_which_places_a_report_may_go_to(channel: str, name: str, place: Place) -> None:
    assert Place.of(channel, name) == place


def test_a_modal_that_is_not_ours_is_told_so() -> None:
    with pytest.raises(UsageError):
        read_draft({"private_metadata": "{}x", "state": {"values": {}}})


@UNHURRIED
@given(any_job, st.sampled_from(Event))
def test_a_report_in_a_channel_keeps_slacks_limits(job: Job, event: Event) -> None:
    told = report(event, job, WEB, "<@U1>")

    assert told.text.startswith("<@U1> ")
    mention = "<@U1> "
    blocks = json.loads(json.dumps(told.blocks).replace(mention, ""))
    check_message(type(told)(told.text.removeprefix(mention), blocks))


@UNHURRIED
@given(st.lists(nasty_text, min_size=1, max_size=5), nasty_text)
def test_a_report_in_a_channel_never_says_why_it_failed(errors: list[str], message: str) -> None:
    told = [
        report(
            Event.FAILED, Job.parse({"id": 5, "type": "GeneralExport", "state": "E", **more}), WEB, "<@U1>"
        )
        for more in ({}, {"progress_msg": f"secret {message}", "errors": [f"secret {e}" for e in errors]})
    ]

    assert "secret" not in json.dumps([told[1].text, told[1].blocks])
    assert told[0].text == told[1].text


def test_what_is_said_of_a_started_export() -> None:
    here = Draft(Kind.BACKUP, 4, "Svalbard <WP3>", place=Place("C1", "plankton", True), told_here=True)

    assert exports.started(here, 12).startswith(
        "Backup export of *Svalbard &lt;WP3&gt;* (project 4) started as #12. I report in #plankton"
    )
    assert "by direct message" in exports.started(Draft(Kind.GENERAL, 4), 12)


def _reply(status: int, body: object) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (200, {"errors": ["No content.", "<b>x"], "warnings": [], "job_id": 0}, Invalid, "No content."),
        (200, {"errors": [], "job_id": 0}, Invalid, "did not say why"),
        (200, {"errors": "odd", "job_id": -3}, Invalid, "did not say why"),
        (403, {"detail": "You can't do this."}, NotAllowed, ""),
        (500, {"detail": "oops"}, Unavailable, ""),
    ],
)
def test_an_export_that_was_not_started_is_told(
    status: int, body: object, error: type[EcoTaxaError], says: str
) -> None:
    with pytest.raises(error) as refused:
        meaning.started_job(_reply(status, body))

    assert says in refused.value.hint
    assert "<" not in refused.value.hint


def test_a_started_export_is_its_job() -> None:
    assert meaning.started_job(_reply(200, {"errors": [], "warnings": ["w"], "job_id": 11})) == 11

"""The modal that answers a question, and what is read back from it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import forms
from bot.errors import UsageError
from bot.forms import Form, Origin
from bot.jobs import Job
from bot.lookup import MOST, Choice, Found
from bot.store import Pick
from bot.suggestions import Name, Suggestion, names_of
from tests.bot.slack_limits import check_modal, nasty_text


def asking(users: list[str], taxa: list[str], emails: dict[str, str] | None = None) -> Job:
    found = {name: {"email": email} for name, email in (emails or {}).items()}
    return Job.parse(
        {
            "id": 12,
            "state": "A",
            "type": "FileImport",
            "params": {"prj_id": 3},
            "question": {"missing_users": users, "missing_taxa": taxa},
            "inside": {"found_users": found},
        }
    )


def rows(modal: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in modal["blocks"] if block["type"] == "input"]


def form(job: Job, **more: Any) -> Form:
    return Form(job.id, job.mark, 3, **more)


def test_each_name_has_its_field_with_the_hint_of_the_file() -> None:
    job = asking(["e. rodriguez"], ["part"], {"e. rodriguez": "e@example.org"})
    user, taxon = rows(forms.answer_modal(form(job), job, {}, {}))

    assert user["label"]["text"] == "User “e. rodriguez”"
    assert user["hint"]["text"] == "In the file: e@example.org"
    assert taxon["label"]["text"] == "Taxon “part”"
    assert user["optional"]
    assert user["dispatch_action"]


def test_a_suggestion_stands_there_and_is_marked() -> None:
    job = asking([], ["part", "egg"])
    part, egg = names_of(job.question) if job.question else []
    suggested = {part: Suggestion(Pick(5, "part<Annelida"), "remembered by the project")}
    picked = {forms.row_of(egg): Pick(6, "egg<other")}
    modal = forms.answer_modal(form(job), job, picked, suggested)
    first, second = rows(modal)

    assert first["element"]["initial_option"]["value"] == "taxon:5"
    assert first["hint"]["text"] == "Suggestion: remembered by the project"
    assert second["element"]["initial_option"]["value"] == "taxon:6"
    assert "hint" not in second, "what the person chose is no suggestion"
    assert "Accept the suggestion" in str(modal)
    assert "1 of 2 chosen" in str(modal)


def test_pages_hold_all_names_once() -> None:
    job = asking([], [f"name {n}" for n in range(30)])
    names = names_of(job.question) if job.question else []
    shown = [
        row["label"]["text"]
        for page in range(forms.pages(names))
        for row in rows(forms.answer_modal(form(job, page=page), job, {}, {}))
    ]

    assert shown == [f"Taxon “name {n}”" for n in range(30)]


def test_a_turned_page_has_new_fields_for_slack() -> None:
    job = asking([], ["part"])
    before = form(job)

    ids = {rows(forms.answer_modal(it, job, {}, {}))[0]["block_id"] for it in (before, before.turned_to(0))}
    assert len(ids) == 2, "Slack would show what stood in a field of the same name"
    assert {forms.read_row(block_id) for block_id in ids} == {("taxon", forms.digest("part"))}


@given(st.lists(nasty_text, max_size=20), st.lists(nasty_text, max_size=20), nasty_text, st.integers(0, 5))
def test_any_names_make_a_modal_that_slack_takes(
    users: list[str], taxa: list[str], about: str, page: int
) -> None:
    job = asking(users, taxa, dict.fromkeys(users, about))
    names = names_of(job.question) if job.question else []
    suggestions = {name: Suggestion(Pick(1, about), "the one exact match") for name in names[::2]}

    check_modal(forms.answer_modal(form(job, page=page), job, {}, suggestions))


@given(
    st.builds(
        Form,
        job_id=st.integers(1, 2**31),
        mark=st.text(max_size=12),
        project_id=st.none() | st.integers(1),
        page=st.integers(0, 99),
        revision=st.integers(0, 99),
        origin=st.builds(Origin, url=st.text(max_size=200), page=st.none() | st.integers(0, 9)),
    )
)
def test_a_form_comes_back_as_it_was_sent(sent: Form) -> None:
    assert Form.load(sent.dump()) == sent


@pytest.mark.parametrize(
    "bad",
    ["", "null", "{}", "[]", '{"job_id": "x", "mark": "m"}', '{"job_id": 1, "mark": "m", "page": null}'],
)
def test_a_form_that_is_not_ours_is_refused(bad: str) -> None:
    with pytest.raises(UsageError, match="press Answer again"):
        Form.load(bad)


@pytest.mark.parametrize(
    ("option", "pick"),
    [
        ({"value": "user:7", "text": {"text": "Ada"}}, Pick(7, "Ada")),
        ({"value": "taxon:45072", "text": {"text": "Cyclopoida"}}, Pick(45072, "Cyclopoida")),
        ({"value": forms.LATER, "text": {"text": "later"}}, forms.LEFT),
        ({"value": forms.TYPE_ON, "text": {"text": "…"}}, None),
        ({"value": "taxon:-5"}, None),
        ({"value": "taxon:1.5"}, None),
        ({"value": "taxon:²"}, None),
        ({"value": "taxon:999999999999"}, None),
        ({"value": "group:5"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_only_ids_of_ours_are_read(option: dict[str, Any] | None, pick: Pick | None) -> None:
    assert forms.read_option(option) == pick


def test_what_stands_in_the_fields_is_read() -> None:
    chosen = {"value": "user:7", "text": {"text": "Ada"}}
    values = {
        "user.abc.0": {"x": {"selected_option": chosen}},
        "taxon.def.3": {"y": {"selected_option": None}},
        "taxon.123.3": {"y": {"selected_option": None}},
        "other": {"z": {"selected_option": chosen}},
    }
    blocks = [{"block_id": "taxon.def.3", "element": {"initial_option": chosen}}, {"block_id": "x"}]

    assert forms.read_picks({"state": {"values": values}, "blocks": blocks}) == {
        ("user", "abc"): Pick(7, "Ada"),
        ("taxon", "def"): forms.LEFT,
    }


def test_options_end_with_leaving_it_and_begin_with_typing_on() -> None:
    many = [Choice(n, f"name {n}", "x" * 200) for n in range(1, 99)]

    done = forms.options(Found(many), "user")
    slow = forms.options(Found(many[:2], complete=False), "taxon")

    assert len(done) == 99
    assert done[-1]["value"] == forms.LATER
    assert [option["value"] for option in forms.options(Found([]), "user")] == [forms.TYPE_ON, forms.LATER]
    assert [option["value"] for option in slow] == [forms.TYPE_ON, "taxon:1", "taxon:2", forms.LATER]
    for option in (*done, *slow):
        assert option["text"]["type"] == "plain_text"
        assert len(option.get("description", {}).get("text", "")) <= 75


def test_a_list_that_shows_not_all_says_so_at_its_end() -> None:
    most = [Choice(n, f"name {n}") for n in range(1, MOST + 1)]

    offered = forms.options(Found(most, more=True), "taxon")

    assert len(offered) == 100, "Slack takes no more"
    assert [option["value"] for option in offered[-3:]] == [f"taxon:{MOST}", forms.TYPE_ON, forms.LATER]
    assert offered[-2]["text"]["text"] == "More than shown: type on"
    assert "More than" not in str(forms.options(Found(most), "taxon"))


def test_the_name_of_a_field_is_found_for_an_empty_search() -> None:
    job = asking(["e. rodriguez"], [])
    modal = forms.answer_modal(form(job), job, {}, {})

    assert forms.label_of(modal, rows(modal)[0]["block_id"]) == "e. rodriguez"
    assert forms.label_of(modal, "other") == ""


def test_what_is_left_for_later_stands_empty_whatever_is_suggested() -> None:
    job = asking([], ["part"])
    (part,) = names_of(job.question) if job.question else []
    suggested = {part: Suggestion(Pick(5, "part<Annelida"), "remembered by the project")}
    modal = forms.answer_modal(form(job), job, {forms.row_of(part): forms.LEFT}, suggested)

    assert "initial_option" not in rows(modal)[0]["element"]
    assert "Accept" not in str(modal)
    assert "chosen" not in str(modal)


def test_names_are_told_apart_by_kind() -> None:
    assert forms.row_of(Name("user", "part")) != forms.row_of(Name("taxon", "part"))

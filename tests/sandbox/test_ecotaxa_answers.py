"""Imports that ask, and what becomes of the answers."""

from typing import Any

import pytest

from tests.sandbox.lab import ELENA, Lab

UNMATCHED = "Some users or taxonomic references could not be matched"
NAME = "e. rodriguez"


@pytest.mark.rule("ecotaxa.question")
async def test_a_question_names_what_is_missing_and_where_the_files_tell_more(lab: Lab) -> None:
    job = await lab.settled("ask")

    assert (job["state"], job["progress_msg"]) == ("A", UNMATCHED)
    assert job["question"] == {"missing_users": [NAME], "missing_taxa": ["part (annelida)", "oncaeid"]}
    assert job["inside"]["found_users"] == {NAME: {"email": "e.rodriguez@example.org"}}


@pytest.mark.rule("ecotaxa.job.leftovers")
async def test_a_full_answer_lets_the_import_finish_and_the_question_stays(lab: Lab) -> None:
    job = await lab.settled("ask")
    reply = {"users": {NAME: 2}, "taxa": {"part (annelida)": 45072, "oncaeid": 78418}}
    done = await lab.answer(job["id"], reply)

    assert (done["state"], done["progress_msg"]) == ("F", "Done")
    assert done["question"] == job["question"]
    assert done["reply"] == reply
    assert done["inside"]["found_users"] == {NAME: {"id": 2}}


async def test_an_answered_job_waits_for_its_turn_again(lab: Lab) -> None:
    job = await lab.settled("ask-users")
    await lab.control("speed", speed=1)
    await lab.call("POST", f"/jobs/{job['id']}/answer", json={"users": {NAME: 1}, "taxa": {}})
    waiting = await lab.job(job["id"])

    assert (waiting["state"], waiting["progress_msg"]) == ("P", "Proceeding")
    assert waiting["question"] == job["question"]


@pytest.mark.rule("ecotaxa.question.second")
async def test_a_second_answer_is_silently_ignored(lab: Lab) -> None:
    job = await lab.settled("ask-users")
    await lab.control("speed", speed=1)
    for user_id in (1, 2):
        body = {"users": {NAME: user_id}, "taxa": {}}
        told = await lab.call("POST", f"/jobs/{job['id']}/answer", json=body)
        assert (told.status_code, told.json()) == (200, None)

    assert (await lab.job(job["id"]))["reply"]["users"] == {NAME: 1}


@pytest.mark.rule("ecotaxa.question.both-keys", "ecotaxa.job.messages")
@pytest.mark.parametrize(
    ("reply", "message"), [({}, "'users'"), ({"taxa": {}}, "'users'"), ({"users": {NAME: 1}}, "'taxa'")]
)
async def test_an_answer_without_both_keys_fails_the_job_and_a_restart_asks_again(
    lab: Lab, reply: dict[str, Any], message: str
) -> None:
    job = await lab.settled("ask-users")
    failed = await lab.answer(job["id"], reply)
    assert (failed["state"], failed["progress_msg"]) == ("E", message)
    assert failed["question"] == job["question"]
    assert failed["inside"] == job["inside"]

    again = await lab.restart(job["id"])
    assert again["state"] == "A"
    assert again["question"] == job["question"]
    assert again["errors"] == failed["errors"] != []


@pytest.mark.rule("ecotaxa.question.partial")
async def test_answering_nothing_asks_the_same_again(lab: Lab) -> None:
    job = await lab.settled("ask")
    again = await lab.answer(job["id"], {"users": {}, "taxa": {}})

    assert (again["state"], again["question"]) == ("A", job["question"])
    assert again["updated_on"] > job["updated_on"]


@pytest.mark.rule("ecotaxa.question.partial")
async def test_a_partial_answer_is_kept_and_the_rest_is_asked_again(lab: Lab) -> None:
    job = await lab.settled("ask-taxa")
    half = await lab.answer(job["id"], {"users": {}, "taxa": {"part (annelida)": 45072}})
    assert (half["state"], half["question"]["missing_taxa"]) == ("A", ["part"])
    assert half["inside"]["taxo_found"]["part (annelida)"] == 45072

    done = await lab.answer(job["id"], {"users": {}, "taxa": {"part": 45072}})
    assert done["state"] == "F"


@pytest.mark.rule("ecotaxa.question.spelling")
async def test_names_must_be_spelt_exactly_as_they_were_asked(lab: Lab) -> None:
    job = await lab.settled("ask-users")
    again = await lab.answer(job["id"], {"users": {"E. Rodriguez": 1}, "taxa": {}})

    assert (again["state"], again["question"]) == ("A", job["question"])


@pytest.mark.rule("ecotaxa.question.bad-ids")
async def test_a_user_who_does_not_exist_is_accepted_silently(lab: Lab) -> None:
    job = await lab.settled("ask-users")
    done = await lab.answer(job["id"], {"users": {NAME: 987654}, "taxa": {}})

    assert done["state"] == "F"
    assert done["inside"]["found_users"] == {NAME: {"id": 987654}}


@pytest.mark.rule("ecotaxa.question.bad-ids")
async def test_a_fraction_becomes_another_user(lab: Lab) -> None:
    job = await lab.settled("ask-users")
    done = await lab.answer(job["id"], {"users": {NAME: 1.5}, "taxa": {}})

    assert done["inside"]["found_users"] == {NAME: {"id": 2}}


@pytest.mark.rule("ecotaxa.question.inactive")
async def test_inactive_users_and_deprecated_taxa_are_accepted(lab: Lab) -> None:
    users = (await lab.seen("state"))["users"]
    gone = next(user["id"] for user in users if not user["active"])
    (deprecated,) = (await lab.get("/taxon_set/search?query=ceratium")).json()
    assert deprecated["status"] == "D"
    job = await lab.settled("ask")
    taxa = dict.fromkeys(job["question"]["missing_taxa"], deprecated["id"])

    assert (await lab.answer(job["id"], {"users": {NAME: gone}, "taxa": taxa}))["state"] == "F"


@pytest.mark.rule("ecotaxa.question.bad-ids")
async def test_a_taxon_that_does_not_exist_fails_the_job_in_the_database_and_a_restart_asks_for_all(
    lab: Lab,
) -> None:
    job = await lab.settled("ask-taxa")
    failed = await lab.answer(job["id"], {"users": {}, "taxa": {"part": 45072, "part (annelida)": 99999999}})
    assert failed["state"] == "E"
    assert "(classif_id)=(99999999)" in failed["progress_msg"]
    assert "\n" in failed["progress_msg"]
    assert failed["errors"][0].lstrip().startswith("File")

    again = await lab.restart(job["id"])
    assert again["question"] == job["question"]


@pytest.mark.rule("ecotaxa.answer.null")
@pytest.mark.parametrize(
    ("body", "type_"),
    [("[1]", "type_error.dict"), ('"x"', "type_error.dict"), ("{bad", "value_error.jsondecode")],
)
async def test_an_answer_must_be_an_object(lab: Lab, body: str, type_: str) -> None:
    job = await lab.settled("ask-users")
    answer = await lab.call("POST", f"/jobs/{job['id']}/answer", content=body)

    assert answer.status_code == 422
    assert [error["type"] for error in answer.json()["detail"]] == [type_]
    assert await lab.job(job["id"]) == job


async def test_an_answer_of_odd_values_fails_the_job_not_the_server(lab: Lab) -> None:
    replies: tuple[Any, ...] = ({"users": [], "taxa": {}}, {"users": {NAME: "soon"}, "taxa": {}})
    for reply in replies:
        job = await lab.settled("ask-users")
        assert (await lab.answer(job["id"], reply))["state"] == "E"


async def test_300_names_can_be_asked_for_and_answered(lab: Lab) -> None:
    job = await lab.settled("ask-300")
    names = job["question"]["missing_taxa"]
    assert len(set(names)) == 300
    assert all(name == name.lower() for name in names)

    assert (await lab.answer(job["id"], {"users": {}, "taxa": dict.fromkeys(names, 45072)}))["state"] == "F"


@pytest.mark.rule("ecotaxa.job.foreign-text")
async def test_nasty_names_and_messages_come_through_unchanged(lab: Lab) -> None:
    asked = (await lab.settled("nasty"))["question"]
    told = (await lab.settled("nasty-error"))["errors"]

    for bit in ("<!channel>", "`", "&", "\u202e"):
        assert bit in "".join(asked["missing_users"] + asked["missing_taxa"])
        assert bit in "".join(told)


async def test_what_is_asked_for_can_be_ordered(lab: Lab) -> None:
    users = await lab.settled("ask-users", names=["a. b.", "c. d."])
    assert users["question"] == {"missing_users": ["a. b.", "c. d."], "missing_taxa": []}

    both = await lab.settled(
        "ask", options={"users": {"x": {"email": "x@y.example"}}, "taxa": ["one", "two"]}
    )
    assert both["question"] == {"missing_users": ["x"], "missing_taxa": ["one", "two"]}
    assert both["inside"]["found_users"] == {"x": {"email": "x@y.example"}}
    assert both["owner_id"] == (await lab.get("/users/me", ELENA)).json()["id"]

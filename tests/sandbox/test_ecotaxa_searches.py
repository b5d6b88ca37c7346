"""People, taxa and projects, and what a project remembers."""

from typing import Any

import pytest

from tests.sandbox.lab import ADA, ELENA, TOMAS, Lab

NO = {"detail": "You can't do this."}


async def people(lab: Lab, by_name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await lab.get("/users/search", params={"by_name": by_name})).json()
    return found


async def taxa(lab: Lab, query: str, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await lab.get("/taxon_set/search", params={"query": query} | more)).json()
    return found


@pytest.mark.rule("ecotaxa.users.search")
async def test_people_are_found_by_a_like_on_the_whole_name(lab: Lab) -> None:
    assert await people(lab, "martin") == []
    assert [found["name"] for found in await people(lab, "elena RODRIGUEZ")] == ["Elena Rodriguez"]
    assert len(await people(lab, "%MARTIN%")) >= 5
    assert {found["name"] for found in await people(lab, "_lena rodriguez")} == {"Elena Rodriguez"}
    assert (await lab.get("/users/search")).json() == []
    assert await people(lab, "") == []


@pytest.mark.rule("ecotaxa.users.search")
async def test_the_search_for_people_has_no_limit_and_no_order(lab: Lab) -> None:
    everybody = await people(lab, "%")

    assert len(everybody) > 40
    assert everybody[0].keys() == {"id", "email", "name", "organisation"}
    assert [found["id"] for found in everybody] != sorted(found["id"] for found in everybody)
    assert "gone@lab.example" not in {found["email"] for found in everybody}


async def test_two_people_may_have_one_name(lab: Lab) -> None:
    same = await people(lab, "claire martin")

    assert len(same) == 2
    assert len({found["organisation"] for found in same}) == 2


async def test_one_person_can_be_read(lab: Lab) -> None:
    me = (await lab.get("/users/me")).json()
    assert (await lab.get(f"/users/{me['id']}", TOMAS)).json()["name"] == "Elena Rodriguez"

    assert (await lab.get("/users/99999")).status_code == 404
    assert (await lab.get("/users/abc")).status_code == 422


@pytest.mark.rule("ecotaxa.taxa.search")
async def test_taxa_are_found_by_the_beginning_of_their_display_name(lab: Lab) -> None:
    (oncaeidae,) = await taxa(lab, "ONCAEI")
    assert oncaeidae == {
        "id": 78418,
        "status": "A",
        "text": "Oncaeidae",
        "pr": 0,
        "aphia_id": 128586,
        "renm_id": None,
    }

    assert {"egg<Actinopterygii", "egg<other", "Eggerella"} <= {t["text"] for t in await taxa(lab, "egg")}
    assert await taxa(lab, "aeidae") == []


@pytest.mark.rule("ecotaxa.taxa.search")
async def test_blanks_and_stars_stand_for_any_text(lab: Lab) -> None:
    for query in ("egg act", "egg*act", "*actinopterygii", "egg<act"):
        assert "egg<Actinopterygii" in {t["text"] for t in await taxa(lab, query)}


@pytest.mark.rule("ecotaxa.taxa.search")
async def test_a_search_for_taxa_returns_200_at_most(lab: Lab) -> None:
    assert len(await taxa(lab, "")) == 200
    assert len(await taxa(lab, "*a")) == 200


@pytest.mark.rule("ecotaxa.taxa.preset")
async def test_the_projects_preset_comes_first(lab: Lab) -> None:
    found = await taxa(lab, "cal", project_id=1)
    marks = [taxon["pr"] for taxon in found]

    assert found[0]["text"] == "Calanoida"
    assert marks == sorted(marks, reverse=True)
    assert sum(marks) == 1
    assert {taxon["pr"] for taxon in await taxa(lab, "cal")} == {0}


@pytest.mark.rule("ecotaxa.taxa.preset")
async def test_a_short_search_with_a_project_finds_ones_recent_taxa(lab: Lab) -> None:
    recent = ["Cyclopoida", "part<Annelida", "egg<Actinopterygii", "Oithona similis"]
    assert [taxon["text"] for taxon in await taxa(lab, "", project_id=1)] == recent
    assert [taxon["text"] for taxon in await taxa(lab, "oi", project_id=1)] == ["Oithona similis"]
    assert await taxa(lab, "", project_id=2) == []

    assert len(await taxa(lab, "eg")) > 1


@pytest.mark.rule("ecotaxa.taxa.status")
async def test_taxa_may_be_unapproved_deprecated_or_renamed(lab: Lab) -> None:
    found = await taxa(lab, "*")
    assert {taxon["status"] for taxon in found} == {"A", "N", "D"}

    (renamed,) = await taxa(lab, "ceratium")
    target = (await lab.get(f"/taxon/{renamed['renm_id']}")).json()
    assert target["name"] == "Tripos"


async def test_a_search_for_taxa_needs_a_query_but_no_login(lab: Lab) -> None:
    assert (await lab.get("/taxon_set/search")).json()["detail"][0]["loc"] == ["query", "query"]
    assert (await lab.get("/taxon_set/search?query=x&project_id=y")).status_code == 422

    assert (await lab.get("/taxon_set/search?query=cyc", None)).json() != []
    assert (await lab.get("/taxon_set/search?query=cy", None)).json() == []


@pytest.mark.rule("ecotaxa.taxon")
async def test_a_taxon_tells_its_lineage(lab: Lab) -> None:
    taxon = (await lab.get("/taxon/45072")).json()
    assert taxon["lineage"] == [
        "Cyclopoida",
        "Podoplea",
        "Neocopepoda",
        "Copepoda",
        "Multicrustacea",
        "Crustacea",
        "Arthropoda",
        "Animalia",
        "Biota",
    ]
    assert taxon["lineage_status"] == "AANAAAAAA"
    assert (taxon["rank"], taxon["aphia_id"], taxon["type"]) == ("Order", 1101, "P")
    assert 78418 in taxon["children"]

    unknown = await lab.get("/taxon/1234567")
    assert (unknown.status_code, unknown.json()) == (200, None)


async def test_every_taxon_reaches_a_root_and_every_new_name_exists(lab: Lab) -> None:
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for found in await taxa(lab, letter):
            if found["renm_id"] is not None:
                assert (await lab.get(f"/taxon/{found['renm_id']}")).json() is not None
    lineages = [(await lab.get(f"/taxon/{found['id']}")).json()["lineage"] for found in await taxa(lab, "p")]
    assert {lineage[-1] for lineage in lineages} <= {"Biota", "not-living"}


def recast(project: int, from_to: Any, **more: Any) -> dict[str, Any]:
    doc = {"doc": {"part": "seen in Slack"}}
    return {"target_id": project, "operation": "project_import", "is_collection": False} | {
        "recast": {"from_to": from_to} | doc | more
    }


def remembered(project: Any) -> str:
    return f"/taxo_recast?target_id={project}&operation=project_import&is_collection=false"


@pytest.mark.rule("ecotaxa.recast", "ecotaxa.recast.put")
async def test_a_project_remembers_taxa_for_its_managers_and_everybody_can_read(lab: Lab) -> None:
    assert (await lab.get(remembered(5))).json() is None
    put = await lab.call("PUT", "/taxo_recast", json=recast(5, {"part": 45072}))
    assert (put.status_code, put.json()) == (200, None)
    for who in (ELENA, TOMAS):
        answer = await lab.get(remembered(5), who)
        assert answer.json() == {"from_to": {"part": 45072}, "doc": {"part": "seen in Slack"}}

    refused = await lab.call("PUT", "/taxo_recast", TOMAS, json=recast(5, {"part": 1}))
    assert (refused.status_code, refused.json()) == (403, NO)
    assert (await lab.call("PUT", "/taxo_recast", ADA, json=recast(5, {}))).status_code == 200


@pytest.mark.rule("ecotaxa.recast.put")
async def test_a_put_replaces_the_whole_memory(lab: Lab) -> None:
    assert "cyclopoid" in (await lab.get(remembered(1))).json()["from_to"]
    await lab.call("PUT", "/taxo_recast", json=recast(1, {"other": 78418}))

    assert (await lab.get(remembered(1))).json()["from_to"] == {"other": 78418}


@pytest.mark.rule("ecotaxa.recast.put")
async def test_annotators_may_not_change_what_a_project_remembers(lab: Lab) -> None:
    assert (await lab.call("PUT", "/taxo_recast", TOMAS, json=recast(1, {}))).status_code == 403


@pytest.mark.rule("ecotaxa.recast")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (remembered(99999), 404),
        (remembered("x"), 422),
        ("/taxo_recast?target_id=1&operation=nothing", 422),
        ("/taxo_recast", 422),
    ],
)
async def test_a_memory_that_cannot_be_is_refused(lab: Lab, path: str, status: int) -> None:
    assert (await lab.get(path)).status_code == status


@pytest.mark.rule("ecotaxa.export")
async def test_an_export_can_be_started_by_whoever_has_a_right_in_the_project(lab: Lab) -> None:
    for kind, type_ in (
        ("general", "GeneralExport"),
        ("summary", "SummaryExport"),
        ("backup", "BackupExport"),
    ):
        body = {"filters": {}, "request": {"project_id": "1"}}
        answer = (await lab.call("POST", f"/object_set/export/{kind}", json=body)).json()
        assert (answer["errors"], answer["warnings"]) == ([], [])
        job = await lab.settle(answer["job_id"])
        assert (job["type"], job["state"]) == (type_, "F")
        assert job["params"]["req"]["project_id"] == 1


@pytest.mark.rule("ecotaxa.job.project", "ecotaxa.export")
async def test_an_export_may_be_of_several_projects(lab: Lab) -> None:
    body = {"filters": {"taxo": "45072"}, "request": {"project_id": "1,2", "with_images": "all"}}
    answer = await lab.call("POST", "/object_set/export/general", json=body)
    params = (await lab.job(answer.json()["job_id"]))["params"]

    assert (params["req"]["project_id"], params["req"]["with_images"]) == ("1,2", "all")
    assert params["filters"]["taxo"] == "45072"


@pytest.mark.rule("ecotaxa.export")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"filters": {}, "request": {"project_id": 8}}, 403),
        ({"filters": {}, "request": {"project_id": 99}}, 404),
        ({"filters": {}, "request": {"project_id": "one"}}, 422),
        ({"filters": {}, "request": {}}, 422),
        ({"request": {"project_id": 1}}, 422),
        ({"filters": {}, "request": {"project_id": 1, "with_images": "some"}}, 422),
        ({"filters": {}, "request": {"project_id": 1, "out_to_ftp": "perhaps"}}, 422),
        ([], 422),
    ],
)
async def test_an_export_that_cannot_be_is_refused(lab: Lab, body: Any, status: int) -> None:
    assert (await lab.call("POST", "/object_set/export/general", json=body)).status_code == status


@pytest.mark.rule("ecotaxa.export")
async def test_an_exports_options_are_kept_as_the_server_reads_them(lab: Lab) -> None:
    wanted = {"project_id": 1, "split_by": "sample", "with_types_row": "yes", "unheard_of": 1}
    body = {"filters": {}, "request": wanted}
    answer = await lab.call("POST", "/object_set/export/general", json=body)
    req = (await lab.job(answer.json()["job_id"]))["params"]["req"]
    assert (req["split_by"], req["with_types_row"], req["with_images"]) == ("sample", True, "none")
    assert "unheard_of" not in req

    body = {"filters": {}, "request": {"project_id": 1, "formulae": "x"}}
    assert (await lab.call("POST", "/object_set/export/summary", json=body)).status_code == 422


async def test_projects_are_searched_by_a_part_of_their_title(lab: Lab) -> None:
    (found,) = (await lab.get("/projects/search?title_filter=ZOOSCAN")).json()
    assert (found["projid"], found["highest_right"]) == (1, "Manage")
    assert "amelie@lab.example" in {person["email"] for person in found["managers"]}

    managing = (await lab.get("/projects/search?for_managing=true")).json()
    assert {project["highest_right"] for project in managing} == {"Manage"}

    own = {project["projid"] for project in (await lab.get("/projects/search", "camila@furg.example")).json()}
    others = (await lab.get("/projects/search?also_others=true", "camila@furg.example")).json()
    assert own == {3}
    assert {project["projid"] for project in others} == {1, 2, 3, 4, 5, 6, 7}


async def test_a_private_project_is_for_its_people(lab: Lab) -> None:
    assert (await lab.get("/projects/1")).json()["init_classif_list"][0] == 45072
    assert (await lab.get("/projects/8")).status_code == 403
    assert (await lab.get("/projects/8", TOMAS)).status_code == 200
    assert (await lab.get("/projects/99")).status_code == 404

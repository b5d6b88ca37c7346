"""What a reply means: tables, and anything at all."""

import contextlib
import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ecotaxa import meaning
from bot.ecotaxa.meaning import Part, Reply
from bot.errors import (
    EcoTaxaError,
    Invalid,
    LoginRefused,
    NoFile,
    NotAllowed,
    NotFound,
    TokenRejected,
    Unavailable,
    UnexpectedAnswer,
)
from bot.jobs import JobState
from bot.links import Token
from bot.names import Account, Project, Taxon, TaxonMemory, User

SECRET = "eyJ1c2VyX2lkIjoyfQ.awQhvw.Mn5PDG7-lcAzvAvni8BsXTGZUOs"
REFUSED = {"detail": "You can't do this."}
NOT_VALIDATED = [{"loc": ["account"], "msg": "pending"}]
MEANINGS: list[Callable[[Reply], object]] = [
    meaning.anything,
    meaning.token,
    meaning.account,
    meaning.jobs,
    meaning.job,
    meaning.users,
    meaning.user,
    meaning.projects,
    meaning.project,
    meaning.taxa,
    meaning.taxon,
    meaning.taxon_memory,
    meaning.log_part,
    meaning.file_part,
]


def reply(value: object, status: int = 200, **headers: str) -> Reply:
    told = {
        "content-type": "application/json",
        **{key.replace("_", "-"): text for key, text in headers.items()},
    }
    return Reply(status, told, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("status", "value", "error"),
    [
        (301, None, UnexpectedAnswer),
        (307, "", UnexpectedAnswer),
        (400, {"detail": "no"}, UnexpectedAnswer),
        (401, {"detail": "Could not validate credentials"}, TokenRejected),
        (403, {"detail": "Not authenticated"}, TokenRejected),
        (403, REFUSED, NotAllowed),
        (403, ["You can't"], Unavailable),
        (401, "<html>Sign in to the proxy</html>", Unavailable),
        (404, {"detail": "Not found."}, NotFound),
        (405, {"detail": "Method Not Allowed"}, UnexpectedAnswer),
        (408, None, Unavailable),
        (416, {"detail": "Invalid range"}, Invalid),
        (418, None, UnexpectedAnswer),
        (422, {"detail": []}, Invalid),
        (429, None, Unavailable),
        (500, {"detail": "x"}, Unavailable),
        (502, None, Unavailable),
        (503, None, Unavailable),
        (504, None, Unavailable),
        (600, None, UnexpectedAnswer),
    ],
)
def test_a_status_has_one_meaning(status: int, value: object, error: type[EcoTaxaError]) -> None:
    with pytest.raises(error) as caught:
        meaning.anything(reply(value, status))

    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("means", "status", "value", "error"),
    [
        (meaning.token, 403, REFUSED, LoginRefused),
        (meaning.token, 401, {"detail": NOT_VALIDATED}, LoginRefused),
        (meaning.token, 422, {"detail": []}, Invalid),
        (meaning.token, 200, "not.a.token", UnexpectedAnswer),
        (meaning.token, 200, None, UnexpectedAnswer),
        (meaning.token, 200, {"token": SECRET}, UnexpectedAnswer),
        (meaning.account, 403, REFUSED, TokenRejected),
        (meaning.account, 200, {"name": "no id"}, UnexpectedAnswer),
        (meaning.account, 200, None, UnexpectedAnswer),
        (meaning.jobs, 403, REFUSED, TokenRejected),
        (meaning.jobs, 200, {"id": 1}, UnexpectedAnswer),
        (meaning.job, 403, REFUSED, NotAllowed),
        (meaning.job, 200, None, UnexpectedAnswer),
        (meaning.job, 200, [], UnexpectedAnswer),
        (meaning.job, 200, {"state": "R"}, UnexpectedAnswer),
        (meaning.job, 200, {"id": -13}, UnexpectedAnswer),
        (meaning.user, 200, {"name": "no id"}, UnexpectedAnswer),
        (meaning.project, 200, {"title": "no number"}, UnexpectedAnswer),
        (meaning.project, 200, None, UnexpectedAnswer),
        (meaning.project, 403, REFUSED, NotAllowed),
        (meaning.project, 404, {"detail": "Not found."}, NotFound),
        (meaning.projects, 200, {}, UnexpectedAnswer),
        (partial(meaning.jobs, everyone=True), 403, REFUSED, NotAllowed),
        (partial(meaning.jobs, everyone=True), 403, {"detail": "Not authenticated"}, TokenRejected),
        (partial(meaning.jobs, everyone=True), 401, REFUSED, TokenRejected),
        (meaning.taxon, 200, [], UnexpectedAnswer),
        (meaning.users, 200, None, UnexpectedAnswer),
        (meaning.taxa, 200, {}, UnexpectedAnswer),
        (meaning.taxon_memory, 200, [], UnexpectedAnswer),
        (meaning.taxon_memory, 404, {"detail": "Not found."}, NotFound),
        (meaning.log_part, 204, None, UnexpectedAnswer),
    ],
)
def test_an_operation_gives_some_answers_a_meaning_of_its_own(
    means: Callable[[Reply], object], status: int, value: object, error: type[EcoTaxaError]
) -> None:
    with pytest.raises(error) as caught:
        means(reply(value, status))

    assert type(caught.value) is error


def test_a_pending_account_is_told_to_wait() -> None:
    with pytest.raises(LoginRefused) as caught:
        meaning.token(reply({"detail": NOT_VALIDATED}, 401))

    assert "waiting" in caught.value.hint


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ([{"loc": ["body", "password"], "msg": "field required"}], "password: field required"),
        (
            [{"loc": ["body"], "msg": "value is not a valid dict"}, {"loc": ["query", "a", 0], "msg": "no"}],
            "value is not a valid dict; a.0: no",
        ),
        ("<!channel> `a` & *b* ~c~\n\u202e", "!channel a  b c"),
    ],
)
def test_the_reason_of_a_refusal_is_told_in_plain_words(detail: object, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        meaning.anything(reply({"detail": detail}, 422))

    assert caught.value.hint == f"EcoTaxa did not understand the request: {reason}."


@pytest.mark.parametrize(
    "body", [b"", b"[", b"nonsense", b'{"detail": null}', b'{"detail": ["x", 1]}', b"\xff"]
)
def test_a_refusal_without_a_reason_is_told_as_one(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        meaning.anything(Reply(422, {}, body))

    assert caught.value.hint == Invalid.hint


def test_a_long_reason_is_cut() -> None:
    with pytest.raises(Invalid) as caught:
        meaning.anything(reply({"detail": "x" * 3000}, 422))

    assert len(caught.value.hint) < 300


def test_good_answers_become_values() -> None:
    account = {"id": 2, "email": "e", "name": None, "can_do": [1, "x", 2, None]}

    assert meaning.token(reply(SECRET)) == Token.read(SECRET)
    assert meaning.account(reply(account)) == Account(2, "e", "", "", frozenset({1, 2}))
    assert meaning.account(reply({"id": 2, "can_do": None})) == Account(2, "", "")
    assert meaning.users(reply([{"id": 3}, None, {"id": 0}, "x"])) == [User(3, "")]
    assert meaning.projects(reply([{"projid": 3, "title": None}, {"projid": -1}])) == [Project(3, "")]
    assert meaning.project(reply({"projid": 3, "title": "Tara"})) == Project(3, "Tara")
    assert meaning.user(reply(None)) is None
    assert meaning.user(reply({"detail": "Not found."}, 404)) is None
    assert meaning.taxon(reply(None)) is None
    assert meaning.taxon(reply({"id": 1, "name": "living"})) == Taxon(1, "living")
    assert meaning.taxon_memory(reply(None)) == TaxonMemory()
    assert meaning.log_part(reply("")) == Part(0)


def test_a_job_with_odd_fields_is_read() -> None:
    job = meaning.job(reply({"id": 7, "state": "X", "errors": None, "progress_pct": "a", "params": 3}))

    assert (job.id, job.state, job.errors, job.progress_pct) == (7, JobState.UNKNOWN, (), None)


@pytest.mark.parametrize(("can_do", "is_admin"), [([], False), ([1, 4], False), ([3], False), ([1, 2], True)])
def test_who_administrates_the_app_is_an_admin(can_do: list[int], is_admin: bool) -> None:
    assert meaning.account(reply({"id": 2, "can_do": can_do})).is_admin == is_admin


@pytest.mark.parametrize(
    ("status", "approved", "deprecated"), [("A", True, False), ("N", False, False), ("D", False, True)]
)
def test_a_taxons_status_is_told(status: str, approved: bool, deprecated: bool) -> None:
    (taxon,) = meaning.taxa(reply([{"id": 9, "status": status, "text": "part<Annelida", "pr": 0}]))

    assert (taxon.is_approved, taxon.is_deprecated, taxon.is_preset) == (approved, deprecated, False)


def test_a_memory_keeps_what_is_discarded_and_drops_what_is_odd() -> None:
    raw = {"from_to": {"part": 1, "dust": None, "odd": "2", "none": -1}, "doc": {"part": "why", "dust": 3}}

    assert meaning.taxon_memory(reply(raw)) == TaxonMemory({"part": 1, "dust": None}, {"part": "why"})
    assert meaning.taxon_memory(reply({"from_to": None})) == TaxonMemory()


@pytest.mark.parametrize(
    ("status", "disposition", "more", "part"),
    [
        (200, 'attachment; filename="a.zip"', {"content_length": "9"}, Part(0, 9, "a.zip")),
        (200, "attachment; filename=a.tsv", {"content_length": "0"}, Part(0, 0, "a.tsv")),
        (
            200,
            "attachment; filename*=UTF-8''d%C3%A9j%C3%A0.zip",
            {"content_length": "9"},
            Part(0, 9, "déjà.zip"),
        ),
        (200, 'attachment; filename="../../etc/passwd"', {"content_length": "9"}, Part(0, 9, "passwd")),
        (200, 'attachment; filename="c:\\\\temp\\\\a.zip"', {"content_length": "9"}, Part(0, 9, "a.zip")),
        (200, "attachment", {"content_length": "9"}, Part(0, 9, "")),
        (206, "attachment", {"content_range": "bytes 100-3523/3524"}, Part(100, 3524, "")),
        (206, "attachment", {"content_range": "bytes 3524-3523/3524"}, Part(3524, 3524, "")),
        (206, "attachment", {"content_range": "bytes 0--1/0"}, Part(0, 0, "")),
    ],
)
def test_a_file_tells_its_part_and_name(
    status: int, disposition: str, more: dict[str, str], part: Part
) -> None:
    assert meaning.file_part(reply(None, status, content_disposition=disposition, **more)) == part


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (500, {"content_type": "text/plain; charset=utf-8"}, NoFile),
        (500, {"content_type": "text/html"}, Unavailable),
        (503, {"content_type": "text/plain"}, Unavailable),
        (200, {}, NoFile),
        (200, {"content_disposition": "attachment"}, UnexpectedAnswer),
        (200, {"content_disposition": "attachment", "content_length": "many"}, UnexpectedAnswer),
        (206, {"content_disposition": "attachment"}, UnexpectedAnswer),
        (404, {}, NotFound),
    ],
)
def test_an_answer_without_a_file_is_told(
    status: int, headers: dict[str, str], error: type[EcoTaxaError]
) -> None:
    with pytest.raises(error) as caught:
        meaning.file_part(reply(None, status, **headers))

    assert type(caught.value) is error


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "can_do", "state", "detail", "loc", "msg", "lineage", "from_to", "doc"]
            ),
            inner,
        )
    ),
    max_leaves=20,
)


@given(
    status=st.sampled_from([200, 204, 206, 302, 401, 403, 404, 405, 416, 422, 429, 500, 503]),
    headers=st.dictionaries(
        st.sampled_from(["content-type", "content-disposition", "content-range", "content-length"]),
        st.text() | st.sampled_from(["attachment; filename*=x'y", "text/plain", "bytes 1-2/3", "²"]),
    ),
    body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()),
)
def test_whatever_comes_is_a_value_or_one_of_our_errors(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    for means in MEANINGS:
        with contextlib.suppress(EcoTaxaError):
            means(Reply(status, headers, body))

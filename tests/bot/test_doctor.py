"""What the doctor says, and what an EcoTaxa tells of itself."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ecotaxa import server
from bot.ecotaxa.meaning import Reply
from bot.errors import EcoTaxaError, TokenRejected, Unavailable, UnexpectedAnswer
from bot.messages.doctor import Finding, Health, diagnosis
from bot.text import prose
from tests.bot.slack_limits import check_message, nasty_text

findings = st.builds(
    Finding,
    st.sampled_from(Health),
    nasty_text.map(lambda text: f"it is {prose(text, 80)}"),
    st.sampled_from(["", "Try again in a few minutes."]),
    st.booleans(),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("ABCDEFGHI"), findings, min_size=1))
def test_whatever_was_found_keeps_slacks_limits(found: dict[str, Finding]) -> None:
    told = diagnosis(found)

    check_message(told)
    assert ("Link my account" in json.dumps(told.blocks)) == any(it.needs_link for it in found.values())


@pytest.mark.parametrize(
    ("healths", "first"),
    [
        ([Health.GOOD, Health.OPEN], "Everything I can check is well."),
        ([Health.GOOD, Health.POOR], "1 thing needs a look."),
        ([Health.BAD, Health.POOR, Health.OPEN], "2 things need a look."),
    ],
)
def test_how_much_is_wrong_comes_first(healths: list[Health], first: str) -> None:
    told = diagnosis({f"Thing {at}": Finding(health, "so it is.") for at, health in enumerate(healths)})

    assert told.text.splitlines()[0] == first
    assert all(health in told.text for health in healths)


def reply(status: int, body: Any) -> Reply:
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(status, {"content-type": "application/json"}, text.encode())


@pytest.mark.parametrize(
    ("body", "version"),
    [({"info": {"version": "0.0.45"}}, "0.0.45"), ({"info": {}}, ""), ({"info": 3}, ""), ([], "")],
)
def test_the_version_is_read_from_the_apis_description(body: Any, version: str) -> None:
    assert server.version(reply(200, body)) == version


def test_a_status_need_not_be_json() -> None:
    server.alive(reply(200, "UP!"))


@pytest.mark.parametrize(
    ("status", "body", "is_so"), [(422, {"detail": []}, True), (200, [{"id": 1}], False)]
)
def test_who_refuses_a_filter_that_is_none_honours_filters(status: int, body: Any, is_so: bool) -> None:
    assert server.honours_filters(reply(status, body)) is is_so


@pytest.mark.parametrize("ask", [server.alive, server.version, server.honours_filters])
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, "Traceback", Unavailable),
        (502, "<html>", Unavailable),
        (401, {"detail": "Could not validate credentials"}, TokenRejected),
    ],
)
def test_a_server_that_says_no_is_told_by_its_error(
    ask: Any, status: int, body: Any, error: type[EcoTaxaError]
) -> None:
    with pytest.raises(error):
        ask(reply(status, body))


def test_a_page_is_no_description() -> None:
    with pytest.raises(UnexpectedAnswer):
        server.version(reply(200, "<html>"))

"""A short run of `make fuzz`, and that it would find what it looks for."""

import importlib
import inspect
import json
import logging
import os
import pkgutil
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages
from bot.messages import Message
from bot.messages.blocks import note
from bot.sandbox.slack.refusal import Refused
from tests.fuzz.answers import job_documents
from tests.fuzz.builders import BUILDERS
from tests.fuzz.payloads import Payload
from tests.fuzz.run import Chunk
from tests.fuzz.verdict import CASE, Case, Listener, Weather, check_acknowledgement, check_call
from tests.fuzz.words import SECRET

DOCUMENTS = job_documents()
MODAL = {"blocks": [{"type": "input", "block_id": "email"}]}


def a_case(*, is_slacks: bool = True) -> Case:
    return Case("it", Weather(1), is_slacks)


def test_two_thousand_payloads_and_answers_come_to_no_harm() -> None:
    # Without the coverage of this run, which would make it three times as long.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-m", "tests.fuzz", "--count", "2000", "--seed", "1", "--processes", "2"]
    ran = subprocess.run(command, env=alone, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["failures"] == 0
    assert told["payloads"] >= 1_000
    assert told["answers"] >= 1_000


def test_every_message_there_is_gets_made() -> None:
    made = (Message, dict[str, Any], list[dict[str, Any]])
    there_are = {
        f"{module.name}.{name}"
        for module in pkgutil.iter_modules(messages.__path__)
        for name, it in vars(importlib.import_module(f"bot.messages.{module.name}")).items()
        if inspect.isfunction(it) and it.__module__.endswith(f".{module.name}") and not name.startswith("_")
        if inspect.signature(it).return_annotation in made and module.name != "blocks"
    }

    assert there_are - BUILDERS.keys() == set()


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("chat.postMessage", {"text": "x", "blocks": [{"type": "section"}]}),
        ("chat.postMessage", {"text": "", "blocks": []}),
        ("chat.update", {"text": "x" * 4_001}),
        ("respond", {"text": "<!channel>", "blocks": note("hello").blocks}),
        ("chat.postMessage", {"text": f"token {SECRET}"}),
        (
            "views.open",
            {"view": {"type": "modal", "blocks": [], "title": {"type": "plain_text", "text": "x" * 30}}},
        ),
    ],
)
def test_what_slack_would_refuse_is_found(method: str, given: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, Refused)):
        check_call(method, given)


@pytest.mark.parametrize(
    "told",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {}},
        {"options": [{"value": "1"}]},
    ],
)
def test_an_acknowledgement_that_slack_would_refuse_is_found(told: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, Refused)):
        check_acknowledgement(json.dumps(told), {"view": MODAL})


def heard(case: Case, record: dict[str, Any]) -> None:
    token = CASE.set(case)
    Listener(logging.Formatter()).handle(logging.makeLogRecord(record))
    CASE.reset(token)


def test_a_secret_in_the_log_and_a_surprise_of_the_bots_are_found() -> None:
    surprise, secret, spoilt = a_case(), a_case(), a_case(is_slacks=False)

    heard(surprise, {"msg": {"event": "told an error", "exc_info": KeyError("view")}})
    heard(secret, {"msg": f"xoxb-{SECRET}"})
    heard(spoilt, {"msg": {"event": "not understood", "exc_info": KeyError("user")}})

    assert [type(it) for it in surprise.failures] == [KeyError]
    assert len(secret.failures) == 1
    assert spoilt.failures == []


def test_a_failure_is_told_with_what_led_to_it() -> None:
    chunk, case = Chunk(42), a_case()

    def fails() -> None:
        raise KeyError("view")

    with pytest.raises(KeyError):
        chunk.judge(case, fails)

    (told,) = chunk.found.values()
    assert told["seed"] == 42
    assert "KeyError: 'view'" in told["what"]
    assert told["case"] == "'it'"


def test_the_same_payload_comes_as_another_delivery() -> None:
    assert Payload({"trigger_id": "1"}).anew() != Payload({"trigger_id": "1"}).anew()


@settings(max_examples=20)
@given(st.integers(0, 2**64 - 1))
def test_what_chance_has_is_the_same_for_the_same_number(number: int) -> None:
    first, second = (repr(Weather(number).draw(DOCUMENTS)) for _ in range(2))
    assert first == second

"""Slack's rates, kept before Slack has to ask for it."""

import pytest

from bot.errors import SlackBusy
from bot.rates import A_MINUTE, AT_ONCE, WINDOW, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("method", A_MINUTE)
def test_a_method_has_room_for_so_many_calls_a_minute(method: str) -> None:
    clock = Clock()
    rates = Rates(clock)
    for _ in range(A_MINUTE[method]):
        assert rates.room(method) > 0
        rates.count(method)

    assert rates.room(method) == 0
    clock.now += WINDOW - 0.1
    assert rates.room(method) == 0
    clock.now += 0.1
    assert rates.room(method) == A_MINUTE[method]


@pytest.mark.parametrize("processes", [2, 3, 7, 40])
@pytest.mark.parametrize("method", A_MINUTE)
def test_processes_that_share_a_workspace_make_no_more_calls_together(method: str, processes: int) -> None:
    each = [Rates(Clock(), among=processes) for _ in range(processes)]

    rooms = [rates.room(method) for rates in each]

    assert min(rooms) > 0
    assert A_MINUTE[method] - processes < sum(rooms) <= A_MINUTE[method]


def test_what_is_left_free_for_others_is_left_by_all_processes_together() -> None:
    rates = Rates(Clock(), among=2)
    for _ in range(10):
        rates.count("chat.update")

    assert rates.room("chat.update") == 15
    assert rates.room("chat.update", leaving=20) == 5
    assert rates.room("chat.update", leaving=35) == 0
    rates.among = 1
    assert rates.room("chat.update", leaving=20) == 20


def test_what_is_set_aside_is_nobody_elses() -> None:
    rates = Rates(Clock(), among=A_MINUTE["users.info"])

    with rates.setting_aside("users.info"):
        assert rates.room("users.info") == 0
        with pytest.raises(SlackBusy):
            rates.take("users.info")

    rates.take("users.info")
    assert rates.room("users.info") == 0


def test_of_ever_so_many_processes_each_can_still_make_a_call() -> None:
    rates = Rates(Clock(), among=1000)

    assert {rates.room(method) for method in A_MINUTE} == {1}


def test_what_has_no_limit_of_ours_is_not_counted() -> None:
    rates = Rates(Clock())

    rates.count("auth.test")

    assert {method: rates.room(method) for method in A_MINUTE} == A_MINUTE


def test_a_channel_takes_a_few_at_once_and_then_one_a_second() -> None:
    clock = Clock()
    rates = Rates(clock)
    waited = []
    for _ in range(AT_ONCE + 3):
        waited.append(rates.wait("C1"))
        clock.now += waited[-1]
        rates.count("chat.postMessage", "C1")

    assert waited == [0.0] * AT_ONCE + [1.0] * 3
    assert rates.wait("C2") == 0, "another channel does not wait for it"
    clock.now += 60
    assert rates.wait("C1") == 0


def test_many_channels_are_forgotten_again() -> None:
    clock = Clock()
    rates = Rates(clock)
    for number in range(3_000):
        rates.count("chat.postMessage", f"C{number}")
        clock.now += 0.01

    assert rates.wait("C2999") == 0
    for _ in range(AT_ONCE):
        rates.count("chat.postMessage", "C2999")
    assert rates.wait("C2999") > 0


def test_each_workspace_has_its_own_calls_and_all_are_shared_among_as_many_processes() -> None:
    rates = Rates(Clock())
    lab, institute = rates.another(), rates.another()

    lab.count("chat.update")
    rates.among = 2

    assert lab.room("chat.update") == A_MINUTE["chat.update"] // 2 - 1
    assert institute.room("chat.update") == A_MINUTE["chat.update"] // 2

"""So much at once, and then one after the other."""

import pytest

from bot.limits import MOST, Limit, Limits, of_installing
from bot.links import Person


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_so_many_are_let_through_at_once_and_then_one_after_each_pause(clock: Clock) -> None:
    limit = Limit(3, 10, clock)

    assert [limit.take("a") for _ in range(5)] == [0, 0, 0, 10, 10], "what is turned away does not count"
    assert limit.take("b") == 0, "nobody else is held up"
    clock.now += 9
    assert limit.take("a") == 1
    clock.now += 1
    assert [limit.take("a"), limit.take("a")] == [0, 10]
    clock.now += 30
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 10]


def test_a_clock_that_is_put_back_keeps_nobody_out(clock: Clock) -> None:
    limit = Limit(3, 10, clock)
    for _ in range(3):
        limit.take("a")

    clock.now -= 86_400

    assert limit.take("a") == 0


def test_memory_is_bounded(clock: Clock) -> None:
    limit = Limit(1, 10, clock)
    for number in range(MOST + 1):
        limit.take(str(number))

    assert limit.take("0") == 0, "whom it has forgotten begins anew"
    assert limit.take(str(MOST)) == 10


def test_one_person_has_five_tries_to_log_in_in_ten_minutes(clock: Clock) -> None:
    limits, person = Limits(clock), Person(None, "T1", "U1")

    assert [limits.log_in(person) for _ in range(6)] == [0, 0, 0, 0, 0, 120]
    assert limits.log_in(Person(None, "T1", "U2")) == 0


def test_a_workspace_has_thirty_tries_and_another_has_its_own(clock: Clock) -> None:
    limits = Limits(clock)
    tries = [limits.log_in(Person(None, "T1", f"U{number // 5}")) for number in range(31)]

    assert tries == [0] * 30 + [20]
    assert limits.log_in(Person(None, "T2", "U1")) == 0
    clock.now += 20
    newcomer = Person(None, "T1", "U9")
    assert [limits.log_in(newcomer) for _ in range(2)] == [0, 20]
    clock.now += 600
    assert [limits.log_in(newcomer) for _ in range(5)] == [0] * 5, "a try turned away did not count"


def test_the_pages_for_installing_have_a_limit_for_each_address_within_one_for_all(clock: Clock) -> None:
    limit = of_installing(clock)
    given = [limit.take("192.0.2.1") for _ in range(21)]
    assert given == [0] * 20 + [6]

    crowd = [limit.take(str(number)) for number in range(181)]

    assert crowd == [0] * 180 + [0.5], "what one was refused did not count for all"

"""The words beside numbers: fetched once, never waited for long."""

import asyncio

from bot.captions import Captions
from bot.errors import NotAllowed, NotFound, Unavailable
from bot.links import Token
from bot.work import Work

ADA, TOM = Token.read("eyJ1c2VyX2lkIjoyfQ.awQhvw.x"), Token.read("eyJ1c2VyX2lkIjozfQ.awQhvw.x")


class Asked:
    """Answers what a number is called, and remembers who asked for what."""

    def __init__(self, *answers: str | Exception) -> None:
        self.by: list[tuple[int, int]] = []
        self.answers = list(answers)
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self, token: Token, number: int) -> str:
        self.by.append((token.ecotaxa_user_id, number))
        await self.goes_on.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_word_is_asked_for_once_by_each_who_wants_to_see_it() -> None:
    asked = Asked("Tara")
    captions = Captions(asked, Work())

    for token in (ADA, ADA, TOM):
        assert await captions.find(token, [5]) == {5: "Tara"}

    assert asked.by == [(2, 5), (3, 5)], "what one may see is not shown to another"


async def test_several_who_want_it_at_the_same_time_wait_for_one_answer() -> None:
    asked = Asked("Tara")
    captions = Captions(asked, Work())

    both, one = await asyncio.gather(captions.find(ADA, [5, 6]), captions.find(ADA, [5]))

    assert (both, one) == ({5: "Tara", 6: "Tara"}, {5: "Tara"})
    assert sorted(asked.by) == [(2, 5), (2, 6)]


async def test_what_is_slow_is_left_out_and_there_the_next_time() -> None:
    asked = Asked("Tara")
    asked.goes_on.clear()
    work = Work()
    captions = Captions(asked, work, patience=0)

    assert await captions.find(ADA, [5]) == {}
    asked.goes_on.set()
    assert await work.drain(10) == 0, "it is not cut off either"

    assert await captions.find(ADA, [5]) == {5: "Tara"}
    assert asked.by == [(2, 5)]


async def test_what_one_may_not_see_is_not_asked_for_again() -> None:
    for refusal in (NotAllowed(), NotFound()):
        asked = Asked(refusal)
        captions = Captions(asked, Work())

        assert await captions.find(ADA, [5]) == {}
        assert await captions.find(ADA, [5]) == {}
        assert asked.by == [(2, 5)]


async def test_a_server_that_ails_is_asked_again_the_next_time() -> None:
    asked = Asked(Unavailable(), "Tara")
    captions = Captions(asked, Work())

    assert await captions.find(ADA, [5]) == {}
    assert await captions.find(ADA, [5]) == {5: "Tara"}

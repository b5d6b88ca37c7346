"""What is said of an act when EcoTaxa's answers get lost, over real sockets."""

from datetime import datetime

import pytest

from bot.deeds import Effect
from bot.ecotaxa import EcoTaxa
from bot.links import Person
from bot.operations import Operations
from bot.store import Store
from bot.work import Work
from tests.bot.conftest import Linked
from tests.bot.scripted_server import Act, be_silent, hang_up, say, send, serving

STANDS = say({"id": 7, "state": "F", "owner_id": 7})
GONE = say({"detail": "Not Found"}, 404)
YES = say(None)
DOWN = send(503, b"")


@pytest.mark.parametrize(
    ("order", "looks", "effect"),
    [
        (YES, [STANDS], Effect.NOTHING),
        (YES, [STANDS, GONE], Effect.TOOK),
        (YES, [STANDS, DOWN], Effect.UNSURE),
        (YES, [DOWN], Effect.UNSURE),
        (hang_up, [STANDS], Effect.UNSURE),
        (hang_up, [STANDS, GONE], Effect.TOOK),
        (hang_up, [DOWN], Effect.UNSURE),
        (be_silent, [STANDS], Effect.UNSURE),
        (be_silent, [GONE], Effect.TOOK),
        (send(504, b""), [STANDS], Effect.UNSURE),
    ],
)
async def test_only_an_answer_and_a_last_look_tell_that_nothing_changed(
    store: Store, linked: Linked, ada: Person, now: datetime, order: Act, looks: list[Act], effect: Effect
) -> None:
    async with serving(STANDS, order, *looks) as server:
        ecotaxa = EcoTaxa(server.url, patience=3, retry_pause=0.01)
        operations = Operations(ecotaxa, store, Work(), clock=lambda: now)

        deed = await operations.delete(await linked(ada), 7)

        await ecotaxa.aclose(grace=0)
    assert deed.effect is effect
    assert [asked.method for asked in server.asked].count("DELETE") == 1
    (act,) = await store.acts_on(7)
    assert act.outcome == effect

from datetime import datetime, timedelta

from bot.store import Store


async def test_an_act_is_noted_for_every_process_until_it_is_old(store: Store, now: datetime) -> None:
    assert not await store.is_noted("1.2.abc/block_actions")

    for _ in range(2):
        await store.note_acts(["1.2.abc/block_actions", "Ev1/event_callback"], now)
    assert await store.is_noted("1.2.abc/block_actions")
    assert not await store.is_noted("1.2.abc/view_submission")

    await store.clean(now + timedelta(days=2), timedelta(days=1), timedelta(days=1))
    assert not await store.is_noted("1.2.abc/block_actions")

"""In whose language the bot speaks, and that it hears of a change."""

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest

from bot import app
from bot.language import spoken_now
from bot.links import Person
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.slack.people import TEAM_ID
from bot.store import Profile
from handlers.context import Request
from handlers.front import Front


async def test_all_that_is_done_for_a_person_is_in_their_language(bot: app.Bot) -> None:
    elena, tomas = Person(None, TEAM_ID, "U0ELENA"), Person(None, TEAM_ID, "U0TOMAS")
    await bot.services.store.meet(elena, app.utc_now())
    await bot.services.store.save_profile(elena, Profile("fr-FR", "Europe/Paris"), app.utc_now())
    await bot.services.store.meet(tomas, app.utc_now())
    await bot.services.store.save_profile(tomas, Profile("zh-CN", "Asia/Shanghai"), app.utc_now())
    spoken: list[str] = []

    async def listen() -> None:
        spoken.append(spoken_now())

    async def handler(request: Request, ack: AsyncAck) -> None:
        await ack()
        await listen()
        await request.services.work.start(listen(), name="behind it")

    listener = Front(bot.services)(handler)
    for person in (elena, tomas):
        body = {"team_id": person.team_id, "user_id": person.user_id}
        await listener(AsyncAck(), body, AsyncBoltRequest(mode="socket_mode", body=body))

    assert spoken == ["fr", "fr", "zh", "zh"]
    assert spoken_now() == "en"


async def test_a_changed_profile_is_heard_of(elena: Actor, bot: app.Bot, driver: SandboxDriver) -> None:
    person = Person(None, TEAM_ID, elena.id)
    await elena.say("/ecotaxa help")
    await elena.wait_for_message("/ecotaxa jobs")
    stranger = Person(None, TEAM_ID, "U0TOMAS")

    for name in ("tomas", "elena"):
        await driver.slack.locale(name, "pt-BR")
        await driver.slack.zone(name, "America/Belem")

    async def heard() -> bool | None:
        found = await bot.services.store.find_profile(person)
        return (found is not None and found[0] == Profile("pt-BR", "America/Belem")) or None

    await wait_for(heard, "the new profile to be kept")
    assert await bot.services.store.find_profile(stranger) is None

"""What works and what does not."""

from bot.doctor import Doctor
from bot.messages.doctor import diagnosis
from handlers.context import Request


async def examine(request: Request) -> None:
    """Check everything that the person's jobs here hang on, and tell in one message."""
    services = request.services
    doctor = Doctor(
        request.person,
        request.link,
        store=services.store,
        ecotaxa=services.ecotaxa,
        slack=request.slack,
        work=services.work,
        clock=services.clock,
    )
    await request.reply(diagnosis(await doctor.examine()))

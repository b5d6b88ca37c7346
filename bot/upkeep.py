"""What an operator does with the database beside a bot at work: keys, backups.  Each tells one line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.errors import TokenUnreadable
from bot.settings import Settings
from bot.store import Store
from bot.vault import Vault


async def rotate_keys(settings: Settings) -> str:
    """Seal every stored token with the first of TOKEN_KEYS; raises DatabaseUnusable."""
    async with opened(settings) as store:
        done = await store.reseal_tokens()
    return (
        f"Sealed anew with the first of TOKEN_KEYS: {done.resealed}, sealed with it already: {done.already}, "
        f"opened by no key: {done.unreadable}{_asked_again(done.unreadable)}. "
        "Once every bot was started with that key first, the others may be removed."
    )


async def back_up(settings: Settings, file: Path) -> str:
    """Write the whole database into a new file; raises DatabaseUnusable."""
    async with opened(settings) as store:
        done = await store.back_up(file)
    return (
        f"{file} holds the whole database (links: {done.links}, rows in all: {done.rows}, revision: "
        f"{done.revision}). Keep TOKEN_KEYS too, elsewhere: without them no token in it can be opened."
    )


async def restore(settings: Settings, file: Path) -> str:
    """Fill the empty database with what a backup holds; raises DatabaseUnusable."""
    async with opened(settings) as store:
        done = await store.restore(file)
        try:
            tokens = await tokens_kept(store)
        except TokenUnreadable as error:
            tokens = error.detail
    return f"The database holds what {file} held (links: {done.links}, rows in all: {done.rows}); {tokens}."


async def tokens_kept(store: Store) -> str:
    """How many tokens are stored, in words; raises TokenUnreadable where no key opens some of them.

    Also raises DatabaseUnusable.
    """
    if lost_in := await store.unreadable_workspaces():
        named = ", ".join(lost_in)
        raise TokenUnreadable(
            detail=f"no key of TOKEN_KEYS opens the bot's tokens of these workspaces: {named} (put their "
            f"key back, or install the bot there again)"
        )
    unreadable, stored = await store.count_unreadable()
    if unreadable:
        lost = f"stored tokens: {stored}, opened by no key of TOKEN_KEYS: {unreadable}"
        raise TokenUnreadable(detail=lost + _asked_again(unreadable))
    return f"stored tokens: {stored}, all can be opened"


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store that the settings name, until the block ends; raises DatabaseUnusable."""
    store = Store.open(settings.database_url, Vault([key.get_secret_value() for key in settings.token_keys]))
    try:
        yield store
    finally:
        await store.close()


def _asked_again(unreadable: int) -> str:
    return " (put their key back, or these people are asked to link again)" if unreadable else ""

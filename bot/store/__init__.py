"""What the bot remembers: links, snapshots, owed messages, answers in the making."""

from bot.store.database import DatabaseUnusable
from bot.store.records import (
    TOKEN_REJECTED,
    Account,
    NameKind,
    NewNotice,
    Notice,
    NoticeState,
    Pick,
    Settled,
    WatchedLink,
)
from bot.store.store import Store

__all__ = [
    "TOKEN_REJECTED",
    "Account",
    "DatabaseUnusable",
    "NameKind",
    "NewNotice",
    "Notice",
    "NoticeState",
    "Pick",
    "Settled",
    "Store",
    "WatchedLink",
]

"""What the bot remembers: links, snapshots, owed messages, answers in the making."""

from bot.store.database import DatabaseUnusable
from bot.store.records import (
    SAID,
    TOKEN_REJECTED,
    Account,
    AuditEntry,
    Handover,
    NameKind,
    NewNotice,
    Notice,
    NoticeState,
    Pick,
    Profile,
    Settled,
    Watch,
    WatchedLink,
)
from bot.store.store import Store

__all__ = [
    "SAID",
    "TOKEN_REJECTED",
    "Account",
    "AuditEntry",
    "DatabaseUnusable",
    "Handover",
    "NameKind",
    "NewNotice",
    "Notice",
    "NoticeState",
    "Pick",
    "Profile",
    "Settled",
    "Store",
    "Watch",
    "WatchedLink",
]

"""What the bot remembers: links, snapshots, owed messages, answers in the making."""

from bot.store.database import DatabaseUnusable
from bot.store.records import (
    OVERTAKEN,
    SAID,
    TOKEN_REJECTED,
    WILL_AFTER,
    WILL_EVERY,
    Account,
    AuditEntry,
    Changes,
    Handover,
    NameKind,
    NewNotice,
    Notice,
    NoticeState,
    Pick,
    Profile,
    Settled,
    Timetable,
    WatchedLink,
)
from bot.store.store import Store

__all__ = [
    "OVERTAKEN",
    "SAID",
    "TOKEN_REJECTED",
    "WILL_AFTER",
    "WILL_EVERY",
    "Account",
    "AuditEntry",
    "Changes",
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
    "Timetable",
    "WatchedLink",
]

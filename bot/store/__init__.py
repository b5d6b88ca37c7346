"""What the bot remembers: links, snapshots, owed messages, answers in the making."""

from bot.store.bell import Ring
from bot.store.database import if_possible
from bot.store.records import (
    OVERTAKEN,
    SAID,
    TOKEN_REJECTED,
    WILL_AFTER,
    WILL_EVERY,
    Account,
    Changes,
    Copied,
    Handover,
    NameKind,
    NewNotice,
    Notice,
    NoticeState,
    Pick,
    Profile,
    Resealed,
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
    "Changes",
    "Copied",
    "Handover",
    "NameKind",
    "NewNotice",
    "Notice",
    "NoticeState",
    "Pick",
    "Profile",
    "Resealed",
    "Ring",
    "Settled",
    "Store",
    "Timetable",
    "WatchedLink",
    "if_possible",
]

"""What databases of each released revision hold: rows as it wrote them, every column filled at least once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.links import Person, Workspace
from bot.store.installations import SEALED
from bot.vault import Vault

Rows = dict[str, list[dict[str, Any]]]

ADA, BOB = Person(None, "T1", "UADA"), Person("E1", "T2", "UBOB")
AT = datetime(2026, 3, 1, 12, 0, 0, 250000, UTC)
LATER = AT + timedelta(hours=1)

SNAPSHOT = json.dumps([12, {"7": ["A", "1a2b"], "12": ["R", ""]}])
_ASKED = {"job": {"id": 7, "type": "FileImport", "state": "A"}, "names": ["é \U0001f990", "a & <b>"]}

_FIRST: Rows = {
    "accounts": [
        {"ecotaxa_user_id": 760, "due_at": AT, "leased_until": LATER, "failures": 2, "size": 5000,
         "whole_at": AT},
        {"ecotaxa_user_id": 2**40, "due_at": AT, "leased_until": None, "failures": 0, "size": 0,
         "whole_at": None},
    ],
    "links": [
        {"person_key": ADA.key, "ecotaxa_user_id": 760, "sealed": "secret of ada", "issued_at": AT,
         "name": "Ada « L. »", "email": "ada@lab.example", "state": "active", "linked_at": AT,
         "snapshot": SNAPSHOT, "version": 2**47 + 1},
        {"person_key": BOB.key, "ecotaxa_user_id": 2**40, "sealed": "secret of bob", "issued_at": AT,
         "name": "Bob", "email": "bob@lab.example", "state": "rejected", "linked_at": AT,
         "snapshot": None, "version": 3},
    ],
    "notices": [
        {"id": 4, "key": f"{ADA.key}/asked/7/1a2b", "person_key": ADA.key, "kind": "asked", "job_id": 7,
         "payload": _ASKED, "state": "pending", "due_at": AT, "created_at": AT, "attempts": 0,
         "must_reconcile": False, "first_tried_at": None, "sent_at": None, "channel": None, "ts": None,
         "reason": None},
        {"id": 5, "key": f"{ADA.key}/finished/6/2", "person_key": ADA.key, "kind": "finished", "job_id": 6,
         "payload": {}, "state": "dropped", "due_at": None, "created_at": AT, "attempts": 3,
         "must_reconcile": True, "first_tried_at": AT, "sent_at": LATER, "channel": "D1",
         "ts": "1772366400.000100", "reason": "unlinked"},
    ],
    "picks": [
        {"person_key": ADA.key, "job_id": 7, "kind": "taxon", "name": "part (annelida)", "picked_id": 45072,
         "label": "part < Annelida", "saved_at": AT},
    ],
    "remembered_users": [
        {"person_key": ADA.key, "name": "e. rodriguez", "picked_id": 1, "label": "Elena Rodriguez",
         "saved_at": AT},
    ],
}  # fmt: skip

_OPERATIONS: Rows = {
    "audit": [
        {"id": 9, "at": AT, "person_key": ADA.key, "act": "delete", "job_id": 6, "detail": "done"},
        {"id": 10, "at": AT, "person_key": ADA.key, "act": "ask colleague", "job_id": 7,
         "detail": "e. rodriguez to UBOB"},
        {"id": 11, "at": LATER, "person_key": BOB.key, "act": "clean", "job_id": None, "detail": "3 jobs"},
    ],
    "reports": [{"person_key": ADA.key, "job_id": 12, "channel": "C0PLANKTON", "asked_at": AT}],
    "handovers": [
        {"id": "h1", "person_key": ADA.key, "job_id": 7, "kind": "user", "name": "e. rodriguez",
         "colleague_key": BOB.key, "channel": "D2", "ts": "1772366400.000200", "asked_at": AT,
         "picked_id": 1, "label": "Elena Rodriguez", "picked_at": LATER},
    ],
    "cleanings": [{"person_key": ADA.key, "run": "r1", "seen_at": AT, "is_to_stop": True}],
}  # fmt: skip

_PLACED: dict[str, dict[str, Any]] = {
    "pending": {"place": "", "revision": 0, "urgency": 2, "thread_ts": None},
    "dropped": {"place": "C0PLANKTON", "revision": 4, "urgency": 0, "thread_ts": "1772366400.000050"},
}
_NOTIFICATIONS: Rows = {
    "notices": [row | _PLACED[row["state"]] for row in _FIRST["notices"]],
    "people": [
        {"person_key": ADA.key, "locale": "fr-FR", "zone": "Europe/Paris", "asked_at": AT,
         "preferences": json.dumps({"cards": False})},
    ],
    "runs": [
        {"ecotaxa_user_id": 760, "job_id": 12, "type": "GenExport", "project_id": 42, "size": 2**33,
         "attempt": 2, "state": "R", "was_stopped": False, "pending_at": AT, "started_at": AT,
         "ended_at": LATER, "moved_at": LATER},
    ],
    "subscriptions": [
        {"id": 3, "person_key": ADA.key, "channel": "C0PLANKTON", "project_id": 42, "since": AT},
    ],
    "mutes": [{"person_key": ADA.key, "what": "all", "until": LATER, "since": AT}],
    "followers": [{"person_key": ADA.key, "job_id": 12, "follower_key": BOB.key, "since": AT}],
    "watches": [
        {"id": "w1", "person_key": ADA.key, "place": "C0PLANKTON", "project_id": 42, "jobs": {"12": "R"},
         "since": AT},
    ],
}  # fmt: skip

_TOLD: dict[int, dict[str, Any]] = {
    9: {"detail": "", "outcome": "done", "other_key": None},
    10: {"detail": "", "outcome": "done", "other_key": "-/T1/UBOB"},
    11: {"outcome": "done", "other_key": None},
}
_OUTCOMES: Rows = {"audit": [row | _TOLD[row["id"]] for row in _OPERATIONS["audit"]]}
"""What was done, as the revision before wrote it: its outcome stands by itself, a colleague by their key."""

_ACTS: Rows = {"acts": [{"key": "12.34.ab/block_actions", "acted_at": AT}]}
_SIGHTS: Rows = {
    "sights": [{"id": 1, "due_at": AT, "good_until": LATER, "seen": json.dumps([12, {"12": [760, "R"]}])}],
}

LAB = Workspace("E1", "T2")
_INSTALLED: dict[str, Any] = {
    "id": 2, "client_id": "1.2", "app_id": "A1", "enterprise_id": "E1", "enterprise_name": "Observatory",
    "team_id": "T2", "team_name": "Lab \U0001f990", "bot_token": "xoxb-of-lab", "bot_id": "B1",
    "bot_user_id": "UBOT", "bot_scopes": "commands,chat:write", "bot_refresh_token": "xoxe-of-lab",
    "bot_token_expires_at": LATER, "is_enterprise_install": False, "installed_at": AT,
}  # fmt: skip
_INSTALLATIONS: Rows = {
    "slack_bots": [_INSTALLED | {"leased_until": LATER}],
    "slack_installations": [
        _INSTALLED | {
            "enterprise_url": "https://lab.example/", "user_id": "", "user_token": "xoxp-of-lab",
            "user_scopes": "users:read", "user_refresh_token": "xoxe-of-user", "user_token_expires_at": LATER,
            "incoming_webhook_url": "https://hooks.example/1", "incoming_webhook_channel": "#lab",
            "incoming_webhook_channel_id": "C1", "token_type": "bot",
            "incoming_webhook_configuration_url": "https://lab.example/services/1",
        },
    ],
}  # fmt: skip

WRITTEN: dict[str, Rows] = {
    "0001": _FIRST, "0002": _OPERATIONS, "0003": _NOTIFICATIONS, "0004": _OUTCOMES, "0005": _ACTS,
    "0006": _SIGHTS, "0007": {}, "0008": _INSTALLATIONS, "0009": {},
}  # fmt: skip
"""By revision: the rows of the tables that it brought or changed.  A new revision adds its own here."""


def rows(revision: str, vault: Vault) -> Rows:
    """What a database of that revision holds, its tokens sealed by that vault."""
    held: Rows = {}
    for step, written in sorted(WRITTEN.items()):
        if step <= revision:
            held |= written
    sealed = [
        {**row, "sealed": vault.seal(Person.of_key(row["person_key"]), row["sealed"])}
        for row in held["links"]
    ]
    held |= {"links": sealed}
    for table in held.keys() & _INSTALLATIONS.keys():
        held[table] = [
            row | {name: vault.seal(LAB, row[name]) for name in SEALED if name in row} for row in held[table]
        ]
    return held

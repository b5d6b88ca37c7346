"""Cards, pings and the settings of notifications, in French and in English, on a desktop and on a phone."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import ON_BOTH_WIDTHS, SitDown
from tests.e2e.desk import Desk
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), ON_BOTH_WIDTHS]

CARD_MS = 45_000
"""A card comes once its job has gone on for 20 seconds."""

WORDS = {
    "elena": {
        "locale": "en-US", "running": "Running", "done": "Finished", "failed": "Failed", "file": "Get the file",
        "quiet": "Keep quiet", "save": "Save", "mute": "Mute this job", "muted": "nothing more", "undo": "Undo",
    },
    "amelie": {
        "locale": "fr-FR", "running": "En cours", "done": "Terminé", "failed": "En échec",
        "file": "Récupérer le fichier", "quiet": "", "save": "Enregistrer", "mute": "", "muted": "", "undo": "",
    },
}  # fmt: skip


async def in_their_language(stage: Stage, name: str) -> dict[str, str]:
    words = WORDS[name]
    person = await stage.linked(name)
    await stage.hand.slack.locale(name, words["locale"])
    await person.say("/ecotaxa help", person.im)
    return words

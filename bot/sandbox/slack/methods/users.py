"""users.info."""

from bot.sandbox.slack import payloads
from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.people import BOT_NAME, BOT_USER
from bot.sandbox.slack.refusal import Json


def _bot(slack: Slack) -> Json:
    return {
        "id": BOT_USER,
        "team_id": slack.team.id,
        "name": "ecotaxa",
        "deleted": False,
        "real_name": BOT_NAME,
        "profile": {"real_name": BOT_NAME, "display_name": BOT_NAME, "team": slack.team.id},
        "is_bot": True,
        "is_app_user": False,
        "updated": 0,
    }


def info(slack: Slack, arguments: Arguments) -> Json:
    """Tell about a person; the language only when it is asked for, the e-mail address only with its scope."""
    if arguments.need("user") == BOT_USER:
        return {"user": _bot(slack)}
    told = payloads.user(slack, arguments.person())
    if not arguments.says_yes("include_locale"):
        told.pop("locale", None)
    return {"user": told}

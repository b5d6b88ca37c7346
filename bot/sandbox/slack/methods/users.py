"""users.info."""

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.people import BOT_NAME, BOT_USER, PEOPLE, TEAM_ID
from bot.sandbox.slack.refusal import Json


def info(slack: Slack, arguments: Arguments) -> Json:
    """Tell about a person; the e-mail address only with its own scope."""
    if arguments.need("user") == BOT_USER:
        profile: Json = {"real_name": BOT_NAME, "display_name": BOT_NAME}
        return {"user": _user(BOT_USER, "ecotaxa", profile) | {"is_bot": True}}
    person = PEOPLE[arguments.person()]
    profile = {"real_name": person.real_name, "display_name": person.name}
    if "users:read.email" in slack.scopes:
        profile["email"] = person.email
    zone = {"tz": person.tz, "tz_label": person.tz, "tz_offset": person.tz_offset}
    return {"user": _user(person.id, person.name, profile) | {"is_bot": False} | zone}


def _user(user_id: str, name: str, profile: Json) -> Json:
    return {
        "id": user_id,
        "team_id": TEAM_ID,
        "name": name,
        "deleted": False,
        "real_name": profile["real_name"],
        "profile": profile | {"team": TEAM_ID},
        "is_app_user": False,
        "updated": 0,
    }

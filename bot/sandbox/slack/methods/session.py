"""api.test, auth.test and apps.connections.open."""

from bot.sandbox.slack.core import Slack
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.people import APP_ID, BOT_ID, BOT_USER
from bot.sandbox.slack.refusal import Json, Refused


def test(_slack: Slack, arguments: Arguments) -> Json:
    """Echo the arguments, or fail with the `error` that was asked for."""
    if error := arguments.get("error"):
        raise Refused(str(error), args=arguments.given)
    return {"args": arguments.given}


def auth_test(slack: Slack, arguments: Arguments) -> Json:
    """Tell the bot who it is."""
    organisation = slack.organisation
    where: Json = {"team": slack.team.name, "team_id": slack.team.id}
    if organisation is not None:
        where["enterprise_id"] = organisation.id
        if arguments.is_org_wide:
            where |= {"team": organisation.name, "team_id": organisation.id}
    return where | {
        "url": f"{slack.origin}/",
        "user": "ecotaxa",
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "is_enterprise_install": arguments.is_org_wide,
    }


def connections_open(slack: Slack, _arguments: Arguments) -> Json:
    """Give out the address of a Socket Mode connection, good for one."""
    address = slack.origin.replace("http", "ws", 1)
    return {"url": f"{address}/slack/socket?ticket={slack.tickets.socket()}&app_id={APP_ID}"}

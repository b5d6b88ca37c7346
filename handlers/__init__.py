"""Slack's front door: one module a thing people do; this is the list of them."""

import re

from slack_bolt.async_app import AsyncApp

from bot.ids import Action, Modal
from bot.services import Services
from handlers import account, answers, commands, jobs
from handlers.context import Front, Handler

ACTIONS: dict[Action, Handler] = {
    Action.JOBS_REFRESH: jobs.refresh_clicked,
    Action.JOBS_PAGE: jobs.refresh_clicked,
    Action.JOB_SHOW: jobs.details_clicked,
    Action.JOB_REFRESH: jobs.job_refresh_clicked,
    Action.WEB_OPEN: jobs.web_opened,
    Action.LINK_OPEN: account.link_clicked,
    Action.UNLINK_YES: account.unlink_confirmed,
    Action.UNLINK_NO: account.unlink_refused,
    Action.ANSWER_OPEN: answers.answer_clicked,
    Action.ANSWER_PAGE: answers.page_turned,
    Action.ANSWER_ACCEPT: answers.suggestions_accepted,
    Action.ANSWER_USER: answers.option_picked,
    Action.ANSWER_TAXON: answers.option_picked,
}
"""What each button and field does; an action's id may go on after a colon."""


def register(app: AsyncApp, services: Services) -> None:
    """Tell Bolt what people can do."""
    front = Front(services)
    app.command("/ecotaxa")(front(commands.command_typed))
    app.view(Modal.LINK)(front(commands.link_submitted))
    app.view(Modal.ANSWER)(front(answers.answer_submitted))
    for action, handler in ACTIONS.items():
        app.action(_id_of(action))(front(handler))
    for field in (Action.ANSWER_USER, Action.ANSWER_TAXON):
        app.options(_id_of(field))(front(answers.option_typed))


def _id_of(action: Action) -> re.Pattern[str]:
    # Bolt searches a pattern anywhere in the id: it is anchored at both ends.
    return re.compile(rf"^{re.escape(action)}(:.*)?$")

"""Slack's front door: one module a thing people do; this is the list of them."""

import re

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot.ids import Action, Modal
from bot.services import Services
from handlers import (
    account,
    answers,
    cleaning,
    colleagues,
    commands,
    exports,
    files,
    followers,
    forgetting,
    home,
    jobs,
    linking,
    logs,
    mentions,
    mutes,
    notifications,
    operations,
    people,
    places,
    shortcuts,
    unfurls,
    uninstalls,
    watches,
)
from handlers.front import Front, Handler

ACTIONS: dict[Action, Handler] = {
    Action.JOBS_REFRESH: jobs.refresh_clicked,
    Action.JOBS_PAGE: jobs.page_turned,
    Action.JOBS_FILTER: jobs.filter_chosen,
    Action.JOB_SHOW: jobs.details_clicked,
    Action.JOB_REFRESH: jobs.job_refresh_clicked,
    Action.JOB_RESTART: operations.restart_clicked,
    Action.JOB_KILL: operations.kill_clicked,
    Action.JOB_DELETE: operations.delete_clicked,
    Action.KEEP: operations.keep_clicked,
    Action.CLEAN_YES: cleaning.clean_confirmed,
    Action.CLEAN_STOP: cleaning.stop_clicked,
    Action.FILE_GET: files.file_clicked,
    Action.FILE_SHARE: files.share_clicked,
    Action.FILE_SEND: files.send_clicked,
    Action.FILE_CANCEL: files.cancel_clicked,
    Action.FILE_AGAIN: files.again_clicked,
    Action.LOG_SHOW: logs.log_clicked,
    Action.LOG_REFRESH: logs.log_refreshed,
    Action.LOG_WHOLE: logs.whole_log_clicked,
    Action.ERRORS_SHOW: logs.errors_clicked,
    Action.ERRORS_WHOLE: logs.all_errors_clicked,
    Action.WEB_OPEN: jobs.web_opened,
    Action.JOB_PEEK: shortcuts.job_peeked,
    Action.HOME_REFRESH: home.refresh_clicked,
    Action.HOME_JOBS: shortcuts.jobs_asked,
    Action.LINK_OPEN: account.link_clicked,
    Action.LINK_UNDO: account.undo_clicked,
    Action.UNLINK_YES: account.unlink_confirmed,
    Action.UNLINK_NO: account.unlink_refused,
    Action.FORGET_YES: forgetting.confirmed,
    Action.EXPORT_OPEN: exports.open_clicked,
    Action.EXPORT_PROJECT: exports.form_changed,
    Action.EXPORT_FORM: exports.form_changed,
    Action.ANSWER_OPEN: answers.answer_clicked,
    Action.ANSWER_PAGE: answers.page_turned,
    Action.ANSWER_ACCEPT: answers.suggestions_accepted,
    Action.ANSWER_USER: answers.option_picked,
    Action.ANSWER_TAXON: answers.option_picked,
    Action.ANSWER_ASK: colleagues.ask_clicked,
    Action.HANDOVER_USER: colleagues.picked,
    Action.HANDOVER_TAXON: colleagues.picked,
    Action.HANDOVER_SKIP: colleagues.passed,
    Action.FOLLOW: followers.follow_clicked,
    Action.MUTE: mutes.mute_chosen,
    Action.UNMUTE: mutes.undo_clicked,
    Action.WATCH_OPEN: watches.watch_clicked,
    Action.WATCH_STOP: watches.stop_clicked,
    Action.NOTIFY_OPEN: notifications.settings_clicked,
    Action.PLACE_END: notifications.place_ended,
}
"""What each button and field does; an action's id may go on after a colon."""


CHOICES = frozenset({Action.ANSWER_USER, Action.ANSWER_TAXON, Action.EXPORT_PROJECT, Action.EXPORT_FORM})
"""What is chosen in a form that holds it anyway until it is sent: made as quickly as one types."""


def register(app: AsyncApp, services: Services) -> None:
    """Tell Bolt what people can do."""
    front = Front(services)
    app.command("/ecotaxa")(front(commands.command_typed))
    app.event("app_home_opened")(front(home.home_opened, is_quiet=True))
    app.event("app_mention")(front(mentions.mentioned))
    app.event("message")(front(mentions.told_directly))
    app.event("link_shared")(front(unfurls.Unfurls().links_shared, is_quiet=True))
    app.event("user_change")(front(people.Changes().profile_changed, is_quiet=True, speaks=False))
    for kind in ("channel", "group"):
        for end in ("archive", "deleted", "left"):
            lost = front(places.channel_lost, is_quiet=True, speaks=False, by_person=False)
            app.event(f"{kind}_{end}")(lost)
    for event in ("app_uninstalled", "tokens_revoked"):
        app.event(event)(front(uninstalls.uninstalled, is_quiet=True, speaks=False, by_person=False))
    app.event("team_access_revoked")(
        front(uninstalls.access_revoked, is_quiet=True, speaks=False, by_person=False)
    )
    app.shortcut("jobs")(front(shortcuts.jobs_asked))
    app.shortcut("job_of_message")(front(shortcuts.job_of_message_asked))
    app.view(Modal.LINK)(front(commands.link_submitted))
    app.view(Modal.ANSWER)(front(answers.answer_submitted))
    app.view(Modal.ASK)(front(colleagues.ask_submitted))
    app.view(Modal.NOTIFY)(front(notifications.settings_submitted))
    app.view(Modal.WATCH)(front(watches.jobs_chosen))
    app.view(Modal.EXPORT)(front(exports.export_submitted))
    app.options(_id_of(Action.EXPORT_PROJECT))(front(exports.project_typed, is_search=True))
    for action, handler in ACTIONS.items():
        app.action(_id_of(action))(front(handler, is_search=action in CHOICES))
    for field in (Action.ANSWER_USER, Action.ANSWER_TAXON):
        app.options(_id_of(field))(front(answers.option_typed, is_search=True))
    for field in (Action.HANDOVER_USER, Action.HANDOVER_TAXON):
        app.options(_id_of(field))(front(colleagues.option_typed, is_search=True))


def add_pages(served: web.Application, services: Services) -> None:
    """Serve what people can do in a browser, beside what Slack sends."""
    if services.tickets is not None:
        linking.LinkPage(services, services.tickets, Front(services)).add_to(served)


def _id_of(action: Action) -> re.Pattern[str]:
    # Bolt searches a pattern anywhere in the id: it is anchored at both ends.
    return re.compile(rf"^{re.escape(action)}(:.*)?$")

"""What is said where jobs are told to others too: in channels, and to people who follow one; no I/O."""

from bot.ids import Action
from bot.jobs import Event, Job
from bot.language import say
from bot.messages.blocks import Message, actions, message, note, section
from bot.messages.exports import report
from bot.messages.notify_modal import settings_button
from bot.messages.reminders import SELF


def told_here(channel: str, project_id: int | None) -> Message:
    """From now on somebody's jobs are told in this channel."""
    if project_id is None:
        first = say("🔔 I tell in <#{channel}> how your jobs end.", channel=channel)
    else:
        first = say(
            "🔔 I tell in <#{channel}> how your jobs of project {project} end.",
            channel=channel,
            project=project_id,
        )
    return _with_settings(first, say("Everybody there sees it; what went wrong, only who asks for it."))


def not_told_here(channel: str) -> Message:
    """Nothing of somebody's jobs is told in this channel any more."""
    return _with_settings(say("🔕 I no longer tell your jobs in <#{channel}>.", channel=channel))


def invite_first(channel: str) -> Message:
    """The bot is no member of the channel."""
    return note(
        say(
            "I am not in <#{channel}>. Invite me first: type `/invite {bot}` there, then your command again.",
            channel=channel,
            bot=SELF,
        )
    )


def following(job_id: int, user_id: str = "") -> Message:
    """Who asked is told how a job ends; with `user_id` that person is."""
    if not user_id:
        return note(say("🔔 I tell you too how #{job} ends.", job=job_id))
    return note(say("🔔 I tell <@{user}> how #{job} ends.", user=user_id, job=job_id))


def followed(event: Event, job: Job, user_id: str, web_url: str) -> Message:
    """What a follower of the job of `user_id` is told: what the channel saw of it, and no more."""
    shown = report(event, job, web_url, user_id)
    *blocks, last = shown.blocks
    wanted = (Action.JOB_SHOW.of(job.id), Action.WEB_OPEN.of(job.id))
    elements = [element for element in last["elements"] if element["action_id"] in wanted]
    return Message(shown.text, [*blocks, {**last, "elements": elements}])


def _with_settings(*lines: str) -> Message:
    return message([*lines], [section(*lines), actions(settings_button())])

"""What is said where jobs are told to others too: in channels, and to people who follow one; no I/O."""

from dataclasses import replace

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


def only_in_channels() -> Message:
    """There is no channel here to tell jobs in: the person hears of them anyway."""
    return _with_settings(
        say("I tell you of your jobs by direct message anyway."),
        say("To have them told in a channel, type `/ecotaxa notify here` there."),
    )


def following(job_id: int, user_id: str = "") -> Message:
    """Who asked is told how a job ends; with `user_id` that person is."""
    if not user_id:
        return note(say("🔔 I tell you too how #{job} ends.", job=job_id))
    return note(say("🔔 I tell <@{user}> how #{job} ends.", user=user_id, job=job_id))


def is_own(job_id: int) -> Message:
    """Whoever wants to be told how a job ends is told that anyway."""
    return note(say("#{job} is your own job: I tell you of it anyway.", job=job_id))


def not_own(job_id: int) -> Message:
    """Only whose job it is may have others told."""
    return note(
        say(
            "#{job} is somebody else's job: only they can have others told. Where they have it told in a"
            " channel, press *Tell me too* there.",
            job=job_id,
        )
    )


def is_over(job_id: int) -> Message:
    """There is nothing left to wait for."""
    return note(say("#{job} has come to its end already.", job=job_id))


def not_told(job_id: int) -> Message:
    """The pressed message is not, or no more, one that tells of that job."""
    return note(say("I no longer know whose job #{job} is: ask them to have you told.", job=job_id))


def no_person(user_id: str) -> Message:
    """Who was named is nobody that can be told."""
    return note(say("I cannot tell <@{user}> anything: pick a person of this workspace.", user=user_id))


def followed(event: Event, job: Job, whose: str, web_url: str) -> Message:
    """What a follower of a job of `whose` (mrkdwn) is told: what a channel sees, without a file's name."""
    result = {name: value for name, value in job.result.items() if name != "out_file"}
    bare = replace(job, raw={**job.raw, "result": result})
    shown = report(event, bare, web_url, whose)
    *blocks, last = shown.blocks
    wanted = (Action.JOB_SHOW.of(job.id), Action.WEB_OPEN.of(job.id))
    elements = [element for element in last["elements"] if element["action_id"] in wanted]
    return Message(shown.text, [*blocks, {**last, "elements": elements}])


def _with_settings(*lines: str) -> Message:
    return message([*lines], [section(*lines), actions(settings_button())])

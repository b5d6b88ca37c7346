"""What is said to somebody who wants to be forgotten; no I/O."""

from bot.ids import Action
from bot.language import say
from bot.messages.blocks import Message, actions, button, message, note, section


def forget_question() -> Message:
    """Ask before everything about a person is deleted."""
    text = say(
        "Forget you? I delete everything I keep about you: your sign-in, what I saw of your jobs and told"
        " you, your settings, and what you chose and did here."
    )
    yes = button(say("Forget me"), Action.FORGET_YES, style="danger")
    return message([text], [section(text), actions(yes, button(say("Keep it"), Action.UNLINK_NO))])


def forgotten() -> Message:
    """What was deleted, and what is not the bot's to delete."""
    done = say(
        "Done. I have deleted your sign-in, what I saw of your jobs and told you, your settings, and what"
        " you chose and did here."
    )
    rest = say(
        "Not mine to delete: your jobs in EcoTaxa, the messages in Slack (they no longer change), and the log"
        " of whoever runs me, which ends in its own time."
    )
    return note(f"{done}\n{rest}")

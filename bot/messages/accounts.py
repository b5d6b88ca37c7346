"""What a person is told of their account, of the commands, and of what went wrong; no I/O."""

from datetime import datetime, timedelta

from bot.commands import NAME, TABLE
from bot.errors import BotError, NotLinked, TokenRejected
from bot.ids import Action
from bot.language import mark, say, say_n
from bot.links import Link, LinkState
from bot.messages.blocks import Message, actions, button, context, message, note, section
from bot.messages.buttons import link_button
from bot.messages.words import when
from bot.text import code, prose, sentences

RENEW = mark("Renew my sign-in")
FORGETS = mark("I forget your sign-in and your jobs, and tell you no more news.")
_SOON = timedelta(days=3)
"""How long before a token's end its owner is offered to renew it."""


def linked(link: Link, now: datetime) -> Message:
    """The link works: who they are now, and until when."""
    who = say("✅ You are {person} in EcoTaxa.", person=who_words(link))
    news = say("When one of your jobs finishes, fails or asks, I tell you by direct message.")
    return note(f"{who} {until_words(link, now)}\n{news}")


def who_am_i(link: Link, now: datetime, web_url: str) -> Message:
    """The account a person is known by, and how long the token lives."""
    host = web_url.rstrip("/")
    where = f"<{host}|{host.partition('://')[2] or host}>"
    if link.state is LinkState.REJECTED or link.token.expires_at <= now:
        return _with_link(
            say("You are {person}, but EcoTaxa no longer accepts your sign-in.", person=who_words(link))
        )
    who = say("You are {person} at {site}.", person=who_words(link), site=where)
    text = f"{who} {until_words(link, now)}"
    if link.token.expires_at - now <= _SOON:
        return _with_link(text, button_text=say(RENEW))
    return note(text)


def not_linked(command_text: str) -> Message:
    """The account is not known yet; after the link the bot goes on with what they typed."""
    if command_text.strip():
        typed = code(f"{NAME} {command_text}", 80)
        advice = say("Link it once, and I go on with {command}.", command=typed)
    else:
        advice = say("Link it once.")
    return _with_link(f"{say(NotLinked.hint)} {advice}", command_text)


def link_page(address: str) -> Message:
    """The way to the bot's own page; the address stands in the button alone, which nothing reads aloud.

    A fallback text is shown on locked screens, and its links are looked at by others.
    """
    text = say(
        "Link your EcoTaxa account on my own page: your password does not pass through Slack then."
        " Press the button."
    )
    small = say("It works once, within ten minutes, and for your Slack account: do not pass the address on.")
    opening = button(say("Open the page"), Action.WEB_OPEN, url=address, style="primary")
    return message([text, small], [section(text), actions(opening), context(small)])


def linked_on_page(link: Link, linked_at: datetime) -> Message:
    """Said by direct message, since whoever had the page's address could have linked an account of theirs."""
    who = say(
        "✅ Your Slack account was just linked on my page: you are {person} in EcoTaxa.",
        person=who_words(link),
    )
    first = f"{who} {until_words(link, linked_at)}"
    second = say("When one of your jobs finishes, fails or asks, I tell you by direct message.")
    small = say("Was it somebody else? Press the button, and I forget that account at once.")
    undo = button(say("That was not me"), Action.LINK_UNDO, value=linked_at.isoformat(), style="danger")
    return message([first, second, small], [section(first, second), context(small), actions(undo)])


def link_undone() -> Message:
    """What was linked on the page is forgotten again."""
    return note(
        say(
            "Done. I have forgotten that account and tell you nothing of its jobs. Whoever linked it had the"
            " address of your page: pass such addresses on to nobody. `/ecotaxa link` gets you a new one."
        )
    )


def link_is_gone() -> Message:
    """There is nothing to undo: it was undone, or another account was linked since."""
    return note(
        say(
            "That account is unlinked already, and nothing was changed. `/ecotaxa whoami` says who you are"
            " now."
        )
    )


def link_offered() -> Message:
    """The way to the link modal where what was typed cannot open one."""
    return _with_link(say("Linking your account opens a form. Press the button."))


def link_hint() -> Message:
    """Told to somebody who pasted a link to a job: what it would show."""
    return _with_link(
        say("I can show how that job is going right under your link, once I know your account.")
    )


def token_rejected() -> Message:
    """EcoTaxa stopped accepting the token: told once, of the bot's own accord."""
    missed = say("Until then I cannot see your jobs; what you miss, I tell you afterwards.")
    return _with_link(f"🔑 {say(TokenRejected.hint)}\n{missed}")


def link_again(error: BotError, command_text: str) -> Message:
    """What they asked for needs a new link; after it the bot goes on."""
    return _with_link(f"🔑 {sentences(error.hint, 1_000)}", command_text)


def unlink_question(link: Link | None) -> Message:
    """Ask before the account is forgotten; None is one that cannot be read any more."""
    first = say("Unlink {person}?", person=who_words(link)) if link else say("Unlink your account?")
    text = f"{first} {say(FORGETS)}"
    yes = button(say("Unlink"), Action.UNLINK_YES, style="danger")
    return message([text], [section(text), actions(yes, button(say("Keep it"), Action.UNLINK_NO))])


def unlinked() -> Message:
    """It is forgotten."""
    return note(say("Done. I have forgotten your account. `/ecotaxa link` brings you back."))


def kept() -> Message:
    """Nothing was forgotten."""
    return note(say("All right, everything stays as it is."))


def help_text() -> Message:
    """What there is to type."""
    lines = [f"`{entry.usage}` {say(entry.help)}" for entry in TABLE]
    first = say(
        "Your EcoTaxa jobs, here in Slack. When one finishes, fails or asks, I tell you by direct message."
    )
    return message([first, *lines], [section(first), section(*lines)])


def sorry(error: BotError, ref: str | None = None) -> Message:
    """What went wrong, in a sentence; `ref` finds it in the log."""
    text = f"⚠️ {sentences(error.hint, 1_000)}"
    if ref is None:
        return note(text)
    small = say("If it goes on, tell whoever runs this bot: {ref}", ref=code(ref, 40))
    return message([text, small], [section(text), context(small)])


def who_words(link: Link) -> str:
    """Somebody's name and e-mail as EcoTaxa has them."""
    name, email = prose(link.name, 100), code(link.email, 100) if link.email else ""
    return f"*{name}* ({email})" if name and email else f"*{name}*" if name else email or say("somebody")


def until_words(link: Link, now: datetime) -> str:
    """Until when the token lives, and how many days that is."""
    until = when(link.token.expires_at, say("Your sign-in is good until {when}"))
    left = max(0, (link.token.expires_at - now).days)
    return say_n("{until} ({n} day).", "{until} ({n} days).", left, until=until)


def _with_link(text: str, command_text: str = "", button_text: str = "") -> Message:
    return message([text], [section(text), actions(link_button(command_text, button_text))])

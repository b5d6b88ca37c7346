"""Everything that can go wrong, one class per reaction.

`BotError` carries the one sentence a person is told; whatever else is known goes to the log.

    BotError
    ├── UsageError            words that were not understood
    ├── NotLinked             the person has no EcoTaxa account linked
    ├── TokenUnreadable       the stored token cannot be opened (its key is gone)
    ├── TicketUnreadable      a link to the linking page is too old, or none of ours
    ├── TicketUsed            such a link linked an account already
    ├── DatabaseUnusable      what the bot keeps cannot be read or written
    ├── EcoTaxaError
    │   ├── TokenRejected     401 anywhere, or 403 on one's own list (account not active)
    │   ├── LoginRefused      wrong e-mail or password
    │   ├── NotAllowed        403
    │   ├── NotFound          404
    │   ├── Invalid           422, with the server's reason
    │   ├── Unavailable       no answer, a time-out, a 5xx
    │   ├── NoFile            the job has no file
    │   ├── NoLog             the job has no log (yet); an Unavailable, for it may be no more than that
    │   └── UnexpectedAnswer  anything else, or an answer that does not parse
    └── SlackError
        ├── SlackBusy         429 and kin: not before `retry_after` seconds
        ├── PlaceGone         the channel or person cannot be written to any more
        ├── MessageGone       the message cannot be updated: post anew
        ├── MessageRefused    our blocks or text break a rule of Slack's
        │   └── UnknownRefusal    Slack refuses with a code that nobody knows here: it may pass
        ├── WorkspaceGone     the bot may not act in that workspace until somebody there lets it
        └── DeliveryUnknown   it may have arrived: look before sending again
"""

from bot.language import mark, say


class BotError(Exception):
    """What a person is told when something cannot be done.

    `hint` is one plain sentence or two, complete on their own and safe to show, in the language spoken
    where the error arose (the class has it in English, for `say`);
    `detail` is for the log only and must already be free of secrets.
    """

    hint = mark("Something went wrong on my side. Please try again in a minute.")

    def __init__(self, hint: str | None = None, *, detail: str = "") -> None:
        self.hint = hint or say(type(self).hint)
        self.detail = detail
        super().__init__(detail or self.hint)


class UsageError(BotError):
    """The words of a command were not understood."""

    hint = mark("I did not understand that. Type `/ecotaxa help` to see what I can do.")


class BegunBefore(BotError):
    """Slack delivered again what was begun before, and may have been done."""

    hint = mark("I was interrupted while I did this. Look whether it was done before you ask again.")


class NotLinked(BotError):
    """The person has linked no EcoTaxa account."""

    hint = mark("I don't know your EcoTaxa account yet.")


class TokenUnreadable(BotError):
    """A stored token cannot be opened with any of the keys in `TOKEN_KEYS`."""

    hint = mark("I can no longer read your saved EcoTaxa sign-in. Please link your account again.")


class TicketUnreadable(BotError):
    """The link to the linking page is too old, was changed, or was never made by this bot."""

    hint = mark(
        "This address is not good, or not any more: it works for ten minutes, and has to be opened whole."
        " Type `/ecotaxa link` in Slack to get another."
    )


class TicketUsed(BotError):
    """An account was linked already with this link to the linking page."""

    hint = mark(
        "This address was used already, and works once. My direct message in Slack says which account was"
        " linked with it. Type `/ecotaxa link` there to get another."
    )


class DatabaseUnusable(BotError):
    """The database is gone, locked, full or no good; `detail` is one line without secrets."""

    hint = mark("I cannot get at my own records right now. Please try again in a few minutes.")


class EcoTaxaError(BotError):
    """EcoTaxa did not do what was asked."""


class TokenRejected(EcoTaxaError):
    """EcoTaxa no longer accepts the person's token."""

    hint = mark("EcoTaxa no longer accepts your sign-in. Please link your account again.")


class LoginRefused(EcoTaxaError):
    """EcoTaxa does not know this e-mail with this password."""

    hint = mark("EcoTaxa did not accept this e-mail and password.")


class NotAllowed(EcoTaxaError):
    """EcoTaxa knows who asks, and says no (403)."""

    hint = mark("EcoTaxa does not let you do that: it is probably someone else's job.")


class NotFound(EcoTaxaError):
    """There is no such thing (404)."""

    hint = mark("EcoTaxa has no such job. It may have been deleted: finished jobs are kept for 7 days.")


class Invalid(EcoTaxaError):
    """EcoTaxa could not make sense of the request (422)."""

    hint = mark("EcoTaxa did not understand the request.")


class Unavailable(EcoTaxaError):
    """EcoTaxa did not answer, or answered that it cannot."""

    hint = mark("EcoTaxa does not answer right now. Please try again in a few minutes.")


class NoFile(EcoTaxaError):
    """The job has no file to fetch."""

    hint = mark("This job has no file. Only finished exports have one.")


class NoLog(Unavailable):
    """EcoTaxa stumbles over the job's log: in a job's first moments there is none."""

    hint = mark("EcoTaxa has no log of this job yet. Please try again in a moment.")


class UnexpectedAnswer(EcoTaxaError):
    """EcoTaxa answered something that this client does not know."""

    hint = mark(
        "EcoTaxa answered something I did not expect. Please try again, or look at the job in EcoTaxa."
    )


class SlackError(BotError):
    """Slack did not take a message."""


class SlackBusy(SlackError):
    """Slack asks to wait `retry_after` seconds."""

    def __init__(self, retry_after: float, *, detail: str = "") -> None:
        super().__init__(detail=detail)
        self.retry_after = retry_after


class PlaceGone(SlackError):
    """The channel or the person cannot be written to any more."""


class MessageGone(SlackError):
    """The message cannot be updated any more."""


class MessageRefused(SlackError):
    """Slack refuses what was sent: ours to mend."""


class UnknownRefusal(MessageRefused):
    """Slack refuses with a code that this bot does not know: perhaps the message, perhaps a passing state."""


class WorkspaceGone(SlackError):
    """The bot may not act in that workspace, until its operator or an administrator there lets it again."""


class DeliveryUnknown(SlackError):
    """Slack may or may not have taken the message."""

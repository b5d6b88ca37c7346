"""The modals that are not a question's form: linking an account, waiting, and saying how it went; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slackblocks import EmailInput, InputBlock, Markdown, ModalView, PlainTextInput, SectionBlock

from bot.errors import BotError, LoginRefused, NotAllowed, TokenRejected
from bot.ids import Modal
from bot.language import mark, say
from bot.links import Token
from bot.text import clip, plain, sentences

EMAIL, PASSWORD, TOKEN = "email", "password", "token"
"""What each input is called, both its block and its action."""

_TITLE = mark("Link EcoTaxa")
_HOW = mark(
    "Sign in with your EcoTaxa e-mail and password: they become a token at once and are never stored. Or"
    " paste a token.\n\n"
    "What you type here passes through Slack, and the password is not hidden as you type it. To keep it out"
    " of Slack, run `ecotaxa-bot token` on your own computer: it prints a token to paste below."
)


def link_modal(private_metadata: str, *, error: str | None = None, email: str = "") -> dict[str, Any]:
    """The modal that links an account; `error`, a sentence of ours, says why it is shown again.

    Raises slackblocks' LengthError when `private_metadata` is longer than Slack's 3,000 characters.
    """
    address = EmailInput(EMAIL, initial_value=email or None)
    blocks = [
        SectionBlock(Markdown(say(_HOW), verbatim=True), block_id="how"),
        InputBlock(say("E-mail"), address, block_id=EMAIL, optional=True),
        InputBlock(say("Password"), PlainTextInput(PASSWORD), block_id=PASSWORD, optional=True),
        InputBlock(
            say("Or a token"),
            PlainTextInput(TOKEN),
            block_id=TOKEN,
            optional=True,
            hint=say("With a token, leave the rest empty."),
        ),
    ]
    if error:
        blocks.insert(
            0, SectionBlock(Markdown(f"⚠️ {sentences(error, 1_000)}", verbatim=True), block_id="error")
        )
    return ModalView(
        plain(say(_TITLE), 24),
        blocks,
        submit=say("Link"),
        close=say("Cancel"),
        callback_id=str(Modal.LINK),
        private_metadata=private_metadata,
    ).to_dict()


def checking_modal() -> dict[str, Any]:
    """What stands there while EcoTaxa takes its time."""
    return plain_modal(say(_TITLE), say("⏳ Checking with EcoTaxa…"))


def plain_modal(title: str, text: str) -> dict[str, Any]:
    """A modal that only says something: `text` is mrkdwn of ours, foreign words in it made safe before."""
    said = SectionBlock(Markdown(clip(text, 3_000), verbatim=True), block_id="said")
    return ModalView(plain(title, 24), [said], close=say("Close"), callback_id=str(Modal.PLAIN)).to_dict()


@dataclass(frozen=True, slots=True)
class LinkFields:
    """What a person filled into the link modal; its secrets never show themselves."""

    email: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "LinkFields":
        """Read the view that Slack sends back."""
        values = view["state"]["values"]
        email, password, token = (
            str(values.get(name, {}).get(name, {}).get("value") or "") for name in (EMAIL, PASSWORD, TOKEN)
        )
        # EcoTaxa gives its token as a JSON string, and people paste it with its quotes.
        return cls(email.strip(), password, token.strip().strip("\"'").strip())

    @property
    def block(self) -> str:
        """The input that is tried."""
        return TOKEN if self.token else PASSWORD

    def errors(self, now: datetime) -> dict[str, str]:
        """What is wrong with them by the input it stands at; empty when EcoTaxa can be asked."""
        if self.token:
            return self._token_errors(now)
        if not self.email:
            return {EMAIL: say("Your e-mail and password, or a token below.")}
        return {} if self.password else {PASSWORD: say("Your EcoTaxa password, or a token below.")}

    def _token_errors(self, now: datetime) -> dict[str, str]:
        try:
            token = Token.read(self.token)
        except ValueError:
            return {TOKEN: say("This is no EcoTaxa token.")}
        if token.expires_at > now:
            return {}
        return {TOKEN: say("This token is too old: EcoTaxa no longer takes it.")}

    def blame(self, error: BotError) -> tuple[str | None, str]:
        """The input that `error` is about, or None, and what to say there."""
        if not isinstance(error, LoginRefused | TokenRejected | NotAllowed):
            return None, error.hint
        return self.block, say("EcoTaxa does not accept this token.") if self.token else error.hint

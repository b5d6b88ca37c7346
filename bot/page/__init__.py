"""The bot's own pages as HTML, for a browser without scripts, in the language spoken; no I/O.

Everything that is filled into the files beside this one is escaped by MarkupSafe, unless it is such a file.
"""

import base64
import hashlib
import re
from importlib.resources import files

from markupsafe import Markup

from bot.language import language_of, say, spoken_now


def _part(name: str) -> Markup:
    return Markup(files(__name__).joinpath(name).read_text("utf-8"))  # noqa: S704  # a file of ours


_SHELL, _FORM, _STYLE = _part("shell.html"), _part("form.html"), _part("style.css")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_CODE = re.compile(r"`([^`]+)`")

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The address is a right, to link or install: it is to be in no cache, no other site's log and no index.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}
"""With which each page is served, whatever it says."""


def form(*, slack_account: str, web_url: str, proof: str, email: str = "", error: str = "") -> str:
    """The form in which somebody signs in to EcoTaxa for a Slack account.

    `proof` comes back with it; `error`, a sentence, says why it is shown again, and `email` is what was
    typed then.
    """
    title = say("Link your EcoTaxa account")
    has_failed = Markup(' aria-invalid="true" aria-describedby="error"') if error else Markup("")
    focus = Markup(" autofocus")
    content = _FORM.format(
        error=_error(error),
        slack_label=say("Slack account"),
        slack_account=slack_account,
        ecotaxa_label=say("EcoTaxa"),
        ecotaxa_site=web_url.partition("://")[2] or web_url,
        advice=say(
            "Go on only if this Slack account is yours: whoever has it acts with your EcoTaxa account then."
        ),
        proof=proof,
        email_label=say("EcoTaxa e-mail"),
        email=email,
        email_state=has_failed + ("" if email else focus),
        password_label=say("EcoTaxa password"),
        password_state=has_failed + (focus if email else ""),
        submit=say("Link"),
        privacy=say(
            "Your password goes to EcoTaxa and is not kept: it becomes a token at once. It does not pass"
            " through Slack."
        ),
    )
    # Browsers' screen readers say the title first.
    return _page(title, content, tab=say("Error: {title}", title=title) if error else title)


def notice(title: str, text: str, way: tuple[str, str] | None = None) -> str:
    """A page that only says something; what stands between backticks in `text` is shown as typed.

    `way` is where to go from here: an address and what it is called.
    """
    content = Markup("<p>{}</p>").format(_typed(text))
    if way is not None:
        content += Markup('<p><a class="way" href="{}">{}</a></p>').format(*way)
    return _page(title, content)


def asked_language(accept_language: str) -> str:
    """The language that a browser asks for first, by its `Accept-Language`."""
    return language_of(accept_language.partition(",")[0].partition(";")[0].strip())


def _page(title: str, content: Markup, tab: str = "") -> str:
    return str(
        _SHELL.format(language=spoken_now(), title=tab or title, style=_STYLE, heading=title, content=content)
    )


def _error(text: str) -> Markup:
    if not text:
        return Markup("")
    return Markup('<p class="error" id="error" role="alert">{}</p>').format(_typed(text))


def _typed(text: str) -> Markup:
    typed = Markup("<code>{}</code>")
    parts = enumerate(_CODE.split(text))
    return Markup("").join(typed.format(part) if number % 2 else part for number, part in parts)

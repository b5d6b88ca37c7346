"""The language that a person reads: texts, plurals and numbers in it; no I/O but the catalogues' files.

Texts stand in the code in English, each inside `say`, `say_n` or `mark`; `bot/languages/*.po` have them
in the others.  Whose language it is stands in the context: a task takes on that of the one that began it.
"""

import gettext
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

CATALOGUES = Path(__file__).parent / "languages"

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr", "pt", "zh")
"""Those of EcoTaxa's own interface."""

_now: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language_of(locale: str) -> str:
    """The language to speak with somebody whose Slack locale is `fr-FR`, `pt_BR`, …; English for others."""
    try:
        language = Locale.parse(locale.replace("-", "_")).language
    except (UnknownLocaleError, ValueError, TypeError):
        return ENGLISH
    return language if language in LANGUAGES else ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak one of LANGUAGES within the block, and in the tasks that are begun in it."""
    before = _now.set(language)
    try:
        yield
    finally:
        _now.reset(before)


def spoken_now() -> str:
    """The language that is spoken here."""
    return _now.get()


def mark(text: str) -> str:
    """The English text itself: for constants, which `say` translates when they are shown."""
    return text


def say(text: str, /, **values: object) -> str:
    """A text of ours in the language spoken, with `values` in the place of its `{names}`."""
    told = _catalogue(_now.get()).gettext(text) if text else ""
    return told.format(**values) if values else told


def say_n(one: str, many: str, amount: int, /, **values: object) -> str:
    """A text that depends on an amount, whose place in it is `{n}`."""
    told = _catalogue(_now.get()).ngettext(one, many, amount)
    return told.format(n=number(amount), **values)


def listed(parts: Iterable[str]) -> str:
    """Short parts one after the other, with what the language puts between them."""
    return say(", ").join(parts)


def number(value: int) -> str:
    """A whole number as the language writes it: `12,345`, `12 345`, `12.345`."""
    return str(format_decimal(value, locale=_now.get()))


def decimal(value: float, places: int) -> str:
    """A number with so many decimals (at least one), as the language writes it: `1.5`, `1,5`."""
    rounded = Decimal(f"{value:.{places}f}")
    return str(format_decimal(rounded, format=f"#,##0.{'0' * places}", locale=_now.get()))


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    # Read only once somebody speaks it; compiled here, so that no step of an installation can forget it.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as texts:
        write_mo(compiled, read_po(texts, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

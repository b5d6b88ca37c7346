"""All texts of ours, as Babel finds them in the code, and what is wrong with their translations."""

import ast
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from gettext import c2py
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).parents[2]
SOURCES = ("bot", "handlers")
SANDBOX = "sandbox"
"""It stands for EcoTaxa and Slack, and says nothing of ours."""
KEYWORDS = {"say": (1,), "say_n": (1, 2), "mark": (1,)}
"""Which functions have texts, and in which of their arguments (as in the Makefile)."""

_COUNTED = range(1_000)
_SPAN = re.compile(r"`[^`]*`")
_LINK = re.compile(r"<[^<>]*>")


@cache
def texts() -> Catalog:
    """Every text that a translator gets."""
    found = Catalog()
    for source in SOURCES:
        for _, _, text, _, _ in extract_from_dir(
            ROOT / source,
            [("**.py", "python")],
            keywords=KEYWORDS,
            directory_filter=lambda folder: Path(folder).name != SANDBOX,
        ):
            found.add(text)
    return found


def unreachable() -> Iterator[str]:
    """Where in the code a text is said that Babel cannot find: in an f-string, or put together there."""
    found = {text for message in texts() if message.id for text in _forms(message.id)}
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            if SANDBOX in path.relative_to(ROOT).parts:
                continue
            nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
            imports = [it for it in nodes if isinstance(it, ast.ImportFrom) and it.module == "bot.language"]
            known = KEYWORDS.keys() & {name.name for it in imports for name in it.names}
            for text in (text for node in nodes for text in _said(node, known)):
                if getattr(text, "value", None) not in found:
                    yield f"{path.relative_to(ROOT)}:{text.lineno}: {ast.unparse(text)}"


def _said(node: ast.AST, known: Collection[str]) -> Iterator[ast.expr]:
    """The texts that a call says, but for constants that are marked where they are made."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
        for at in KEYWORDS[node.func.id]:
            text = node.args[at - 1]
            if node.func.id != "say" or isinstance(text, ast.Constant | ast.JoinedStr | ast.BinOp):
                yield text


def faults(translated: Catalog, wanted: Catalog) -> Iterator[str]:
    """What a translator still has to do, or did wrong, one line each."""
    right = Catalog(locale=translated.locale)
    if translated.plural_forms != right.plural_forms:
        yield f"plural forms: {translated.plural_forms} instead of {right.plural_forms}"
    known = {message.id for message in wanted if message.id}
    for message in translated:
        if message.id and message.id not in known:
            yield f"no such text: {message.id!r}"
    yield from (f"obsolete: {text!r}" for text in translated.obsolete)
    for message in wanted:
        if message.id:
            there = translated.get(message.id)
            told = _wrong(message, there, right) if there and there.id == message.id else ["missing"]
            yield from (f"{what}: {message.id!r}" for what in told)


def _wrong(wanted: Message, there: Message, right: Catalog) -> Iterator[str]:
    forms = _forms(there.string or "")
    if there.fuzzy:
        yield "fuzzy"
    if len(forms) != (right.num_plurals if wanted.pluralizable else 1):
        yield f"{len(forms)} plural forms"
    elif not all(forms):
        yield "not translated"
    else:
        text = _forms(wanted.id)[-1]
        for at, form in enumerate(forms):
            yield from _unlike(text, form, may_drop_n=wanted.pluralizable and _is_for_one(at, right))


def _unlike(text: str, form: str, *, may_drop_n: bool) -> Iterator[str]:
    """In what a translation differs from its text where it must not."""
    try:
        names, given = _names(text), _names(form)
    except ValueError:
        yield f"broken braces in {form!r}"
        return
    if given != names and not (may_drop_n and given == names - {"n"}):
        yield f"{sorted(given)} instead of {sorted(names)}"
    for what, marks in _MARKS.items():
        if marks(form) != marks(text):
            yield f"{what} {marks(form)} instead of {marks(text)}"


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


_MARKS: Mapping[str, Callable[[str], object]] = {
    "code": lambda text: sorted(_SPAN.findall(text)),
    "links": lambda text: sorted(_LINK.findall(text)),
    "line breaks": lambda text: text.count("\n"),
    "stars": lambda text: text.count("*"),
    "ticks": lambda text: text.count("`"),
    "signs": lambda text: sorted(char for char in text if unicodedata.category(char) == "So"),
    # What stands between two things is each language's own.
    "spaces around": lambda text: bool(text.strip(" ,、")) and (text[:1].isspace(), text[-1:].isspace()),
}


def _is_for_one(at: int, catalogue: Catalog) -> bool:
    """Whether a plural form is that of exactly one, and of nothing else."""
    form_of = c2py(catalogue.plural_expr)
    return [n for n in _COUNTED if form_of(n) == at] == [1]


def _forms(text: str | Sequence[str]) -> Sequence[str]:
    return (text,) if isinstance(text, str) else text

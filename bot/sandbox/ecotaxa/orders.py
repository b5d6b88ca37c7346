"""How the control interface's words become recipes."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bot.sandbox.ecotaxa.archive import MadeUpArchive
from bot.sandbox.ecotaxa.files import JobFile, huge
from bot.sandbox.ecotaxa.kinds import KINDS
from bot.sandbox.ecotaxa.recipes import Params, Recipe, export_recipe

_EXPORTS = ("GeneralExport", "SummaryExport", "BackupExport")
_LISTS = ("taxa", "errors", "infos", "warnings", "says")
_OPTIONS = {field.name for field in fields(Recipe)} - {"make_file", "job_type"}


def ordered(
    kind: str, *, seconds: float | None, names: Sequence[str] | None, options: Mapping[str, Any]
) -> Recipe:
    """The recipe of a kind, with what was ordered in its place.

    `names` are what the job asks for: people for `ask-users`, taxa for every other kind.  `options` are
    fields of Recipe, and `bytes`: the size of a file made on the fly.  Raises KeyError for an unknown kind,
    ValueError for an unknown option.
    """
    recipe = KINDS[kind].recipe
    if unknown := options.keys() - _OPTIONS - {"bytes"}:
        raise ValueError(f"no such option: {', '.join(sorted(unknown))}")
    changes: dict[str, Any] = {name: value for name, value in options.items() if name != "bytes"}
    changes |= {name: tuple(changes[name]) for name in _LISTS if name in changes}
    if seconds is not None:
        changes["seconds"] = seconds
    if names is not None:
        asked = "users" if kind == "ask-users" else "taxa"
        changes[asked] = {name: {} for name in names} if asked == "users" else tuple(names)
    if isinstance(changes.get("users"), list):
        changes["users"] = {name: {} for name in changes["users"]}
    if "bytes" in options:
        changes["make_file"] = _of_size(int(options["bytes"]))
    return replace(recipe, **changes)


def of_type(job_type: str, state: str) -> Recipe:
    """The recipe of an old job of that type that came to that state."""
    if job_type in _EXPORTS:
        return export_recipe(job_type)
    recipe = Recipe(job_type)
    match state:
        case "E":
            return replace(recipe, errors=(" - line 3: Missing Image 'nada.png'.",))
        case "A":
            return replace(
                recipe, users={"e. rodriguez": {"email": "e.rodriguez@example.org"}}, taxa=("part",)
            )
        case _:
            return recipe


def _of_size(size: int) -> Any:
    MadeUpArchive(size)  # refuses a size that cannot be while the order can still be refused

    def make(_rows: int, params: Params, at: datetime) -> JobFile:
        return huge(size, params, at)

    return make

"""A small language for what a JSON value must look like; it complains in Slack's words."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any


class Findings(list[str]):
    """What is wrong, in the words of `response_metadata.messages`."""

    def add(self, what: str, where: str) -> None:
        """Note that `what` is wrong at the JSON pointer `where`."""
        self.append(f"[ERROR] {what} [json-pointer:{where}]")


Check = Callable[[Any, str, Findings], None]
"""Looks at one value at one JSON pointer and adds what is wrong with it."""

Rule = Callable[[dict[str, Any], str, Findings], None]
"""Looks at a whole object, for what one field alone cannot tell."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A field that may not be missing."""

    check: Check


Fields = Mapping[str, Check | Needed]
"""The fields of an object."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an object of one `type` may and must hold."""

    fields: Fields
    rules: tuple[Rule, ...] = ()


def string(most: int | None = None, least: int = 0) -> Check:
    """A string; lengths are Unicode code points."""

    def check(value: Any, where: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.add("must provide a string", where)
        elif most is not None and len(value) > most:
            findings.add(f"must be less than {most + 1} characters", where)
        elif len(value) < least:
            findings.add(f"must be more than {least - 1} characters", where)

    return check


def web_address(most: int) -> Check:
    """An absolute http(s) address."""
    length = string(most, 1)

    def check(value: Any, where: str, findings: Findings) -> None:
        length(value, where, findings)
        if isinstance(value, str) and not value.startswith(("https://", "http://")):
            findings.add("must be a valid URL", where)

    return check


def boolean(value: Any, where: str, findings: Findings) -> None:
    """A true or false."""
    if not isinstance(value, bool):
        findings.add("must provide a boolean", where)


def number(least: float | None = None, most: float | None = None, *, whole: bool = True) -> Check:
    """A number within bounds, both included."""

    def check(value: Any, where: str, findings: Findings) -> None:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            findings.add("must provide a number", where)
        elif (least is not None and value < least) or (most is not None and value > most):
            findings.add(f"must be a number from {least} to {most}", where)

    return check


def one_of(*values: str) -> Check:
    """One of a few words."""

    def check(value: Any, where: str, findings: Findings) -> None:
        if value not in values:
            findings.add("must be a valid enum value", where)

    return check


def items(of: Check, least: int = 0, most: int | None = None) -> Check:
    """A list whose every item passes `of`."""

    def check(value: Any, where: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.add("must provide an array", where)
            return
        if len(value) < least:
            findings.add(f"must have at least {least} items", where)
        if most is not None and len(value) > most:
            findings.add(f"no more than {most} items allowed", where)
            return
        for index, item in enumerate(value):
            of(item, f"{where}/{index}", findings)

    return check


def anything(_value: Any, _where: str, _findings: Findings) -> None:
    """Whatever: a field that is known but not looked into."""


def record(fields: Fields, *rules: Rule) -> Check:
    """An object with these fields and no others."""
    kind = Kind(fields, rules)

    def check(value: Any, where: str, findings: Findings) -> None:
        if isinstance(value, dict):
            _check_fields(kind, value, where, findings)
        else:
            findings.add("must provide an object", where)

    return check


def typed(kinds: Mapping[str, Kind], allowed: Collection[str] | None = None) -> Check:
    """An object whose `type` is a key of `kinds` and, if given, one of `allowed`."""

    def check(value: Any, where: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", where)
            return
        name = value.get("type")
        kind = kinds.get(name) if isinstance(name, str) else None
        if kind is None or (allowed is not None and name not in allowed):
            findings.add(f"unsupported type: {name}", f"{where}/type")
            return
        _check_fields(kind, value, where, findings, extra=("type",))

    return check


def _check_fields(
    kind: Kind, value: dict[str, Any], where: str, findings: Findings, extra: tuple[str, ...] = ()
) -> None:
    for name, field in kind.fields.items():
        check, needed = (field.check, True) if isinstance(field, Needed) else (field, False)
        if name in value:
            check(value[name], f"{where}/{name}", findings)
        elif needed:
            findings.add(f"missing required field: {name}", where)
    for name in value:
        if name not in kind.fields and name not in extra:
            findings.add(f"invalid additional property: {name}", where)
    for rule in kind.rules:
        rule(value, where, findings)


def some_of(*names: str) -> Rule:
    """At least one of these fields is there, and not empty."""

    def rule(value: dict[str, Any], where: str, findings: Findings) -> None:
        if not any(value.get(name) for name in names):
            findings.add(f"must provide one of: {', '.join(names)}", where)

    return rule


def just_one_of(*names: str) -> Rule:
    """Exactly one of these fields is there."""

    def rule(value: dict[str, Any], where: str, findings: Findings) -> None:
        if sum(name in value for name in names) != 1:
            findings.add(f"must provide exactly one of: {', '.join(names)}", where)

    return rule


def not_both(one: str, other: str) -> Rule:
    """Not both of these fields are there."""

    def rule(value: dict[str, Any], where: str, findings: Findings) -> None:
        if one in value and other in value:
            findings.add(f"cannot provide both {one} and {other}", where)

    return rule


def ordered(low: str, high: str) -> Rule:
    """The number in `low` is not above the one in `high`."""

    def rule(value: dict[str, Any], where: str, findings: Findings) -> None:
        least, most = value.get(low), value.get(high)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            findings.add(f"{low} must not be more than {high}", where)

    return rule

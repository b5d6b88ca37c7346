"""Prometheus' queries, read with its own grammar: whether they ask for what a bot serves."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import promql_parser
from promql_parser import AggregateExpr, BinaryExpr, Call, Expr, MatrixSelector, ParenExpr, VectorSelector

TARGET = frozenset({"job", "instance", "namespace"})
"""The labels that Prometheus adds to whatever it reads."""
_OF_HISTOGRAM = re.compile(r"_(bucket|count|sum)$")


class Wrong(AssertionError):
    """A query asks for something that is not there."""


@dataclass
class Query:
    """A query, checked against the labels of each metric that is `served`; raises Wrong."""

    text: str
    served: Mapping[str, Set[str]]
    names: set[str] = field(default_factory=set)
    """The metrics that it asks for, as the bot names them."""
    values: set[str] = field(default_factory=set)
    """The values that it names of labels, but for those of Prometheus' own."""
    labels: Set[str] = frozenset()
    """The labels of its result."""

    def __post_init__(self) -> None:
        try:
            expression = promql_parser.parse(self.text)
        except ValueError as error:
            raise Wrong(f"{self.text}: {error}") from None
        self.labels = self._labels(expression)

    def _labels(self, expression: Expr) -> Set[str]:
        match expression:
            case VectorSelector():
                return self._selected(expression)
            case MatrixSelector():
                return self._selected(expression.vector_selector)
            case AggregateExpr():
                of = self._labels(expression.expr)
                by = frozenset(expression.modifier.labels) if expression.modifier else frozenset()
                return self._among(by, of)
            case Call():
                of = frozenset().union(*map(self._labels, expression.args))
                return of - {"le"} if expression.func.name == "histogram_quantile" else of
            case BinaryExpr():
                left, right = self._labels(expression.lhs), self._labels(expression.rhs)
                if expression.modifier and (matching := expression.modifier.matching):
                    self._among(frozenset(matching.labels), left & right)
                return left or right
            case ParenExpr():
                return self._labels(expression.expr)
            case _:
                return frozenset()

    def _selected(self, selector: VectorSelector) -> Set[str]:
        name = selector.name or ""
        base = name if name in self.served else _OF_HISTOGRAM.sub("", name)
        if base not in self.served:
            raise Wrong(f"{name} is no metric of the bot's")
        self.names.add(base)
        labels = self.served[base] | TARGET | ({"le"} if name.endswith("_bucket") else frozenset())
        for matcher in selector.matchers.matchers:
            self._among({matcher.name}, labels)
            self.values |= {*matcher.value.split("|")} if matcher.name not in TARGET else set()
        return labels

    def _among(self, wanted: Set[str], there: Set[str]) -> Set[str]:
        if not wanted <= there:
            raise Wrong(f"{self.text}: no label {', '.join(sorted(wanted - there))}")
        return wanted

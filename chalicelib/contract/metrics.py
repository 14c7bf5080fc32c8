"""The quality metrics of a document: which there are for a task, which direction is better, how they are written.

No metric is computed here, that is done in `jobs/metrics`, whose catalogue travels in every document that holds metrics
(docs/formats.md, "catalogue"). What has to be known without a document, and for documents of releases that told none,
is generated from it (`catalogue`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.contract.catalogue import FACTS
from chalicelib.contract.evaluation import Estimate

RATIO, AMOUNT = "ratio", "amount"
"""How a value is printed: four decimals, or, in the unit of what is predicted, four digits that mean something."""
ABSENT = "-"
TITLE_LIMIT = 60
_SMALLER = "smaller"
_NOTHING, _WORDLESS = 1e-12, 1e15


class Task(StrEnum):
    """What kind of answer is learned."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as people read it. `headline`: its place among those one wants to see first, 0 for the others."""

    name: str
    title: str
    smaller_is_better: bool = False
    format: str = RATIO
    headline: int = 0

    @property
    def larger_is_better(self) -> bool:
        return not self.smaller_is_better

    def number(self, value: float | None) -> str:
        return number(value, self.format)

    def signed(self, value: float | None) -> str:
        return signed(value, self.format)

    def reach(self, score: Estimate) -> str:
        """The 95 % interval of a value, or that and how few rows there are for one; empty where there is neither.

        >>> Metric("auc", "ROC AUC").reach({"value": 0.9, "low": 0.85, "high": 0.94})
        '0.8500 to 0.9400'
        >>> Metric("auc", "ROC AUC").reach({"value": 0.9, "few": {"rows": 4, "of": "yes", "low": 0.5, "high": 1.0}})
        'too few to tell: 4'
        """
        few, low, high = score.get("few"), score.get("low"), score.get("high")
        if few:
            return f"too few to tell: {few['rows']:,}"
        return "" if low is None or high is None else f"{self.number(low)} to {self.number(high)}"


class Metrics:
    """The metrics of one document, or those of a task."""

    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._by_name = {metric.name: metric for metric in metrics}
        first = sorted((metric for metric in metrics if metric.headline), key=lambda metric: metric.headline)
        self.headlines = tuple(metric.name for metric in first)
        """What a person wants to see first."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def __getitem__(self, name: str) -> Metric:
        """The metric of this name; one that is not known has its name for a title."""
        return self._by_name.get(name) or Metric(name, name.replace("_", " ").capitalize())


def _known(*chosen: Task) -> Metrics:
    first = chosen[0] if len(chosen) == 1 else ""
    return Metrics(
        tuple(
            Metric(name, title, direction == _SMALLER, form, headline.get(first, 0))
            for name, title, tasks, direction, form, headline in FACTS
            if not {*chosen}.isdisjoint(tasks)
        )
    )


METRICS = {task: _known(task) for task in Task}
ALL = _known(*Task)
"""Those of all tasks."""
NAMES = frozenset(ALL.names)
DEFAULT_GATE = {task: metrics.headlines[0] for task, metrics in METRICS.items()}


def deciding(asked: str, task: Task) -> str:
    """The metric that decides at a gate where this one is asked for; "auto" is the task's default.

    >>> deciding("auto", Task.REGRESSION), deciding("f1", Task.BINARY)
    ('r2', 'f1')
    """
    return DEFAULT_GATE[task] if asked == "auto" else asked


def told(document: Mapping[str, object], task: str) -> Metrics:
    """The metrics that a document tells of (its "catalogue"); the task's, where it is of a release that told none.

    >>> told({}, "binary")["auc"].title, told({}, "regression").headlines
    ('ROC AUC', ('r2', 'rmse', 'mae'))
    """
    entries = document.get("catalogue")
    found = tuple(filter(None, map(_read, entries))) if isinstance(entries, list | tuple) else ()
    if found:
        return Metrics(found)
    return METRICS[Task(task)] if task in set(Task) else Metrics(())


def _read(entry: Any) -> Metric | None:
    """An entry of a document's catalogue; None for what is none, so that a mail comes all the same."""
    if not isinstance(entry, Mapping):
        return None
    name, title, headline = entry.get("name"), entry.get("title"), entry.get("headline")
    if not isinstance(name, str) or not isinstance(title, str) or not title.isprintable():
        return None
    return Metric(
        name,
        title[:TITLE_LIMIT],
        entry.get("direction") == _SMALLER,
        AMOUNT if entry.get("format") == AMOUNT else RATIO,
        headline if isinstance(headline, int) else 0,
    )


def number(value: float | None, form: str = RATIO) -> str:
    """A metric's value as people read it; a dash for what is undefined. jobs/metrics/catalogue.py does the same.

    >>> number(0.91), number(27134.36), number(60.0702), number(0.00012), number(-2e-16), number(None)
    ('0.9100', '27,134', '60.07', '0.00012', '0.0000', '-')
    >>> number(60.0702, AMOUNT), number(3.0, AMOUNT), number(0.0123456, AMOUNT)
    ('60.07', '3.000', '0.01235')
    """
    if value is None:
        return ABSENT
    size = abs(value)
    if size >= _WORDLESS:
        return f"{value:.4g}"
    if form == AMOUNT:
        if abs(float(f"{value:.4g}")) >= 1000:
            return f"{value:,.0f}"
        return f"{value:#.4g}" if value else "0"
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.2f}"
    if size < _NOTHING:
        return "0.0000"  # what adding up leaves of nothing
    return f"{value:.4f}" if size >= 1e-3 else f"{value:.2g}"


def signed(value: float | None, form: str = RATIO) -> str:
    """A difference of two values, with its sign.

    >>> signed(0.03), signed(-1234.5, AMOUNT), signed(0.0), signed(None)
    ('+0.0300', '-1,234', '0.0000', '-')
    """
    return f"+{number(value, form)}" if value is not None and value > 0 else number(value, form)


def hyperparameter(value: str) -> str:
    """A hyperparameter's value as people read it: whole numbers and words as they are.

    jobs/metrics/catalogue.py does the same.

    >>> hyperparameter("0.123456789"), hyperparameter("1234567"), hyperparameter("hist")
    ('0.12346', '1234567', 'hist')
    """
    try:
        return value if value.lstrip("-").isdigit() else f"{float(value):.5g}"
    except ValueError:
        return value

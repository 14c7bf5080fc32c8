"""What is known of each metric, in one place: its name, title, direction, tasks, bounds, and how it is printed.

A new metric is one entry here and one function that computes it; documents, pages, mails and the check of relay.yaml
follow. What Lambda has to know of it travels in each document that holds metrics (`Catalogue.told`; docs/formats.md,
"catalogue"), and what it needs before there is a document (to check settings, to write of documents of old) is
generated from here by `make contract`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from jobs.documents.metrics import Shown, Telling
from jobs.metrics.confusion import FloatArray
from jobs.metrics.predictions import Predictions
from jobs.settings import MONITORING

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
TASKS = (BINARY, MULTICLASS, REGRESSION)
LARGER, SMALLER = "larger", "smaller"
RATIO, AMOUNT = "ratio", "amount"
"""How a value is printed: four decimals, or, in the unit of what is predicted, four digits that mean something."""
ABSENT = "-"
_NOTHING, _WORDLESS = 1e-12, 1e15

Function = Callable[[Predictions, FloatArray], float]
"""Predictions and the weights (rows,) that their rows have, 1 each for the plain value; NaN where undefined."""


@dataclass(frozen=True)
class Entry:
    """One metric."""

    name: str
    """In documents and settings; stored, so it never changes."""
    title: str
    """As people read it, in every place; ASCII, for it stands in subjects of mails."""
    tasks: tuple[str, ...]
    direction: str = LARGER
    """Which value is the better model's."""
    format: str = RATIO
    lowest: float = 0.0
    highest: float = 1.0
    headline: Mapping[str, int] = field(default_factory=dict)
    """By task its place, from 1, among the few that a person wants to see first; the first decides unless told."""
    interval: bool = True
    """Whether it is resampled for a 95 % interval: a function that takes seconds is better left out."""
    published: bool = True
    """Whether documents name it; the others are for SageMaker's model-quality format only."""
    long: str = ""
    """What an abbreviation stands for, for pages."""
    function: Function | None = None
    """What computes it; None for those that `scores` computes together because they share their work."""
    undefined: str = "It is not defined on these rows."
    """The sentence where `function` gives NaN."""

    @property
    def smaller_is_better(self) -> bool:
        return self.direction == SMALLER

    @property
    def is_share(self) -> bool:
        """Whether it is a share of rows, right ones of all: between 0 and 1, and 1 means that all are right."""
        return self.direction == LARGER and (self.lowest, self.highest) == (0.0, 1.0)

    @property
    def has_unit(self) -> bool:
        """Whether it is in the unit of what is predicted, so that a loss is allowed as a share of its value."""
        return self.format == AMOUNT

    def number(self, value: float | None) -> str:
        return number(value, self.format)

    def signed(self, value: float | None) -> str:
        return signed(value, self.format)


class Catalogue:
    """Entries by name and by task, in their order."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_name = {entry.name: entry for entry in entries}
        if len(self._by_name) < len(self.entries):
            raise ValueError("two metrics have the same name")

    def __getitem__(self, name: str) -> Entry:
        """The entry of this name; one that says nothing but the name for a metric that is not known."""
        return self._by_name.get(name) or Entry(name, name, TASKS)

    def with_(self, *entries: Entry) -> Catalogue:
        """This catalogue and more entries."""
        return Catalogue([*self.entries, *entries])

    def of(self, task: str) -> tuple[Entry, ...]:
        """All that are computed for a task, the published ones first."""
        found = [entry for entry in self.entries if task in entry.tasks]
        return tuple(sorted(found, key=lambda entry: not entry.published))

    def names(self, task: str) -> tuple[str, ...]:
        """All metrics of a task, the published ones first."""
        return tuple(entry.name for entry in self.of(task))

    def published(self, task: str) -> tuple[str, ...]:
        """The metrics that documents name."""
        return tuple(entry.name for entry in self.of(task) if entry.published)

    def resampled(self, task: str) -> tuple[str, ...]:
        """Those with an interval: the order of every weighted statistic."""
        return tuple(entry.name for entry in self.of(task) if entry.interval)

    def headlines(self, task: str) -> tuple[str, ...]:
        """What a person wants to see first."""
        found = [entry for entry in self.of(task) if task in entry.headline]
        return tuple(entry.name for entry in sorted(found, key=lambda entry: entry.headline[task]))

    def deciding(self, monitoring: Mapping[str, object], task: str) -> str:
        """The metric that decides, of relay.yaml's "monitoring" or "gate": "auto", and one that the task does not have,
        is the metric that a gate decides by unless told otherwise.

        >>> CATALOGUE.deciding({}, "regression"), CATALOGUE.deciding({"metric": "f1"}, "binary")
        ('r2', 'f1')
        """
        named = str(monitoring.get("metric", MONITORING["metric"]))
        return named if named in self.published(task) else self.headlines(task)[0]

    def told(self, task: str) -> list[Shown]:
        """The key "catalogue" of a document of this task (docs/formats.md)."""
        return [
            {
                "name": entry.name,
                "title": entry.title,
                "long": entry.long or None,
                "direction": entry.direction,
                "format": entry.format,
                "interval": entry.interval,
                "headline": entry.headline.get(task),
            }
            for entry in self.of(task)
            if entry.published
        ]


def read(document: Telling, task: str) -> Catalogue:
    """The catalogue that a document was written with; ours, where it is of a release that told none."""
    told = document.get("catalogue")
    if not told:
        return CATALOGUE
    return Catalogue(
        [
            Entry(
                one["name"],
                one["title"],
                (task,),
                direction=one["direction"],
                format=one["format"],
                headline={} if one["headline"] is None else {task: one["headline"]},
                interval=one["interval"],
                long=one["long"] or "",
            )
            for one in told
        ]
    )


def number(value: float | None, form: str = RATIO) -> str:
    """A metric's value as people read it; a dash for what is undefined. chalicelib/contract/metrics.py does the same.

    >>> number(0.8178), number(0.00012), number(-2e-16), number(-27134.36), number(None)
    ('0.8178', '0.00012', '0.0000', '-27,134', '-')
    >>> [number(value, AMOUNT) for value in (27134.36, 999.96, 60.0702, 3.0, 0.0123456, 0)]
    ['27,134', '1,000', '60.07', '3.000', '0.01235', '0']
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

    chalicelib/contract/metrics.py does the same.

    >>> hyperparameter("0.123456789"), hyperparameter("1234567"), hyperparameter("hist")
    ('0.12346', '1234567', 'hist')
    """
    try:
        return value if value.lstrip("-").isdigit() else f"{float(value):.5g}"
    except ValueError:
        return value


_CLASSES, _ALL = (BINARY, MULTICLASS), float("inf")

CATALOGUE = Catalogue(
    [
        Entry("accuracy", "Accuracy", _CLASSES, headline={BINARY: 5, MULTICLASS: 4}),
        Entry("balanced_accuracy", "Balanced accuracy", _CLASSES),
        Entry("precision", "Precision", (BINARY,), headline={BINARY: 3}),
        Entry("recall", "Recall", (BINARY,), headline={BINARY: 4}),
        Entry("f1", "F1", (BINARY,), headline={BINARY: 2}),
        Entry("auc", "ROC AUC", (BINARY,), headline={BINARY: 1}, long="area under the ROC curve"),
        Entry("average_precision", "Average precision", (BINARY,)),
        Entry("auc_macro", "ROC AUC (macro)", (MULTICLASS,), headline={MULTICLASS: 5}),
        Entry("auc_weighted", "ROC AUC (weighted)", (MULTICLASS,)),
        Entry("average_precision_macro", "Average precision (macro)", (MULTICLASS,)),
        Entry("log_loss", "Log loss", _CLASSES, SMALLER, highest=_ALL),
        Entry("brier", "Brier score", (BINARY,), SMALLER),
        Entry("mcc", "MCC", _CLASSES, lowest=-1.0, long="Matthews correlation coefficient"),
        Entry("precision_macro", "Precision (macro)", _CLASSES, headline={MULTICLASS: 2}),
        Entry("recall_macro", "Recall (macro)", _CLASSES, headline={MULTICLASS: 3}),
        Entry("f1_macro", "F1 (macro)", _CLASSES, headline={MULTICLASS: 1}),
        Entry("precision_weighted", "Precision (weighted)", _CLASSES),
        Entry("recall_weighted", "Recall (weighted)", _CLASSES),
        Entry("f1_weighted", "F1 (weighted)", _CLASSES),
        Entry("mae", "MAE", (REGRESSION,), SMALLER, AMOUNT, highest=_ALL, headline={REGRESSION: 3},
              long="mean absolute error"),
        Entry("rmse", "RMSE", (REGRESSION,), SMALLER, AMOUNT, highest=_ALL, headline={REGRESSION: 2},
              long="root mean squared error"),
        Entry("r2", "R2", (REGRESSION,), lowest=-_ALL, headline={REGRESSION: 1}, long="coefficient of determination"),
        Entry("median_absolute_error", "Median absolute error", (REGRESSION,), SMALLER, AMOUNT, highest=_ALL),
        Entry("mape", "MAPE", (REGRESSION,), SMALLER, highest=_ALL, long="mean absolute percentage error, as a share"),
        Entry("explained_variance", "Explained variance", (REGRESSION,), lowest=-_ALL),
        # Named by SageMaker's model-quality format only; resampled too, because that format wants standard deviations.
        Entry("f0_5", "F0.5", (BINARY,), published=False),
        Entry("f2", "F2", (BINARY,), published=False),
        Entry("specificity", "Specificity", (BINARY,), published=False),
        Entry("f0_5_weighted", "F0.5 (weighted)", (MULTICLASS,), published=False),
        Entry("f2_weighted", "F2 (weighted)", (MULTICLASS,), published=False),
        Entry("mse", "MSE", (REGRESSION,), SMALLER, AMOUNT, highest=_ALL, published=False),
    ]
)  # fmt: skip
"""Every metric there is. In the order in which documents and pages hold them."""

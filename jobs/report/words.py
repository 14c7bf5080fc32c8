"""Numbers and names as the report writes them: rounded for people, never more digits than mean something."""

import re
from typing import Any

KINDS = {
    "numeric": "numbers",
    "categorical": "categories",
    "boolean": "yes / no",
    "date": "dates",
    "identifier": "identifiers",
    "constant": "constant",
    "text": "free text",
    "leak": "gives the answer away",
    "empty": "empty",
}
"""What a column is, in plain words."""
TITLES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "auc": "ROC AUC",
    "average_precision": "Average precision",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "mcc": "Matthews correlation",
    "auc_macro": "ROC AUC, macro",
    "auc_weighted": "ROC AUC, weighted",
    "average_precision_macro": "Average precision, macro",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
    "median_absolute_error": "Median absolute error",
    "mape": "Mean absolute percentage error",
    "explained_variance": "Explained variance",
} | {
    f"{name}_{average}": f"{title}, {average}"
    for name, title in (("precision", "Precision"), ("recall", "Recall"), ("f1", "F1"))
    for average in ("macro", "weighted")
}
HEADLINES = {
    "binary": ("auc", "f1", "precision", "recall", "accuracy"),
    "multiclass": ("f1_macro", "accuracy", "balanced_accuracy", "auc_macro"),
    "regression": ("r2", "rmse", "mae", "median_absolute_error"),
}
SMALLER_IS_BETTER = frozenset({"log_loss", "brier", "mae", "rmse", "median_absolute_error", "mape"})
ABSENT = "–"
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that reverse the direction of writing: `"stable"` must not be read backwards."""


def number(value: Any) -> str:
    """As many digits as mean something: three decimals below 1, thousands separated; a dash for None.

    >>> number(0.98), number(1234567.8), number(54.321), number(-0.00001234), number(None), number(3)
    ('0.980', '1,234,568', '54.3', '−1.2e-05', '–', '3')
    """
    if value is None:
        return ABSENT
    form = ","
    if not isinstance(value, int):
        steps = ((1000, ",.0f"), (10, ".1f"), (1.0005, ".2f"), (0.001, ".3f"))
        form = next((form for least, form in steps if abs(value) >= least), ".2g" if value else ".3f")
    written = format(value, form)
    return written.replace("-", "−", 1) if written.startswith("-") else written


def signed(value: Any) -> str:
    """A difference, with its sign: `+0.012`."""
    return ABSENT if value is None else ("+" if value > 0 else "") + number(value)


def percent(share: Any) -> str:
    """`12.3 %`; a dash for None."""
    return ABSENT if share is None else f"{100 * share:.1f} %"


def duration(seconds: Any) -> str:
    """`41 s`, `5 min 12 s`, `2 h 3 min`.

    >>> duration(41), duration(312), duration(7380)
    ('41 s', '5 min 12 s', '2 h 3 min')
    """
    if seconds is None:
        return ABSENT
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: Any) -> str:
    """Bytes in a unit people read: `1.2 MB`."""
    if count is None:
        return ABSENT
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} bytes"


def title(metric: str) -> str:
    """A metric's name in words."""
    return TITLES.get(metric, metric)


def cut(name: Any, limit: int = 80) -> str:
    """A user's name as long as a page can bear, without what would turn or break the text around it.

    >>> cut("x" * 100, 5)
    'xxxxx…'
    >>> cut("a\\u202eb\\x00")
    'a�b�'
    """
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", str(name))
    return text if len(text) <= limit else text[:limit] + "…"

"""Whether more or less of a metric of somebody's own is better, as far as its name says."""

from __future__ import annotations

import re
from collections.abc import Collection

_MORE = frozenset("accuracy acc auc aucpr roc_auc average_precision f1 precision recall r2 map ndcg score".split())  # noqa: SIM905
_LESS = frozenset("loss logloss mlogloss error merror rmse mae mse mape rmsle deviance".split())  # noqa: SIM905
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")


def maximized(metric: str, minimize: Collection[str] = (), maximize: Collection[str] = ()) -> bool | None:
    """Whether more of it is better; None where neither the two lists nor its name says it.

    >>> maximized("validation:log_loss"), maximized("Balanced-Accuracy"), maximized("lift"), maximized("loss_score")
    (False, True, None, None)
    """
    if metric in minimize or metric in maximize:
        return metric in maximize
    words = set(_BETWEEN_WORDS.split(metric.lower()))
    more, less = bool(words & _MORE), bool(words & _LESS)
    return more if more != less else None

"""What the training rows look like, in Model Monitor's formats: statistics.json and constraints.json.

Taken from the raw training part, so that later traffic is compared with what the model learned from. Beside the ten
equal buckets that Model Monitor draws, numbers carry a sketch (at most 2,048 values, each standing for 2^level rows),
from which quantiles and distances can be computed for skewed columns as well. The target is in the statistics, last,
for the drift of predictions; it is not in the constraints, because requests do not carry it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.prepare.typed import Typed
from jobs.tables.words import Words

_BUCKETS = 10
_SKETCH_VALUES = 2_048
_SORTED_AT_MOST = 1 << 17
_SHOWN_WORDS = 1_000

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def statistics(columns: Sequence[Typed], rows: Rows) -> dict[str, Any]:
    """statistics.json of the given rows."""
    return {
        "version": 0.0,
        "dataset": {"item_count": len(rows)},
        "features": [_statistics(column, rows) for column in columns],
    }


def constraints(columns: Sequence[Typed], rows: Rows) -> dict[str, Any]:
    """constraints.json of the given rows."""
    return {
        "version": 0.0,
        "features": [_constraints(column, rows) for column in columns],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": 1.0,
            "domain_content_threshold": 1.0,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": 0.1,
                "comparison_method": "Robust",
            },
        },
    }


def inferred_type(column: Typed) -> str:
    """Model Monitor's word for the kind."""
    if column.kind == "empty":
        return "Unknown"
    if is_numeric(column):
        return "Integral" if column.facts.get("integer") else "Fractional"
    return "String"


def is_numeric(column: Typed) -> bool:
    """Whether the cells are written as numbers; identifiers made of digits are words."""
    return column.numbers is not None and column.words is None


def _statistics(column: Typed, rows: Rows) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "inferred_type": inferred_type(column)}
    if is_numeric(column):
        assert column.numbers is not None  # noqa: S101  what is_numeric says
        described["numerical_statistics"] = _numerical(column.numbers[rows])
    elif column.words is not None:
        described["string_statistics"] = _string(column.words, rows)
    return described


def _numerical(values: Floats) -> dict[str, Any]:
    present = values[~np.isnan(values)]
    common = {"num_present": len(present), "num_missing": len(values) - len(present)}
    if not len(present):
        return {"common": common}
    low, high = float(present.min()), float(present.max())
    counts, edges = np.histogram(present, bins=_BUCKETS, range=(low, high) if high > low else (low, low + 1))
    buckets = [
        {"lower_bound": float(edges[i]), "upper_bound": float(edges[i + 1]), "count": float(count)}
        for i, count in enumerate(counts)
    ]
    return {
        "common": common,
        "mean": float(present.mean()),
        "sum": float(present.sum()),
        "std_dev": float(present.std()),
        "min": low,
        "max": high,
        "distribution": {"kll": {"buckets": buckets, "sketch": _sketch(present)}},
    }


def _sketch(present: Floats) -> dict[str, Any]:
    """Every 2^level-th value in order; the lower levels, which would hold single values, are empty."""
    thinned = present[:: max(1, -(-len(present) // _SORTED_AT_MOST))]
    level = max(0, math.ceil(math.log2(len(present) / _SKETCH_VALUES)))
    wanted = max(1, len(present) >> level)
    places = ((np.arange(wanted) + 0.5) * len(thinned) / wanted).astype(np.int64)
    data: list[list[float]] = [[] for _ in range(level)]
    return {"parameters": {"c": 0.64, "k": float(_SKETCH_VALUES)}, "data": [*data, np.sort(thinned)[places].tolist()]}


def _counted(words: Words, rows: Rows) -> tuple[npt.NDArray[np.int64], int]:
    counts = np.bincount(words.codes[rows] + 1, minlength=len(words.words) + 1)
    return counts[1:], int(counts[0])


def _string(words: Words, rows: Rows) -> dict[str, Any]:
    counts, missing = _counted(words, rows)
    order = np.argsort(-counts, kind="stable")[:_SHOWN_WORDS]
    order = order[counts[order] > 0]
    names = words.words.take(pa.array(order)).to_pylist()
    buckets = [{"value": name, "count": count} for name, count in zip(names, counts[order].tolist(), strict=True)]
    return {
        "common": {"num_present": len(rows) - missing, "num_missing": missing},
        "distinct_count": float(np.count_nonzero(counts)),
        "distribution": {"categorical": {"buckets": buckets}},
    }


def _constraints(column: Typed, rows: Rows) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "inferred_type": inferred_type(column)}
    if is_numeric(column):
        assert column.numbers is not None  # noqa: S101  what is_numeric says
        present = column.numbers[rows][~np.isnan(column.numbers[rows])]
        described["completeness"] = _share(len(present), len(rows))
        described["num_constraints"] = {"is_non_negative": bool(len(present) == 0 or present.min() >= 0)}
    elif column.words is not None:
        counts, missing = _counted(column.words, rows)
        described["completeness"] = _share(len(rows) - missing, len(rows))
        if column.kind in ("categorical", "boolean"):
            known = column.words.words.take(pa.array(np.flatnonzero(counts))).to_pylist()
            described["string_constraints"] = {"domains": sorted(known)}
    return described


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0

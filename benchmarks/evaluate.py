"""Computing all metrics and curves of binary predictions, against calling scikit-learn's functions one by one.

`python -m benchmarks.evaluate`. Both sides run in this process on the same arrays, alternately, best of three;
the ratio is what counts, not the seconds of this machine. Bootstrap intervals are timed on their own.
Memory is what our computing allocates at its peak, beyond the predictions themselves (numpy reports to tracemalloc).
"""

import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from jobs.metrics.bootstrap import deviations
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score, weighted_statistic

ROWS = 1_000_000
MANY_ROWS = 10_000_000


def made_up(rows: int) -> Predictions:
    """Overlapping scores of two classes, a fifth of the rows positive."""
    generator = np.random.default_rng(0)
    actual = (generator.random(rows) < 0.2).astype(np.int64)
    chance = np.clip(generator.normal(0.3 + 0.25 * actual, 0.18), 0, 1)
    return Predictions("binary", actual, (chance > 0.5).astype(np.int64), np.stack([1 - chance, chance], axis=1), 1)


def one_by_one(model: Predictions) -> dict[str, float]:
    """What a person would write with scikit-learn; the curves are computed too and thrown away."""
    from sklearn import calibration, metrics

    assert model.probability is not None
    truth, said, chance = model.actual, model.predicted, np.ascontiguousarray(model.probability[:, 1])
    values: dict[str, Any] = {
        "accuracy": metrics.accuracy_score(truth, said),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, said),
        "auc": metrics.roc_auc_score(truth, chance),
        "average_precision": metrics.average_precision_score(truth, chance),
        "log_loss": metrics.log_loss(truth, chance),
        "brier": metrics.brier_score_loss(truth, chance),
        "mcc": metrics.matthews_corrcoef(truth, said),
    }
    for average, suffix in (("binary", ""), ("macro", "_macro"), ("weighted", "_weighted")):
        values[f"precision{suffix}"] = metrics.precision_score(truth, said, average=average)
        values[f"recall{suffix}"] = metrics.recall_score(truth, said, average=average)
        values[f"f1{suffix}"] = metrics.f1_score(truth, said, average=average)
    metrics.confusion_matrix(truth, said)
    metrics.roc_curve(truth, chance)
    metrics.precision_recall_curve(truth, chance)
    calibration.calibration_curve(truth, chance, n_bins=10)
    return values


def measure() -> dict[str, float]:
    """Ratio and largest difference on a million rows, seconds of 200 resamples, peak bytes a row on 10^6 and 10^7."""
    model = made_up(ROWS)
    theirs, ours = _alternately(partial(one_by_one, model), partial(score, model))
    found, wanted = score(model).values, one_by_one(model)
    started = time.perf_counter()
    deviations(partial(weighted_statistic, model), model.actual.astype(np.int64), resamples=200)
    resampling = time.perf_counter() - started
    return {
        "seconds": ours,
        "scikit_learn_seconds": theirs,
        "ratio": ours / theirs,
        "largest_difference": max(abs(found[name] - value) for name, value in wanted.items()),
        "resampling_seconds": resampling,
        "peak_bytes_per_row": _peak(model) / ROWS,
        "peak_bytes_per_row_of_many": _peak(made_up(MANY_ROWS)) / MANY_ROWS,
    }


def _alternately(*calls: Callable[[], object]) -> list[float]:
    best = [float("inf")] * len(calls)
    for _ in range(3):
        for place, call in enumerate(calls):
            started = time.perf_counter()
            call()
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def _peak(model: Predictions) -> float:
    tracemalloc.start()
    try:
        score(model)
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def main() -> None:
    """Print the figures beside what they must reach."""
    found = measure()
    print(
        f"all metrics and curves of {ROWS:,} binary predictions: {found['seconds']:.3f} s, "
        f"scikit-learn one by one {found['scikit_learn_seconds']:.3f} s, ratio {found['ratio']:.3f} (at most 0.333)"
    )
    print(f"largest difference to scikit-learn: {found['largest_difference']:.1e} (at most 1e-9)")
    print(f"200 resamples for all intervals: {found['resampling_seconds']:.1f} s")
    print(
        f"peak memory beyond the predictions: {found['peak_bytes_per_row']:.1f} bytes a row at {ROWS:,} rows, "
        f"{found['peak_bytes_per_row_of_many']:.1f} at {MANY_ROWS:,}"
    )


if __name__ == "__main__":
    main()

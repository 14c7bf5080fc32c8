"""Numbers without labels: how far the estimated MAE and RMSE are off, beside NannyML's DLE, on drifting windows.

Four sets from packages. `cars` (NannyML's own used cars, with the answers that come with them: 60,000 rows of
reference, then twelve windows of 5,000, of which the later half has other cars); `diamonds` and `doctor_visits`, with
a gradient boosting of scikit-learn as the model, and sixteen windows of 1,000 rows drawn with a preference for high or
low values of two columns; `movies`, with the same model, learned and held out up to 1990, and windows of 1,000 films in
the order of the years after it, where the relation itself moves. Both tools get the same held-out rows and answers, and
neither the actual values of the windows. A small test set is what most models have: the same again with 2,000 held-out
rows, five different ones.

And what a watch must not do: windows of the same period as the held-out rows, and how many are called a certain loss.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import peers
from benchmarks.models.sets import PACKAGED, packages
from jobs.error_estimation import NAMES, errors
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation import AnswerCounts, estimate
from jobs.performance_estimation.estimate import loss_of

ACTUAL, PREDICTED = "y_true", "y_pred"
METRICS = ("mae", "rmse")
FEW, TIMES, WINDOWS, ROWS = 2_000, 5, 16, 1_000
CAR_ROWS, LAST_YEAR, MOST_WORDS, LARGEST_TILT = 5_000, 1990, 200, 2.5
SAME = ((300, 200), (1_500, 1_000))
"""Held-out rows, and rows of a window without drift."""
SAME_TIMES, SAME_WINDOWS = 2, 12
PIECE = 100_000
Frame = pd.DataFrame


@dataclass(frozen=True)
class Case:
    """`held_out` and its `windows`, with actual values and answers; `same`: more rows of the held-out ones' kind."""

    name: str
    held_out: Frame
    windows: tuple[Frame, ...]
    same: Frame


def measure() -> dict[str, Any]:
    """By set: mean errors of both, their ratio, coverage; over all sets the mean ratio; and false alarms."""
    figures: dict[str, Any] = {}
    same = []
    for case in cases():
        all_rows = compared(case, [case.held_out])
        draws = [case.held_out.sample(FEW, random_state=seed) for seed in range(TIMES)]
        figures[case.name] = {"all_rows": all_rows, "few_rows": compared(case, draws)}
        same.append(stable(case.same))
        figures[case.name]["seconds_a_million_rows"] = seconds_a_million_rows(case)
        print_case(case, figures[case.name], same[-1])
    for amount in ("all_rows", "few_rows"):
        for metric in METRICS:
            ratios = [figures[name][amount][metric]["ratio"] for name in list(figures) if name in _SETS]
            figures[f"mean_ratio_{amount}_{metric}"] = float(np.exp(np.mean(np.log(ratios))))
    rung, checks = (sum(one[place] for one in same) for place in range(2))
    return figures | {"stable": {"checks": checks, "rung": rung, "share": rung / checks}}


def cases() -> Iterator[Case]:
    """The sets, one after the other."""
    for name in _SETS:
        yield _cars() if name == "cars" else _modelled(name)


_SETS = ("cars", "diamonds", "doctor_visits", "movies")


def _cars() -> Case:
    folder = packages() / "nannyml" / "datasets" / "data"
    reference, current, actual = (
        pd.read_csv(folder / f"regression_synthetic_{part}.csv")
        for part in ("reference", "analysis", "analysis_targets")
    )
    outside = ["id", "timestamp"]
    held_out, rest = reference.drop(columns=outside), current.merge(actual, on="id").drop(columns=outside)
    windows = tuple(rest.iloc[start : start + CAR_ROWS] for start in range(0, len(rest), CAR_ROWS))
    return Case("cars", held_out, windows, held_out)


def _modelled(name: str) -> Case:
    generator = np.random.default_rng(5)
    frame = _typed(next(one for one in PACKAGED if one.name == name))
    if name == "movies":
        frame = frame.drop(columns="title").sort_values("year", kind="stable").reset_index(drop=True)
        known = generator.permutation(np.flatnonzero(frame["year"] <= LAST_YEAR))
        learned, held = np.array_split(known, 2)
        frame[PREDICTED] = _answers(frame, learned)
        later = frame[frame["year"] > LAST_YEAR]
        whole = len(later) // ROWS * ROWS
        windows = tuple(later.iloc[start : start + ROWS] for start in range(0, whole, ROWS))
        return Case(name, frame.iloc[held], windows, frame.iloc[held])
    learned, held, rest = np.array_split(generator.permutation(len(frame)), [len(frame) // 3, len(frame) * 7 // 12])
    frame[PREDICTED] = _answers(frame, learned)
    left = frame.iloc[rest]
    drawn = tuple(_tilted(left, generator) for _ in range(WINDOWS))
    return Case(name, frame.iloc[held[:8_000]], drawn, frame.iloc[np.concatenate([held, rest])])


def _typed(one: Any) -> Frame:
    """Numbers where all cells are; rows without a target left out."""
    frame = one.read().rename(columns={one.target: ACTUAL})
    for name in frame:
        cells = frame[name].replace("", np.nan)
        numbers = pd.to_numeric(cells, errors="coerce")
        is_number = bool((numbers.notna() == cells.notna()).all())
        frame[name] = numbers.astype(float) if is_number else frame[name].astype(str)
    known: Frame = frame[frame[ACTUAL].notna()].reset_index(drop=True)
    return known


def _answers(frame: Frame, learned: Any) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor  # takes a second to import

    matrix = frame.drop(columns=ACTUAL)
    words = [name for name in matrix if matrix[name].dtype == object]
    matrix = matrix.drop(columns=[name for name in words if matrix[name].nunique() > MOST_WORDS])
    for name in set(words) & set(matrix):
        matrix[name] = pd.factorize(matrix[name])[0]
    model = HistGradientBoostingRegressor(random_state=0, early_stopping=True)
    return model.fit(matrix.iloc[learned], frame[ACTUAL].iloc[learned]).predict(matrix)


def _tilted(frame: Frame, generator: np.random.Generator) -> Frame:
    """Rows drawn with a preference for one end of two columns of numbers."""
    numbers = [str(name) for name in frame if frame[name].dtype == float and frame[name].nunique() > 3]
    chosen = generator.choice([name for name in numbers if name not in {ACTUAL, PREDICTED}], 2, replace=False)
    ranks = [frame[name].rank(pct=True).fillna(0.5).to_numpy() for name in chosen]
    weights = np.exp(sum(generator.uniform(-LARGEST_TILT, LARGEST_TILT) * (2 * rank - 1) for rank in ranks))
    return frame.iloc[generator.choice(len(frame), ROWS, replace=False, p=weights / weights.sum())]


def compared(case: Case, held_out: list[Frame]) -> dict[str, Any]:
    """Mean absolute errors over the windows, averaged over the draws of held-out rows."""
    true = {name: np.array([score(_predictions(one)).values[name] for one in case.windows]) for name in NAMES}
    ours = [estimated(one, case.windows)[0] for one in held_out]
    theirs = [dle(one, case.windows) for one in held_out]
    found: dict[str, Any] = {}
    for name in NAMES:
        error, covered = _against([one[name] for one in ours], true[name])
        found[name] = {"error": error, "covered": covered}
        then = [score(_predictions(one)).values[name] for one in held_out]
        found[name]["unchanged_error"] = float(np.mean([np.abs(true[name] - one).mean() for one in then]))
        if name in METRICS:
            error_dle, covered_dle = _against([one[name] for one in theirs], true[name])
            found[name] |= {"error_dle": error_dle, "ratio": error / error_dle, "covered_dle": covered_dle}
    return found


def _against(told: list[Any], truth: Any) -> tuple[float, float]:
    error = np.mean([np.abs(one[:, 0] - truth).mean() for one in told])
    return float(error), float(np.mean([((one[:, 1] <= truth) & (truth <= one[:, 2])).mean() for one in told]))


def _predictions(frame: Frame) -> Predictions:
    return Predictions("regression", frame[ACTUAL].to_numpy(float), frame[PREDICTED].to_numpy(float))


def _columns(frame: Frame) -> dict[str, Any]:
    """As captured rows are read."""
    features = frame.drop(columns=[ACTUAL, PREDICTED])
    return {
        str(name): pa.array(cells).dictionary_encode() if cells.dtype == object else cells.to_numpy(float)
        for name, cells in features.items()
    }


def estimated(held_out: Frame, windows: Any) -> tuple[dict[str, Any], list[set[str]]]:
    """What a check says of every window: by metric (windows, 3) of value, low and high; and which are certain losses
    where none is allowed."""
    told = [one["metrics"] for one in judged(held_out, windows)]
    certain = [{name for name, one in metrics.items() if loss_of(name, one, 0.0) == "certain"} for metrics in told]
    ends = ("estimated", "low", "high")
    return {name: np.array([[one[name][end] for end in ends] for one in told], float) for name in NAMES}, certain


def kept(held_out: Frame) -> Any:
    """What answers.json keeps of held-out rows, as a check reads it."""
    given = _predictions(held_out)
    found = errors(_columns(held_out), given, score(given).values)
    return json.loads(json.dumps({"task": "regression", "errors": found}))


def judged(held_out: Frame, windows: Any) -> list[Any]:
    """The "estimate" of drift.json of every window."""
    answers, told = kept(held_out), []
    for window in windows:
        counts = AnswerCounts.empty(answers)
        counts.add(window[PREDICTED].to_numpy(float), None, _columns(window))
        told.append(estimate(answers, counts, {}))
    return told


def seconds_a_million_rows(case: Case) -> float:
    """Processor time of a check's own part: the expected sizes of the errors of rows that are read already."""
    counts = AnswerCounts.empty(kept(case.held_out))
    piece = case.held_out.sample(PIECE, replace=True, random_state=0)
    predicted, columns = piece[PREDICTED].to_numpy(float), _columns(piece)
    began = time.process_time()
    for _ in range(1_000_000 // PIECE):
        counts.add(predicted, None, columns)
    return time.process_time() - began


def dle(held_out: Frame, windows: Any) -> dict[str, Any]:
    """What NannyML says, in its own Python; it does not get the windows' actual values."""
    features = [name for name in held_out if name not in {ACTUAL, PREDICTED}]
    both = pd.concat([held_out, *windows], ignore_index=True)
    for name in features:
        if both[name].dtype == object:
            both[name] = both[name].astype("category")
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.pq") for name in ("reference", "current")}
        both.iloc[: len(held_out)].to_parquet(files["reference"])
        both.iloc[len(held_out) :].drop(columns=ACTUAL).reset_index(drop=True).to_parquet(files["current"])
        arguments = {
            "feature_column_names": features,
            "y_pred": PREDICTED,
            "y_true": ACTUAL,
            "metrics": list(METRICS),
            "chunk_size": len(windows[0]),
        }
        found = peers.ask({"tool": "DLE", "arguments": arguments, **files}, module=peers.ESTIMATES)
    return {name: np.array(rows) for name, rows in found.items()}


def stable(rows: Frame) -> tuple[int, int]:
    """Windows without drift that are called a certain loss of any metric, though none is allowed; and all of them."""
    rung = checks = 0
    for held, size in SAME:
        for seed in range(SAME_TIMES):
            mixed = rows.sample(frac=1, random_state=seed)
            starts = range(held, min(len(mixed) - size, held + SAME_WINDOWS * size) + 1, size)
            windows = [mixed.iloc[start : start + size] for start in list(starts)[:SAME_WINDOWS]]
            certain = estimated(mixed.iloc[:held], windows)[1]
            rung += sum(bool(one) for one in certain)
            checks += len(certain)
    return rung, checks


def print_case(case: Case, figures: dict[str, Any], same: tuple[int, int]) -> None:
    """The table that a person reads."""
    print(f"\n{case.name}: {len(case.held_out):,} held-out rows, {len(case.windows)} windows", flush=True)
    print(f"  a million rows take {figures['seconds_a_million_rows']:.1f} s of one processor")
    for amount in ("all_rows", "few_rows"):
        for name, one in figures[amount].items():
            beside = f"  DLE {one['error_dle']:.4g}, ratio {one['ratio']:.3f}" if "ratio" in one else ""
            held = f"{one['covered']:.0%}" + (f", DLE {one['covered_dle']:.0%}" if "ratio" in one else "")
            print(
                f"  {amount} {name}: off by {one['error']:.4g}, unchanged {one['unchanged_error']:.4g}{beside}; {held}"
            )
    print(f"  without drift: {same[0]} of {same[1]} windows rang", flush=True)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))

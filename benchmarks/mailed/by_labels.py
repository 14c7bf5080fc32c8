"""What labels say of a series of windows whose outcomes are known at their end: its quality, and changed outcomes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import acs
from benchmarks.mailed import Labelled
from chalicelib.settings.defaults import DEFAULTS
from jobs.ground_truth.measuring import Rule, compare
from jobs.metrics.intervals import measure
from jobs.metrics.predictions import Predictions
from jobs.relation.following import State, follow
from tests.relation.made_up import BEGAN, DAY, Made, labelled, promise

Frame = pd.DataFrame
WEEK = 7


def checks(
    answers: Frame, held_out: Any, windows: list[Any], seconds: Any, changed: int | None, *, is_binary: bool
) -> list[Labelled]:
    """A quality check at the end of each window, over all rows of the last `window_days` since training. `changed`:
    since which window outcomes are said to be others."""
    then = told_of(answers.iloc[held_out], is_binary=is_binary)
    classes = acs.CLASSES if is_binary else None
    metrics = measure(then, None, classes).candidate.metrics
    evaluation: Any = {"task": then.task, "rows": then.rows, "classes": classes}
    evaluation["metrics"] = {name: metric.to_json() for name, metric in metrics.items()}
    rule, span = Rule.of({}, then.task), DEFAULTS["monitoring"]["window_days"] * DAY
    made = []
    for number, rows in enumerate(windows):
        last = seconds[rows[-1]]
        window = np.flatnonzero((seconds > last - span) & (seconds >= seconds[windows[0][0]]) & (seconds <= last))
        found = compare(
            told_of(answers.iloc[window], is_binary=is_binary), classes, evaluation, rule, labelled=len(window)
        )
        lost = found.lost["amount"] / found.lost["allowed"] if found.lost else 1.0
        is_changed = changed is not None and number >= changed
        made.append(Labelled(datetime.fromtimestamp(last, UTC), found.state, max(lost, 1.0), is_changed))
    return made


def relation_changed(frame: Frame, answers: Frame, held_out: Any, windows: list[Any], *, is_binary: bool) -> int | None:
    """The number of the first window whose labels, with those before it, say that outcomes have changed; None if none.
    A week's labels are known at its end."""
    promised, bet = promise(
        Made(frame.iloc[held_out].to_numpy()[:, :3], told_of(answers.iloc[held_out], is_binary=is_binary))
    )
    state = State.nothing(promised, bet)
    for number, rows in enumerate(windows):
        made = Made(frame.iloc[rows].to_numpy()[:, :3], told_of(answers.iloc[rows], is_binary=is_binary))
        week = labelled(made, BEGAN + number * WEEK * DAY, str(number), over=WEEK * DAY)
        cells = pa.table({name: frame[name].iloc[rows].map("{:.6f}".format).tolist() for name in frame.columns})
        state = follow(
            state, promised, bet, replace(week, cells=cells, used=list(cells.column_names)), f"quality-{number}"
        )
        if state.evidence.changed is not None:
            return number
    return None


def told_of(part: Frame, *, is_binary: bool) -> Predictions:
    """What the model said of these rows, beside what was true."""
    if is_binary:
        return acs.answers(part)
    return Predictions("regression", part[acs.ACTUAL].to_numpy(float), part[acs.PROBABILITY].to_numpy(float))

"""FLAML with its own list of estimators, for the seconds that ours took."""

from typing import Any

import pandas as pd

from benchmarks.models.runners.answering import Predict, Question, main
from benchmarks.models.runners.frames import Columns


def fit(question: Question, train: pd.DataFrame, target: Any) -> Predict:
    from flaml import AutoML  # only in its own environment

    columns = Columns.of(train)
    regression = question["task"] == "regression"
    model = AutoML()
    model.fit(
        columns.typed(train),
        target,
        task="regression" if regression else "classification",
        metric="rmse" if regression else "log_loss",
        time_budget=question["seconds"],
        n_jobs=question["cores"],
        seed=0,
        verbose=0,
    )
    answer = model.predict if regression else model.predict_proba
    return lambda rows: answer(columns.typed(rows))


if __name__ == "__main__":
    main(fit)

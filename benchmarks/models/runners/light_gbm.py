"""LightGBM with its own defaults, words as categories."""

from typing import Any

import pandas as pd

from benchmarks.models.runners.answering import Predict, Question, main
from benchmarks.models.runners.frames import Columns


def fit(question: Question, train: pd.DataFrame, target: Any) -> Predict:
    import lightgbm  # only in its own environment

    columns = Columns.of(train)
    kind = lightgbm.LGBMRegressor if question["task"] == "regression" else lightgbm.LGBMClassifier
    model = kind(n_jobs=question["cores"], random_state=0, verbose=-1).fit(columns.typed(train), target)
    answer = model.predict if question["task"] == "regression" else model.predict_proba
    return lambda rows: answer(columns.typed(rows))


if __name__ == "__main__":
    main(fit)

"""CatBoost with its own defaults (a thousand trees, the learning rate that it chooses), words as categories."""

from typing import Any

import pandas as pd

from benchmarks.models.runners.answering import Predict, Question, main
from benchmarks.models.runners.frames import Columns, word_columns


def fit(question: Question, train: pd.DataFrame, target: Any) -> Predict:
    import catboost  # only in its own environment

    columns = Columns.of(train)

    def typed(frame: pd.DataFrame) -> pd.DataFrame:
        made = columns.typed(frame)
        return made.assign(**{name: made[name].astype(object).fillna("") for name in word_columns(made)})

    kind = catboost.CatBoostRegressor if question["task"] == "regression" else catboost.CatBoostClassifier
    model = kind(
        thread_count=question["cores"],
        random_seed=0,
        verbose=False,
        allow_writing_files=False,
        cat_features=word_columns(columns.typed(train.head(1))),
    ).fit(typed(train), target)
    answer = model.predict if question["task"] == "regression" else model.predict_proba
    return lambda rows: answer(typed(rows))


if __name__ == "__main__":
    main(fit)

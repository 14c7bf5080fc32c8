"""A regularised linear model: logistic or ridge regression, its penalty chosen on folds, words as zeros and ones."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.models.runners.answering import Predict, Question, main
from benchmarks.models.runners.frames import Columns, word_columns


def fit(question: Question, train: pd.DataFrame, target: Any) -> Predict:
    columns = Columns.of(train)
    typed = columns.typed(train)
    words = word_columns(typed)
    numbers = [name for name in typed if name not in words]
    given = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("words", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3), words),
        ]
    )
    regression = question["task"] == "regression"
    penalties = np.logspace(-4, 2, 13)
    model = make_pipeline(
        given,
        RidgeCV(1 / penalties)
        if regression
        else LogisticRegressionCV(Cs=penalties, cv=5, scoring="neg_log_loss", max_iter=1000),
    ).fit(typed, target)
    answer = model.predict if regression else model.predict_proba
    return lambda rows: answer(columns.typed(rows))


if __name__ == "__main__":
    main(fit)

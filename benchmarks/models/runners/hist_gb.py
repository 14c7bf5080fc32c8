"""scikit-learn's HistGradientBoosting with its own defaults; columns of more words than it takes as target means."""

from typing import Any

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder

from benchmarks.models.runners.answering import Predict, Question, main
from benchmarks.models.runners.frames import Columns, word_columns

MOST_WORDS = 255


def unfitted(question: Question, typed: pd.DataFrame) -> Any:
    """The model behind the target means, to be fitted."""
    regression = question["task"] == "regression"
    many = [name for name in word_columns(typed) if len(typed[name].cat.categories) > MOST_WORDS]
    means = TargetEncoder(target_type="continuous" if regression else question["task"], random_state=0)
    kind = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    model = kind(random_state=0, categorical_features="from_dtype")
    if not many:
        return model
    given = ColumnTransformer([("means", means, many)], remainder="passthrough", verbose_feature_names_out=False)
    return make_pipeline(given.set_output(transform="pandas"), model)


def fit(question: Question, train: pd.DataFrame, target: Any) -> Predict:
    columns = Columns.of(train)
    typed = columns.typed(train)
    model = unfitted(question, typed).fit(typed, target)
    answer = model.predict if question["task"] == "regression" else model.predict_proba
    return lambda rows: answer(columns.typed(rows))


if __name__ == "__main__":
    main(fit)

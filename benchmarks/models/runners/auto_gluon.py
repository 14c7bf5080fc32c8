"""AutoGluon's TabularPredictor, a preset, for the seconds that ours took; it reads the columns itself."""

import tempfile
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.models.runners.answering import Predict, Question, main

TARGET = "what is to be predicted"


def fit(question: Question, train: pd.DataFrame, target: Any) -> Predict:
    from autogluon.tabular import TabularPredictor  # only in its own environment

    regression = question["task"] == "regression"
    model = TabularPredictor(
        TARGET,
        problem_type=question["task"],
        eval_metric="root_mean_squared_error" if regression else "log_loss",
        path=tempfile.mkdtemp(prefix="autogluon-", dir=question["folder"]),
        verbosity=0,
    ).fit(
        train.assign(**{TARGET: target}),
        presets=question["options"]["preset"],
        time_limit=question["seconds"],
        num_cpus=question["cores"],
        num_gpus=0,
    )
    model.persist()  # in memory, as an endpoint would have it
    if regression:
        return lambda rows: model.predict(rows).to_numpy()
    places = range(len(question["classes"]))
    return lambda rows: np.asarray(model.predict_proba(rows)[list(places)])


if __name__ == "__main__":
    main(fit)

"""One HistGradientBoosting whose probabilities are Platt-scaled on five folds' answers: the measure of calibration."""

from typing import Any

import pandas as pd
from sklearn.calibration import CalibratedClassifierCV

from benchmarks.models.runners.answering import Predict, Question, main
from benchmarks.models.runners.frames import Columns
from benchmarks.models.runners.hist_gb import unfitted


def fit(question: Question, train: pd.DataFrame, target: Any) -> Predict:
    columns = Columns.of(train)
    typed = columns.typed(train)
    single = unfitted(question, typed)
    model = CalibratedClassifierCV(single, method="sigmoid", cv=5, ensemble=False).fit(typed, target)
    return lambda rows: model.predict_proba(columns.typed(rows))


if __name__ == "__main__":
    main(fit)

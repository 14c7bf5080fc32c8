"""How well a model answers when nobody has said yet what was right: estimated from its own confidence, or, of numbers,
from how large errors were on rows like these (jobs/error_estimation).

`calibration` keeps, at evaluation, what the confidence was worth on held-out rows; `AnswerCounts` counts what the live
model answers; `estimate` puts both together. It must not claim more than it can know: it holds as long as the relation
between inputs and outcome has not changed, which only labels can show.

    grid.py         confidence in steps             platt.py     how often an answer of a confidence is right
    calibration.py  that of the held-out rows       counts.py    what the traffic's answers were, as integers
    outcomes.py     confidence -> confusion matrix  rates.py     many matrices -> their metrics
    estimate.py     all of it -> what was lost      words.py     what that says to a person
"""

from jobs.performance_estimation.calibration import calibration
from jobs.performance_estimation.counts import AnswerCounts, merged
from jobs.performance_estimation.estimate import estimate

__all__ = ["AnswerCounts", "calibration", "estimate", "merged"]

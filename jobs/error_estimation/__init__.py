"""How far a model of numbers is off when nobody has said yet what was right: estimated from rows like these.

`errors` learns, at evaluation, how large errors are on which rows, and keeps what that was worth; `ErrorCounts` counts
what sizes the live model's rows are expected to have; `changes` puts both together.

    features.py   a row's columns and its answer, as numbers     model.py     the size of an error, learned: five models
    grid.py       sizes in steps                                 held_out.py  what that was worth on the held-out rows
    counts.py     the traffic's expected sizes, as integers      curve.py     what an expected size is worth
    estimate.py   all of it -> what changed
"""

from jobs.error_estimation.counts import ErrorCounts, merged
from jobs.error_estimation.estimate import NAMES, changes
from jobs.error_estimation.held_out import errors

__all__ = ["NAMES", "ErrorCounts", "changes", "errors", "merged"]

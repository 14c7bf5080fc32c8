"""How good answers are: numbers in, metrics out, all of it pure.

    catalogue      what is known of each metric: its name, title, direction, tasks, how it is printed
    contract       the part of the catalogue that Lambda must know, written out as a module of its own
    predictions    what a model said of rows whose truth is known
    scores         answers -> every metric of a task; confusion, ranking, losses, regression: the parts of it
    row_losses     the loss by row: models compared by their answers alone
    bootstrap      metrics -> how they vary with the rows
    intervals      metrics with 95 % intervals, each in the way that holds for it; few_rows: where there is none
                   ways: shares, matrix_intervals (drawn_counts), mean_intervals, ranking_intervals,
                   paired_intervals
    comparison     metrics beside those of another time, and whether a loss is certain
    max_loss       how much of a metric may be lost before it is an alert
    common_classes averages over classes that two sets of rows share

No file is read here and nothing is judged: what is good enough is the gate's business (`chalicelib/relay/verdicts.py`).
"""

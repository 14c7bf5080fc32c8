"""`python -m benchmarks models`: is a model as good as what the best open AutoML makes of the same rows and seconds?

    sets           the data: from packages that ship some, or from a folder of NAME.train.csv and NAME.test.csv
    splits         each set's pairs of training and test rows, by seed, the same for everybody; small draws, too
    entrants       who is measured, and in whose environment
    runs           one entrant on one pair: a process of its own, what it answered and what that cost
    losses         answers and truth to log loss, RMSE, AUC and calibration error
    results        a file of results that grows, so that a measurement can be stopped and taken up again
    rounds         the loop over sets, splits and entrants
    figures        results to the figures that have targets
    tables         figures and losses as Markdown
    serving        answer times, against AutoGluon and against one booster of as many trees
    million        the training on a million rows, against plain xgboost with as many trees
    targets        what the figures must reach
    runners        the processes: how each entrant is trained and asked, one module each

Hours, not minutes: `make benchmark` leaves it out. A peer never sees more than the training rows; all have the same
cores; AutoGluon and FLAML get the seconds that ours took.
"""

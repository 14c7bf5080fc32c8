"""Learning for `algorithm: auto`: many models, judged by rows they have not seen, answering as one.

    training        the whole, from a typed table to what is served
      problem       what is learned from, fold by fold
      rows          the rows as numbers, held at once or read in pieces
      features      one row of features for all folds, with each fold's own target means
      folds         which rows judge which
      optional      which kinds of features the data has no use for
      forms         the forms of trees that are tried beside a tuning's trials
    fitting         every member on every fold: linear (logistic and ridge regression), or trees
      growing       the trees of a fold: boosting (XGBoost), random_trees (cut at random)
      building      weights (selection), one booster of all (merging, in binary_json), calibration, decision, conformal
    alone           one booster of an algorithm that is not ours, in the same form
    document        ensemble.json, as types
    model           what was built, read back and asked: the only part that runs while serving, with what it imports
    contributions   what each column adds to an answer
    losses          what is made small, and how margins become probabilities

Members are weighed in margins, log-odds or the number itself, not in probabilities: so the whole ensemble is one sum of
trees and one linear function, and an answer costs what one booster of as many trees costs.

No effects, no clock that decides anything, and nothing random without a seed: the same rows give the same model. What
learns from the target is fitted per fold. Nothing is pickled: an artifact is XGBoost's own format and JSON.
"""

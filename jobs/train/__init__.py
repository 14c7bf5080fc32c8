"""The program that trains `algorithm: auto`: one trial of a tuning, or the ensemble of the best of them.

It runs in the XGBoost image's script mode, where SageMaker's tuner starts it with hyperparameters and reads the
metrics it prints. `__main__` starts `program` in a child and tells by `failure` why it did not end well; `program` has
the effects: channels in, the artifact out. `plan` is what Lambda wants (plan.json); `given` what the container hands
over, and `table` reads its rows; `trial` judges one set of hyperparameters; `figures` computes what is printed, in the
container's own form and under its own names, because SageMaker's tuner knows no others for this image; `error_sizes`
learns how far numbers are off, for the watch to come; `checkpoints` keeps finished folds; `artifact` puts together
what is served. What is learned stands in `jobs.ensemble`.

It never sees a test row: they are not among its channels.
"""

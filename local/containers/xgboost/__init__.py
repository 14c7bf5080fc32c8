"""SageMaker's built-in XGBoost 3.2-0 on a laptop: `training` (algorithm mode) and `inference` (its scoring service).

Written from the container's published source (aws/sagemaker-xgboost-container), by its behaviour: which
hyperparameters it takes, how it reads its channels, what it prints and how it fails, including where it is wrong,
because a tuner on AWS will meet the same. Not built: k-fold cross-validation (`_kfold`), Pipe mode, RecordIO, GPUs
and several hosts.
"""

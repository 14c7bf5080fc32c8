"""What each algorithm needs in a request: objectives, defaults, ranges. One so far: SageMaker's built-in XGBoost.

Another one is a module here with the same functions, and its name in `settings.DatasetSettings.algorithm`.
"""

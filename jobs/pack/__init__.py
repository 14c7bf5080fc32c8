"""The short step after `algorithm: xgboost`: encoder, booster and the code that serves them in one archive.

What the built-in algorithm leaves is its booster alone, and takes numbers. With the encoder of the same run it becomes
an archive of the form that `jobs.train` writes, so that one container answers raw rows: a serverless endpoint takes it,
a file in score/ or test/ is answered from it, and nothing else has to know which algorithm trained it.

    archive     both archives -> what the one holds
    __main__    the job: reads and writes
"""

"""One process a run: a question as JSON on standard input, answers for the test rows in a file, the cost as JSON out.

    answering      what all processes of peers share
    frames         typed columns, for those who want them
    light_gbm, cat_boost, hist_gb, flaml_automl, auto_gluon, linear, platt      one peer each
    processes      a step of ours as a process of its own
    ours           ours: preparing, the trials, the training, asking
    preparing, asking               its first and its last step
    serving_times, made_up_rows, plain          what serving and million start besides

The peers' run in environments of their own, so they import nothing of the project but each other.
"""

"""Monitoring of live models: what is checked when, what is told to whom, and when a model is trained again.

Built as the relay is: a small durable record (`record.py`), facts (`facts.py`), a pure and total `decide`
(`deciding.py`), commands that are written down before they are executed (`commands.py`). The statistics are the jobs'
(`jobs/drift`, `jobs/ground_truth`); here their verdicts become changes of state, mails and retrainings.

    findings.py      a result -> what changes, and who is told     episodes.py   what goes on: which mails it is worth
    retraining.py    when a model is trained again, when no more   documents.py  window.json, and what checks wrote
    mails.py         what was found, as mail                       labelled.py   what labels say, as mail
    mail_context.py  what those mails are written from             told_again.py what is new of what was told before
    going_back.py    whether the model before it should serve again
    troubles.py      what stands in the way, as mail               scored.py     files that were answered, as mail
    attempts.py      a check's jobs, one after the other           sharing.py    checks that share a job
"""

"""What a person meets first: `python -m local demo | run | up`.

It watches the relay from outside, as a user of AWS would: through the S3, DynamoDB and SageMaker clients and the
mailbox, never by reaching into the embedded cloud. So what it shows is what really can be seen.

    upload.py     the user's files and settings -> what is dropped in the bucket
    header.py     a data file -> the names of its columns, as the job reads them
    progress.py   what can be seen of a run: stages, trials, figures (plain data)
    observer.py   the clients' answers -> progress
    changes.py    two looks at the progress -> the lines to tell (pure)
    monitoring.py two looks at the monitor of a live model -> the lines to tell (pure)
    screen.py     the same on a terminal (rich) or as plain lines
    results.py    report, figures and mails into ./reports/<run>/
    relay_run.py  drop, watch, end: what `demo` and `run` share
    running_cloud.py  a cloud left running: what to type, and what happens in it
    programs.py   how a person starts a program from another shell
    cells.py      the cells that a mail speaks of, for who has the file
    commands.py   the command line
"""

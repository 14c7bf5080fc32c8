"""The user's and the maintainer's commands. Never shipped to Lambda.

Theory of operation
===================
A command looks at a deployment from outside. All it knows is boto3 and where to look; but for `deployment`, which is
about AWS alone, it works alike on a laptop and on AWS::

    arguments -> target.py: which deployment -> [ask AWS] -> a pure function: what the answer means -> lines, exit code

Clients, the clock and the AWS command line are handed in, so that every command can be tried without an account. What
cannot be told, because it may not be asked or has no meaning on a laptop, is said to be so and never counted as fine.

From the top down, each package importing only what stands below:

    cli                 the command line: `python -m ops`
    costs               prices, what a run will cost, the month so far
    doctor              a deployment looked over
    deployment          making one, changing it, taking it away
    account  drill      what the account has and allows; synthetic traffic that proves the monitor
    explaining          why a live model answers as it does
    looking             runs and models: listed, followed, compared
    this folder         target.py    where the deployment is          address.py  whether calls go to AWS or to a laptop
                        advice.py    the commands a person is told    endings.py  how a command ends
                        live.py      the model that serves a dataset  checks.py   a check now: ask, wait, tell
                        findings.py  drift.json in lines              dataset_status.py  how each dataset stands
                        diagram.py   the picture in the README        baselines.py  how training rows hang together
                        settings_schema.py  relay.yaml for editors  serving_costs.py  the table in docs/serving.md
                        rollback.py  the model before, back again     options.py   where a deployment is, as asked for
                        records.py   the relay's own records          bus.py       what is asked of the relay
                        wake.py      an endpoint that nobody asked, back again
                        console.py   the page of how all datasets stand, fetched
                        answering.py a model that waits for a person, approved or declined
                        cancelling.py  a run, ended         runs.py        the runs there have been
                        near.py      what may be meant        retraining.py  a run on the same data
                        dropping.py  a file, uploaded        plain_help.py  what --help shows
                        job_logs.py  what a job has written          patience.py  waiting until it is done

The laptop's cloud uses two things of this room, and this room nothing of the laptop's: the job scripts under a hash of
themselves (`deployment/code.py`), and what a person is told.
"""

"""The user's and the maintainer's commands. Never shipped to Lambda.

But for `deployment/`, which is about AWS alone, they look at a deployment from outside and work alike on a laptop and
on AWS: all they know is boto3 and where to look. From the top down, each package importing only what stands below:

    cli/         the command line: `python -m ops`
    doctor/      a deployment looked over
    deployment/  making one, changing it, taking it away      drill/  synthetic traffic that proves the monitor
    account/     what the account has and allows
    this folder  target.py   where the deployment is          address.py  whether calls go to AWS or to a laptop
                 advice.py   the commands a person is told    endings.py  how a command ends
                 live.py     the model that serves a dataset  checks.py   a check of the monitor: ask, wait, tell
                 findings.py drift.json in lines              dataset_status.py  how each dataset stands
                 diagram.py  the picture in the README
"""

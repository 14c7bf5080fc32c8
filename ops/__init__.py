"""The user's and the maintainer's commands. Never shipped to Lambda.

But for `deployment/`, which is about AWS alone, they look at a deployment from outside and work alike on a laptop and
on AWS: all they know is boto3 and where to look.

    commands.py  the command line: `python -m ops`           target.py  where the deployment is
    address.py   whether calls go to AWS or to a laptop
    live.py      the model that serves a dataset             checks.py  a check of the monitor: ask for it, wait, tell
    findings.py  drift.json in lines                         drill/     synthetic traffic that proves the monitor
    dataset_status.py  how each dataset stands               diagram.py the picture in the README
    doctor/      a deployment looked over                    deployment/ making one, changing it, taking it away
"""

"""Bringing SageRelay to an AWS account, changing it there, and taking it away again without a trace.

What a thing means is decided by pure functions on plain values; clients, the clock and the AWS command line are handed
in. Nothing here is shipped to Lambda, and nothing waits for what Lambda does.

    order.py      what was asked for, and its mistakes     package.py    the template and the zip
    preflight.py  what would go wrong, before it does      artifacts.py  the bucket the zip is taken from
    steps.py      deploying, step by step                  code.py       the job scripts, under a hash of themselves
    stacks.py     what a stack's state means               command_line.py  `aws cloudformation deploy`
    plan.py       a change set made, read and deleted      changes.py    what a change set says
    teardown.py   everything removed, and proved           owned_resources.py  what is its own, and how it goes
    removal.py    one thing after the other                tag_audit.py  what carries the tag, and is really there
    pause.py      nothing begins any more, and ended again  permissions.py  what a person must be allowed
    chalice_package.py  `chalice package` for Lambda's own machine, in a process of its own
    net.py        an AWS Budget over the tag, where asked for
    own_code.py   roles of datasets' own code, in a stack beside it
    job_logs.py   the log groups that all jobs share       scaling.py  an endpoint's, ended with it
    commands.py   the command line of all of it
"""

"""Bringing SageRelay to an AWS account, changing it there, and taking it away again without a trace.

What a thing means is decided by pure functions on plain values; clients, the clock and the AWS command line are handed
in. Nothing here is shipped to Lambda, and nothing waits for what Lambda does.

    order.py      what was asked for, and its mistakes     package.py   the template and the zip
    preflight.py  what would go wrong, before it does      artifacts.py the bucket the zip is taken from
    steps.py      deploy, step by step                     code.py      the job scripts, under a hash of themselves
    stacks.py     what a stack's state means               changes.py   what a change set says
    plan.py       a change set made, read and deleted      teardown.py  everything removed, and proved
    commands.py   the command line of all of it
"""

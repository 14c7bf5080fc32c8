"""Looking a deployment over, before and after it is made: `python -m ops doctor`. It changes nothing.

Each part asks AWS for one thing and has a pure function that says what the answer means. What may not be asked, or has
no meaning on a laptop, is said to be so and never counted as fine.

    deployed.py  the stack's objects                   work.py     sweep, dead letters, waiting runs
    money.py     what goes on costing, and its end     dead_letters.py  what one says, and doing it again
    fleets.py    whether endpoints are scaled           commands.py the command line
    examination.py  all of it in order

Credentials, region, image and quotas are `ops.account`'s.
"""

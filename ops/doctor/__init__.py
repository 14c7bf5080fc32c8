"""Looking a deployment over, before and after it is made: `python -m ops doctor`. It changes nothing.

Each part asks AWS for one thing and has a pure function that says what the answer means. What may not be asked, or has
no meaning on a laptop, is said to be so and never counted as fine.

    finding.py  one line of the result                 account.py   credentials, region, image
    quotas.py   what SageMaker's limits mean           deployed.py  the stack's objects
    work.py     sweep, dead letters, waiting runs      dead_letters.py  what one says, and doing it again
    money.py    what goes on costing, and how to end it
    page.py     how it is shown                        commands.py  the command line
    examination.py  all of it in order
"""

"""What a deployment costs, from outside: AWS's prices for it, what a run will cost, and the month so far.

listed.py    AWS's price list, read as the prices that are used here
plan.py      what a file would cost, and a month of its model
so_far.py    the month so far, the forecast, idle endpoints
commands.py  the command line
"""

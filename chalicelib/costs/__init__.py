"""What things cost on AWS, as far as a source says so. Pure: sums of plain values, nothing guessed.

prices.py       what a unit costs here: the shipped table under what a person has given
price_list.py   that table: each entry with its source and its month
spent.py        what a run has cost, job by job
estimate.py     what a run will take and cost, low to high
month.py        a month of a live model, line by line
crossing.py     whether another mode would cost less at the traffic that there is
budget.py       whether something may be started under a budget, and how long it may take
commitments.py  what steps, checks and endpoints may cost at most
"""

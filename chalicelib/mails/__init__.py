"""Every mail as text, from plain values: what happened, how good it is, what to look at, what it costs. Pure.

    messages.py  the mail to each event of a run        parts.py   the paragraphs that several mails share
    worth.py     what a model is worth                  gate.py    why it was promoted or rejected, and the way back
    money.py     what the run has cost, and what goes on    serving.py  how the model is served, and what that costs
    algorithms.py  which of several algorithms won
    promotion.py what serves from now on                gap.py     while no endpoint serves
    plain.py     a mail for when a better one cannot be written
    rollback.py  how a rollback ended                   cheaper.py  that another mode would cost less
    so_far.py    the month so far, and the weekly mail
    cancelled.py that a person has ended a run
    monthly.py   a month of a live model, line by line
    idle.py      that nobody asks an endpoint, or that it expires
    console.py   links into AWS's console               bills.py   what goes on costing

The mails of monitoring stand in `monitoring/mails.py`, made of the same parts.
"""

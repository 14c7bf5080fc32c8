"""What happens next in a run: a pure and total function from its record and an event to a record and commands.

deciding.py   the transition table, the heart of the project    endings.py    how a run moves on, and how it ends
failing.py    what a step that failed means                     legs.py       a run over several algorithms
documents.py  what jobs are given and what they wrote           comparing.py  the same of several algorithms compared
verdicts.py   whether a model is good enough                    stranded.py   runs at a stage that another release knows
unneeded.py   what a run leaves in SageMaker that nobody needs  worth.py      what is told of a model beside its metrics
plans.py      what a script is told before it trains            gate_metric.py  by which metric a gate decides
best.py       the best earlier model, and what it is afterwards
giving_way.py a live endpoint that is created anew for another mode
cancelling.py a run that a person ends
in_real_time.py  how a run goes on whose serverless endpoint AWS does not take
differences.py  the difference from another model, for decisions and for people
"""

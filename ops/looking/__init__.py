"""Runs and models, looked at: what the relay's records and the documents in the bucket say. Nothing is changed.

layout.py    columns that fit a terminal             commands.py  what is asked for, and how a command ends
described.py a run, for programs and in lines        compared.py  two runs beside each other
versions.py  all models of a dataset, with metrics   trials.py    what a tuning has tried
watching.py  a run as it goes on                     log_lines.py a stage's log
"""

"""What happens next in a run: a pure and total function from its record and an event to a record and commands.

deciding.py   the transition table, the heart of the project    documents.py  what the jobs wrote, read
verdicts.py   whether a model is good enough                    stranded.py   runs whose files were taken away
"""

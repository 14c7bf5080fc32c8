"""What is written down between two events: plain data and its invariants.

    run.py      one pass of data through the relay       commands.py  what is to be done, before it is done
    dataset.py  what stays true between runs             events.py    what happened
    envelopes.py  how an AWS envelope is read as an event
    legs.py     what one of several algorithms has come to in a run
    ledger.py   what a dataset has committed under its budget
    used.py     what a month's jobs are billed by
    traffic.py  how often a live model is asked          sweep.py  how the last sweep went
    idleness.py whether its endpoint has had its time
    orphans.py  what carries our tag and belongs to no record
    inputs.py   what a run is made of: objects and settings
    own_code.py code of the user's own: where it may run, and under which role
    going_back.py        from the model in service to the one before it
    training_again.py    that a person wants another model
    sleeping.py          that no endpoint serves it, because nobody asks
    defaults_changed.py  which run is the first with another release's default
    failed_trials.py     what of a tuning came to nothing
    handed_over.py       the documents that the jobs are handed, as types

What happens next in a run is decided in `relay/`; whether data is news, in `dataset.py` itself. The third record, of a
live model that is monitored, is `monitoring/record.py`. Stored names never change.
"""

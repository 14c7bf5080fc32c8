"""What is written down between two events: plain data, its invariants, and nothing that decides.

    run.py      one pass of data through the relay       commands.py  what is to be done, before it is done
    dataset.py  what stays true between runs             events.py    what happened, read from an AWS envelope
    orphans.py  what carries our tag and belongs to no record

The third record, of a live model being watched, is `monitoring/record.py`. Stored names never change.
"""

"""The ground truth job: how good the live model was on real traffic, once somebody knows the answers.

Label files are read whole (they bound the memory), captured traffic streams past and leaves only the rows that a label
belongs to. The job decides nothing but its own state: whether anyone is told, or anything retrained, is the relay's.

    objects.py       objects -> files on the disk     labels.py    ids -> one label each, or a reason why not
    label_tables.py  CSV, Parquet -> ids and labels   joining.py   labels and captured rows -> labelled rows
    records.py       JSON lines -> ids and labels     measuring.py labelled rows -> metrics beside those at promotion
    problems.py      what was left out, counted       document.py  everything -> quality.json
    labelled.py      labelled rows -> labelled.csv    entries.py    a file's labels, what cannot be used left out
    before.py        the model before the live one, on the same rows
    relation.py      labelled rows -> do the same inputs still have the same outcomes
    check.py         all of it in order
"""

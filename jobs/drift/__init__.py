"""The drift job's statistics: whether the traffic differs from what the model was trained on, and by how much.

`window` and `traffic` bring the captured rows, counted on the bins of `jobs.profiles`; `significance` says how
surely two counts differ, `distances` how much, `findings` puts both into a verdict and words. All but `__main__` is
pure: it reads no file and no clock, and any partition and order of the traffic gives the same result to the last bit.

    window.py        window.json as a value            traffic.py    what is kept of the captured rows: counts
    significance.py  how surely two counts differ      distances.py  how much
    aspects.py       values, missing, new: each way    scale.py      where the bins of numbers lie
    findings.py      the verdict on every column       sentences.py  which way it moved, in words
    check.py         everything -> drift.json          violations.py the same for tools made for Model Monitor
    dependence.py    rows that hang together: as how many they count, and what the training's own blocks reach
    several.py       the checks of several datasets in one job, each in a process of its own
    trust.py         where an estimate of the loss cannot be relied on
"""

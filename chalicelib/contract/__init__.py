"""What Lambda and the jobs agree on, as Lambda knows it; it imports nothing of the rest.

    metrics     tasks and their metrics: titles, directions, how values are written
    evaluation  evaluation.json as a run's record keeps it: the types of its parts
    checks      what a check of a live model found
    scored      what a file of rows was answered
    catalogue   the facts that `metrics` is made of

What the jobs know of it stands in `jobs/metrics/catalogue.py`, from which `catalogue` is generated.
"""

"""What columns looked like, as counts: made by prepare and evaluate, compared with by drift.

    profile        the layout of one column's profile in baseline.json and answers.json; must not look at raw values
    describe       raw columns -> profiles, as fine as the room allows
    grid           which bin a number belongs to, read from its bits
    counts         traffic, counted on the bins of a profile
    trained_rows   which rows a model was trained on, as hashes

Counts are integers, minima and maxima, so that any partition and order of the rows gives the same to the last bit.
"""

"""What columns looked like, as counts: made by prepare and evaluate, compared with by drift.

    profile        the layout of one column's profile in baseline.json and answers.json; must not look at raw values
    describe       raw columns -> profiles, as fine as the room allows
    grid           which bin a number belongs to, read from its bits
    counts         traffic, counted on the bins of a profile
    trained_rows   which rows a model was trained on, as hashes
    grouping       a column's rows in a few groups, which is all that the following need
    row_sample     some whole rows of the traffic, the same ones whoever counts them
    effect         by how much rows are to be divided before they count as independent ones
    blocks         such effects, shown by consecutive blocks of rows in order of time
    dependence     the larger of these and of what rows that came again show
    reach          how far consecutive blocks of the training rows lie from all of them
    moves          how far they lie above or below, with a direction
    clock          what training looked like at each hour of the day and on each weekday
    training       all of it, of the training rows, for baseline.json

Counts are integers, minima and maxima, so that any partition and order of the rows gives the same to the last bit.
"""

"""prepare: from the user's files, read by `jobs.tables`, to what a training and all that follows need; or a refusal.

One way through (`pipeline`), each step a module that knows nothing of the next:

    typed                      a column, its kind, its values and what schema.json says of it
    choice, target, amounts    what is to be predicted, and whether it is a class or a number
    kinds, features            what the other columns are (date_columns, date_names, identifiers, mixed,
                               truths, shifted)
    leaks, likely_leaks, duplicates     what would make the figures too good
    split, partition           on which rows it is trained and tested (moments, time_order: when rows have a time)
    baseline, reference        what drift is measured against later
    forms                      how the rows are written, for one algorithm or for each of several
    live, outputs              what callers of the live endpoint will notice, and what is written

All decisions are pure; only `outputs` and `__main__` touch the disk.
"""

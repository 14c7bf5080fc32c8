"""prepare: read whatever people export from spreadsheets, rightly, or refuse it clearly.

One way through, each step a module that knows nothing of the next:

    fetch      the pinned objects, onto the disk
    contents   bytes: gzip, Parquet, and what is no table at all
    decoding   bytes -> UTF-8 text
    dialect    delimiter, header, lines before the table
    records    text -> a grid of strings, with the row numbers a person counts
    words      a column's distinct words; every decision is made once per word, not once per cell
    numbers, dates, kinds      what the words mean
    target, leaks, split       what is to be predicted, from what, and on which rows it is tested
    baseline, outputs, live    what is written, and what the callers of the live endpoint will notice

All decisions are pure; only `fetch`, `contents` and `outputs` touch the disk. `outcomes` is the one table of
everything that can be wrong with a file, and of what is then done. Nothing may be guessed without a warning: a model
trained silently on a misread file looks exactly like a good one.
"""

"""People's files, read: from bytes to columns of words and numbers, each reading told, or refused clearly.

Used wherever somebody hands in a table: for training, for a test of the live model, as labels of its traffic. A module
knows nothing of the next:

    fetch          the pinned objects, onto the disk
    contents       bytes: gzip, Parquet, and what is no table at all
    decoding       bytes -> UTF-8 text (code_pages: which code page it was); spool: the same on the disk, in pieces
    dialect        delimiter, header, lines before the table
    grid           text -> a grid of strings, with the row numbers a person counts; footers: totals below the table
    parquet        Parquet -> the same grid (arrow_types: what its columns may be)
    headers        the names of the columns; bodies: rows of a table as request bodies
    words          a column's distinct words; every decision is made once per word, not once per cell
    numbers, dates, parts, conventions      what the words mean
    columns, table                          one column, one table
    not_applicable, labels                  the two readings of an answer that are not a cell's own affair
    codes          everything that can be wrong with a file, and what is then done; notes: which of it was met

Nothing may be guessed without a warning: a model trained silently on a misread file looks exactly like a good one.
What a table is *for* is not known here: the target, the split and the encoding are prepare's.
"""

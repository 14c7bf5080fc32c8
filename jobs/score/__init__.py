"""A user's file of new rows, answered by the live model: the same file back, with what the model says of each row.

No endpoint is needed where the model is one archive: the job runs in the image that serves it, reads the same archive,
and so says the same. A pipeline, whose algorithm runs in an image of its own, is asked through its endpoint; where
there is none, by a batch transform. That is a second machine, cannot be given the user's own columns as they are
written, and needs a third job to put both together: this one is run twice, and at last finds what it asked answered.

    reading     the file -> cells as the model takes them, and the rows as the user wrote them; all of it in memory
    piecewise   the same piece by piece, twice: pieces of the file, survey (what holds for whole columns), decided
    columns     one column of it: what the model is given, which cells it cannot read, which are unlike its training
    marks       rows that are flagged, and why
    predicting  cells -> answers: from the archive, through the endpoint, or by a batch transform
    rows        all rows, block by block; one that is refused is marked and does not stop the others
    answered    what a block was answered, as columns
    writing     the user's columns and the answers, as CSV or Parquet
    captured    the same rows as capture records, for the watch
    summary     what all answers look like together, beside training; how good they are where the file has the target
    __main__    the job: fetches, reads, writes
"""

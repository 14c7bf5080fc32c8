"""Captured traffic as columns: data capture's JSON lines in, typed batches of rows and an account of the rest out.

    shape = Shape.of(schema)                      what is to be read of each row; `Shape.raw(schema)` keeps the text
    for batch in read([(file, block), …], shape, Which(promoted=…)):
        batch.columns["age"], batch.predicted, batch.probabilities, batch.tally

Nothing here knows of drift or labels. No record is dropped without being counted under a code (`codes.py`), and none
is fatal: what a broken file means for a check is the check's decision. Two ways lead through: `columnar.py` reads a
block of records at once and takes part only in what is plain; whatever surprises it is read by `careful.py`, record by
record, with the endpoint's own parser. A property test holds the two together.

    fetch.py     S3 -> files, in order            blocks.py    files -> blocks of whole lines, and back to a place
    reading.py   a block -> batches, either way   records.py   one record, and which of them count
    headers.py   requests with a header line      payloads.py  the CSV inside the records
    answers.py   what the model said              shape.py     what is to be read of each row
    batch.py     rows, column by column           tally.py     the account of what was read
    recent.py    which files, where a few will do
"""

from jobs.capture.batch import Batch
from jobs.capture.blocks import Block, cut
from jobs.capture.reading import read, read_block
from jobs.capture.records import Which
from jobs.capture.shape import Shape
from jobs.capture.tally import Tally

__all__ = ["Batch", "Block", "Shape", "Tally", "Which", "cut", "read", "read_block"]

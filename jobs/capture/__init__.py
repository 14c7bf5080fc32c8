"""Captured traffic as columns: data capture's JSON lines in, typed batches of rows and an account of the rest out.

    shape = Shape.of(schema)                      what is to be read of each row; `Shape.raw(schema)` keeps the text
    for batch in read([(file, block), …], shape, Which(promoted=…)):
        batch.columns["age"], batch.predicted, batch.probabilities, batch.tally

Nothing here knows of drift or labels. No record is dropped without being counted under a code (`codes.py`), and none
is fatal: what a broken file means for a check is the check's decision. Two ways lead through: `columnar.py` reads a
block of records at once and takes part only in what is plain; whatever surprises it is read by `careful.py`, record by
record, with the endpoint's own parser. A property test holds the two together.
"""

from jobs.capture.batch import Batch
from jobs.capture.blocks import Block, cut
from jobs.capture.reading import read, read_block
from jobs.capture.records import Which
from jobs.capture.shape import Shape
from jobs.capture.tally import Tally

__all__ = ["Batch", "Block", "Shape", "Tally", "Which", "cut", "read", "read_block"]

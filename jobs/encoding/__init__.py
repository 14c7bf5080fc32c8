"""From raw table columns to the numbers the algorithm reads, the same way in bulk and for one request.

`Encoder` is fitted on the training part alone and is plain data afterwards: JSON, no pickle. Importing this package
needs numpy only, because it is also imported inside the endpoint's first container, where every import is paid at
start; scikit-learn is imported when something is fitted.

    encoder.py  all columns' encodings, in bulk and row by row   artifact.py    the archive that serves
    columns.py  one column -> its features; numbers, yes/no      moments.py     dates -> parts, times and differences
    words.py    words looked up                                  grams.py       words by their pieces
    kinds.py    the kinds by name, written and read              date_forms.py  dates by a pattern
    text.py     cells as people write them                       mask.py        a cell without what it says
    fitting.py  what scikit-learn learns, as plain data          target_means.py, fitting_grams.py  parts of that
    features.py what is fitted without the target                typed_rows.py  columns as they are <-> Parquet
    in_pieces.py  long tables
"""

from jobs.encoding.artifact import write_artifact
from jobs.encoding.encoder import Encoder
from jobs.encoding.text import MISSING_WORDS, UnreadableCellError

__all__ = ["MISSING_WORDS", "Encoder", "UnreadableCellError", "write_artifact"]

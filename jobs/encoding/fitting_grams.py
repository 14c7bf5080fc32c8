"""Which pieces of a column's words say something, and the few directions they are reduced to: scikit-learn's, as data.

All is fitted on the different words, each weighed by its rows, which gives what all rows would give (a test holds it)
in the time of the words: a column of a million rows seldom has more than some thousands.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from jobs.encoding.grams import NGrams, packed, pieces
from jobs.encoding.text import composed, is_missing

WIDTH = 30
PIECES_AT_MOST = 5_000
"""With `WIDTH` 600,000 bytes in the table, 800,000 characters in the document."""
ROWS_AT_LEAST = 3
WORDS_AT_MOST = 20_000
"""The most frequent words, of which the pieces are learned."""
_SEED = 7


def fit_grams(column: str, words: list[str], counts: npt.NDArray[np.int64]) -> NGrams | None:
    """The pieces of `words`, of which each stands in `counts` rows; None where fewer than two pieces are common."""
    kept = tuple(word for word in words if is_missing(word))
    frequent = np.argsort(-counts, kind="stable")[:WORDS_AT_MOST]
    words, counts = [composed(words[place].strip()) for place in frequent], counts[frequent]
    vectorizer = CountVectorizer(analyzer=pieces)
    try:
        found = vectorizer.fit_transform(words).astype(np.float64)
    except ValueError:  # no word has a piece
        return None
    rows_with = counts @ (found > 0)
    common = np.flatnonzero(rows_with >= ROWS_AT_LEAST)
    most = np.argsort(-(counts @ found)[common], kind="stable")[:PIECES_AT_MOST]
    chosen = np.sort(common[most])
    if len(chosen) < 2:
        return None
    idf = np.log((1 + counts.sum()) / (1 + rows_with[chosen])) + 1
    width = min(WIDTH, max(2, len(words) // 4), len(chosen))
    components = _directions(found[:, chosen] @ sparse.diags(idf), counts, width)
    names = vectorizer.get_feature_names_out()[chosen].tolist()
    return NGrams(column, width, tuple(names), packed(idf), packed(components.T), kept)


def _directions(weighed: sparse.csr_matrix, counts: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.float64]:
    """The directions along which words differ most, (width, pieces): a word of n rows counts n times."""
    rows = sparse.diags(np.sqrt(counts.astype(np.float64))) @ normalize(weighed)
    components: npt.NDArray[np.float64] = TruncatedSVD(width, random_state=_SEED).fit(rows).components_
    return components

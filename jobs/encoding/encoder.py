"""The encoder: all columns' encodings in the algorithm's order, in bulk from a table or row by row from text.

It decides nothing about columns (the schema does) and fits nothing itself (fitting.py does): it lays the encodings
side by side. Bulk matrices are column-major, because they are written column by column; a request's is row-major.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jobs.encoding.columns import Floats
from jobs.encoding.kinds import AnyEncoding, from_document, to_document
from jobs.encoding.moments import Elapsed

if TYPE_CHECKING:
    from jobs.schema import Schema

VERSION = 1
_GAPPY = frozenset({"numeric", "boolean", "date", "clock", "elapsed", "codes"})
"""Kinds of encodings whose features may be missing; the others have a number for a missing cell."""


@dataclass(frozen=True)
class Encoder:
    """Raw columns to a float32 matrix with one column a feature; missing is NaN."""

    encodings: tuple[AnyEncoding, ...]
    middles: tuple[tuple[int, float], ...] = ()
    """Features that are never missing, by their place, and what stands there where a cell is: see `completed`."""

    @classmethod
    def fit(cls, frame: Any, schema: "Schema", labels: npt.NDArray[Any]) -> "Encoder":
        """Fit on the training part: `frame` typed by the schema (see `fit_encode`), `labels` (rows,) encoded."""
        return cls.fit_encode(frame, schema, labels)[0]

    @classmethod
    def fit_encode(cls, frame: Any, schema: "Schema", labels: npt.NDArray[Any]) -> tuple["Encoder", Floats]:
        """Fit on the training part and encode it, (rows, features), its target means cross-fitted.

        `frame` holds the used columns: numeric as float64, boolean as float64 1/0/NaN, categorical as pandas
        category, date as datetime64[ns]. Encode the training part with this and never with `encode_frame`: a word's
        own label would leak into its mean.
        """
        from jobs.encoding.fitting import fit_encodings  # scikit-learn: a second of import that serving must not pay

        encodings, cross_fitted = fit_encodings(frame, schema, labels)
        encoder = cls(encodings)
        matrix = encoder.encode_frame(frame)
        for column, values in cross_fitted.items():
            matrix[:, encoder.slices[column]] = values
        return encoder, matrix

    @cached_property
    def features(self) -> list[str]:
        """The names of the matrix's columns, in the algorithm's order."""
        return [feature for encoding in self.encodings for feature in encoding.features]

    @cached_property
    def feature_columns(self) -> list[str]:
        """The raw column that each feature comes from; of two, the first."""
        return [encoding.column for encoding in self.encodings for _ in encoding.features]

    @cached_property
    def inputs(self) -> list[tuple[str, ...]]:
        """All raw columns that each feature is made of."""
        return [
            (encoding.column, encoding.other) if isinstance(encoding, Elapsed) else (encoding.column,)
            for encoding in self.encodings
            for _ in encoding.features
        ]

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where the features of each raw column's first encoding stand."""
        slices: dict[str, slice] = {}
        for encoding, block in self.blocks:
            slices.setdefault(encoding.column, block)
        return slices

    @cached_property
    def blocks(self) -> list[tuple[AnyEncoding, slice]]:
        """Each encoding, and where its features stand."""
        ends = np.cumsum([len(encoding.features) for encoding in self.encodings]).tolist()
        places = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        return list(zip(self.encodings, places, strict=True))

    def encode_frame(self, frame: Any) -> Floats:
        """A typed pandas table as (rows, features), float32, column-major."""
        matrix = np.empty((len(frame), len(self.features)), dtype=np.float32, order="F")
        for encoding, block in self.blocks:
            if isinstance(encoding, Elapsed):
                encoding.fill_two_series(frame[encoding.column], frame[encoding.other], matrix[:, block])
            else:
                encoding.fill_series(frame[encoding.column], matrix[:, block])
        self.complete(matrix)
        return matrix

    def encode_rows(self, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Floats:
        """Rows of text, each with a cell a column of `columns`, as (rows, features), float32.

        A column that is not there is missing throughout, further columns are ignored. Raises `UnreadableCellError` (a
        ValueError naming row and column) for a cell that cannot be read, ValueError for a row of another length.
        """
        for number, row in enumerate(rows, start=1):
            if len(row) != len(columns):
                raise ValueError(f"row {number}: has {len(row)} cells; {len(columns)} are expected")
        return self.encode_columns(dict(zip(columns, zip(*rows, strict=True), strict=False)), len(rows))

    def encode_columns(self, cells: Mapping[str, Sequence[str | None]], rows: int) -> Floats:
        """The same of as many rows whose cells come a column at a time."""
        nothing = (None,) * rows
        matrix = np.empty((rows, len(self.features)), dtype=np.float32)
        for encoding, block in self.blocks:
            column = cells.get(encoding.column, nothing)
            if isinstance(encoding, Elapsed):
                encoding.fill_two_texts(column, cells.get(encoding.other, nothing), matrix[:, block])
            else:
                encoding.fill_texts(column, matrix[:, block])
        self.complete(matrix)
        return matrix

    def completed(self, middle: Sequence[float], lacking: npt.NDArray[np.bool_]) -> "Encoder":
        """The same, where a feature that no training row lacked is its middle in a row that does.

        Trees have learned no way for such a gap and take it for very large or very small. `middle` and `lacking` (some
        training row lacks it) have one a feature. For what can take no gap at all, none is said to be lacked.
        """
        places = np.flatnonzero(~lacking & np.array([kind in _GAPPY for kind in self._kinds]))
        return replace(self, middles=tuple((place, float(middle[place])) for place in places.tolist()))

    @property
    def _kinds(self) -> list[str]:
        return [encoding.kind for encoding in self.encodings for _ in encoding.features]

    def complete(self, matrix: Floats) -> None:
        """Put its middle where an encoded row lacks a feature that has one, in place."""
        for place, middle in self.middles:
            column = matrix[:, place]
            column[np.isnan(column)] = middle

    def to_json(self) -> str:
        """The encoder as a JSON document, which `from_json` reads back."""
        document = {"version": VERSION, "encodings": [to_document(encoding) for encoding in self.encodings]}
        if self.middles:
            document["middles"] = [list(one) for one in self.middles]
        return json.dumps(document, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Encoder":
        """The encoder that `to_json` wrote; ValueError for a version this code does not know."""
        document = json.loads(text)
        if document.get("version") != VERSION:
            raise ValueError(f"encoder.json has version {document.get('version')!r}; this code reads {VERSION}")
        middles = tuple((int(place), float(middle)) for place, middle in document.get("middles", ()))
        return cls(tuple(from_document(item) for item in document["encodings"]), middles)

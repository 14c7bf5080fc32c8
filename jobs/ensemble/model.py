"""A trained ensemble as it is served: rows of text in, probabilities or numbers out.

Read from the unpacked artifact (docs/formats.md): ensemble.json, encoder.json, schema.json, model.ubj. The answer is
one sum of trees and one linear function, calibrated. It is what the endpoint's container imports: no pandas, no
scikit-learn, nothing that is fitted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.encoding.encoder import Encoder
from jobs.ensemble import contributions
from jobs.ensemble.calibration import Calibration
from jobs.ensemble.conformal import Interval
from jobs.ensemble.contributions import Contributions
from jobs.ensemble.document import EnsembleDocument, IntervalDocument, LineDocument, SumDocument
from jobs.ensemble.linear import Line, Scaling
from jobs.ensemble.losses import Margins, scores

if TYPE_CHECKING:
    from jobs.schema import Schema

VERSION = 1
_NUMBER = 22
"""Bytes that a number takes in an explanation, with what stands around it."""
DOCUMENT, BOOSTER, ENCODER, SCHEMA = "ensemble.json", "model.ubj", "encoder.json", "schema.json"
CONTESTANTS = "leaderboard"
MOST_EXPLAINED, BRANCHES, CELLS, BYTES = 1_000, 3_500_000_000, 8_000_000, 3_500_000
"""What a request may have explained: rows; the squares of leaves' depths, at four nanoseconds each some 15 of the 60
seconds that SageMaker waits; parts of features, 64 MB each time that they are held; and bytes of an answer, of which a
serverless endpoint gives 4 MB."""


@dataclass(frozen=True)
class Sum:
    """Margins: trees, a line, and what is there before both."""

    booster: xgb.Booster | None
    line: Line | None
    scaling: Scaling | None
    base: npt.NDArray[np.float64]
    exponentials: npt.NDArray[np.float64]
    """Factors; the trees' further margins are logarithms."""
    linear: bool = False
    """Whether the booster has no trees, but a line of its own."""

    def margins(self, matrix: Floats) -> Margins:
        """(rows, width)."""
        found = np.broadcast_to(self.base, (len(matrix), len(self.base))).astype(np.float64)
        if self.booster is not None:
            trees = np.asarray(self._said(self.booster, matrix), dtype=np.float64).reshape(len(matrix), -1)
            wide = trees.shape[1] - len(self.exponentials)
            found = found + trees[:, :wide] + (np.expm1(trees[:, wide:]) @ self.exponentials)[:, None]
        if self._narrow is not None:
            columns, scaling, line = self._narrow
            found = found + line.margins(scaling.apply(matrix[:, columns]))
        return found

    def _said(self, booster: xgb.Booster, matrix: Floats) -> Any:
        if self.linear:  # of which XGBoost makes no answer in place
            return booster.predict(xgb.DMatrix(matrix, nthread=1), output_margin=True, validate_features=False)
        return booster.inplace_predict(matrix, predict_type="margin", validate_features=False)

    def contributions(self, matrix: Floats) -> Contributions:
        """Of the features to the margins. Of trees without covers, which releases before explanations wrote, none."""
        found = contributions.nothing(len(matrix), self.base, matrix.shape[1])
        if self.booster is not None:
            found = found.plus(contributions.of_trees(self.booster, matrix, self.exponentials))
        if self._narrow is not None:
            columns, scaling, line = self._narrow
            found = found.plus(contributions.of_line(line, scaling, matrix, columns, matrix.shape[1]))
        return found

    @cached_property
    def _narrow(self) -> tuple[npt.NDArray[np.int64], Scaling, Line] | None:
        """The line without the columns that have no weight in it."""
        if self.line is None or self.scaling is None:
            return None
        columns = self.line.used(self.scaling)
        return columns, self.scaling.of(columns), self.line.of(self.scaling, columns)


@dataclass(frozen=True)
class Contestant:
    """One line of the leaderboard; `oof_loss` is log loss or the root of the mean squared error, out of fold."""

    name: str
    title: str
    seconds: float
    oof_loss: float


@dataclass(frozen=True)
class Share:
    """A member that the answer is made of, and its part of the sum, above 0; all parts are 1 together."""

    title: str
    weight: float


class Ensemble:
    """See the module. Not changed after it was read; used by one thread at a time."""

    def __init__(self, folder: Path, document: EnsembleDocument, schema: Schema, encoder: Encoder) -> None:
        self.document = document
        self.schema = schema
        self._folder = folder
        self._encoder = encoder
        self.classes: list[str] | None = schema["classes"]
        self._count = len(self.classes or ())
        named = schema["positive_class"]
        self.positive = None if self.classes is None or named is None else self.classes.index(named)
        """The place of the class that the threshold is for; None where there are not two."""
        self.threshold = document["decision"]["threshold"] if document["decision"] else None
        calibration = document["calibration"]
        self._calibration = Calibration(calibration["scale"], tuple(calibration["shift"]))
        self._unit = float(document["unit"]["spread"]), float(document["unit"]["centre"])
        self._scaling = (
            None if document["scaling"] is None else Scaling(*(_frozen(part) for part in document["scaling"]))
        )
        self._sum = self._read_sum(document["sum"], BOOSTER)
        halves = document["interval"]
        self.conformal = None if halves is None else _interval(halves)
        self.nodes = document["nodes"]
        self.contestants = [
            Contestant(one["name"], one["title"], one["seconds"], one["loss"]) for one in document["contestants"]
        ]
        shares = (Share(one["title"], one["weight"]) for one in document["members"] if one["weight"] > 0)
        self.shares = sorted(shares, key=lambda one: -one.weight)
        """The heaviest first."""
        self._sums: dict[str, Sum] = {}

    @classmethod
    def read(cls, folder: str | Path) -> Ensemble:
        """From an unpacked artifact. Raises ValueError for a version that this code does not know."""
        place = Path(folder)
        document: EnsembleDocument = json.loads((place / DOCUMENT).read_text(encoding="utf-8"))
        if document.get("version") != VERSION:
            raise ValueError(f"{DOCUMENT} has version {document.get('version')!r}; this code reads {VERSION}")
        schema: Schema = json.loads((place / SCHEMA).read_text(encoding="utf-8"))
        encoder = Encoder.from_json((place / ENCODER).read_text(encoding="utf-8"))
        return cls(place, document, schema, encoder)

    def use(self, threads: int) -> None:
        """Answer with so many threads; one alone where it serves, because callers come side by side."""
        if self._sum.booster is not None:
            self._sum.booster.set_param({"nthread": threads})

    @property
    def used_columns(self) -> list[str]:
        """The raw columns that are used."""
        return list(dict.fromkeys(self._encoder.feature_columns))

    @property
    def inputs(self) -> Sequence[tuple[str, ...]]:
        """Of each feature, the raw columns that it is made of."""
        return self._encoder.inputs

    @property
    def input_columns(self) -> list[str]:
        """The raw columns that the features are made of, all of those that a feature is made of two."""
        return list(dict.fromkeys(name for made_of in self.inputs for name in made_of))

    @property
    def columns(self) -> list[str]:
        """The columns of a request: the schema's without the target."""
        return [column["name"] for column in self.schema["columns"] if column["kind"] != "target"]

    def encode(self, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Floats:
        """Rows of text cells as (rows, features). Raises UnreadableCellError."""
        return self._encoder.encode_rows(columns, rows)

    def encode_columns(self, cells: Mapping[str, Sequence[str | None]], rows: int) -> Floats:
        """The same of cells that come a column at a time."""
        return self._encoder.encode_columns(cells, rows)

    def encode_frame(self, frame: Any) -> Floats:
        """A typed table as (rows, features)."""
        return self._encoder.encode_frame(frame)

    def margins(self, matrix: Floats) -> Margins:
        """Calibrated, (rows, width)."""
        return self._told(self._calibration.apply(self._sum.margins(matrix)))

    @cached_property
    def rows_explained(self) -> int:
        """How many rows a request may have explained; 0 of an archive of a release before explanations."""
        branches = self.document.get("branches") if self.document["sum"]["trees"] else 1
        if branches is None:
            return 0
        wide = len(self.document["sum"]["base"])
        told = sum(len(json.dumps(name)) + _NUMBER for name in self.input_columns)
        of_rows = (branches, BRANCHES), (wide * len(self.inputs), CELLS), (wide * told, BYTES)
        return max(1, min(MOST_EXPLAINED, *(most // max(one, 1) for one, most in of_rows)))

    def contributions(self, matrix: Floats) -> Contributions:
        """Of `input_columns` to `margins`, with which the base they are to the last digits."""
        of_features = self._sum.contributions(matrix)
        spread, centre = self._unit
        calibrated = of_features.stretched(self._calibration.scale, np.array(self._calibration.shift))
        told = calibrated.stretched(spread, centre).told(self.margins(matrix))
        return told.by_column(self.inputs, self.input_columns)

    def scores(self, matrix: Floats) -> npt.NDArray[np.float64]:
        """Probabilities (rows, classes), calibrated, or predictions (rows, 1)."""
        return scores(self.margins(matrix), self._count)

    def labels(self, found: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """(rows,): the place of each row's class, from its scores; by the threshold where there are two."""
        if self.positive is None or self.threshold is None:
            return np.asarray(found.argmax(axis=1))
        return np.where(found[:, self.positive] >= self.threshold, self.positive, 1 - self.positive)

    def interval_around(self, found: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
        """(rows, 2): what each predicted number lies between, in nine of ten rows; None for classes."""
        return None if self.conformal is None else self.conformal.around(found[:, 0])

    def contestant_scores(self, name: str, matrix: Floats) -> npt.NDArray[np.float64]:
        """`scores` as that line of the leaderboard gives them, not calibrated. Raises KeyError for an unknown name."""
        if name == "ensemble":
            return self.scores(matrix)
        if name not in self._sums:
            entry = next((one for one in self.document["contestants"] if one["name"] == name), None)
            if entry is None:
                raise KeyError(name)
            self._sums[name] = self._read_sum(entry["sum"], f"{CONTESTANTS}/{name}.ubj")
        return scores(self._told(self._sums[name].margins(matrix)), self._count)

    def _told(self, margins: Margins) -> Margins:
        """In the target's own unit."""
        spread, centre = self._unit
        return margins * spread + centre

    def _read_sum(self, document: SumDocument, file: str) -> Sum:
        booster = None
        if document["trees"]:
            booster = xgb.Booster(params={"nthread": 1})
            booster.load_model(bytearray((self._folder / file).read_bytes()))
            booster.set_param({"nthread": 1})
        line = document["line"]
        return Sum(
            booster,
            None if line is None else Line(np.array(line["coefficients"]), np.array(line["intercept"])),
            self._scaling,
            np.array(document["base"], dtype=np.float64),
            np.array(document["exponentials"], dtype=np.float64),
            document.get("linear", False),
        )


def sum_document(
    line: Line | None, base: npt.NDArray[np.float64], *, trees: bool, exponentials: Sequence[float] = ()
) -> SumDocument:
    """A `Sum` as JSON, its booster in a file of its own."""
    plain: LineDocument | None = None
    if line is not None:
        plain = {"coefficients": line.coefficients.tolist(), "intercept": line.intercept.tolist()}
    return {"trees": trees, "line": plain, "base": base.tolist(), "exponentials": list(exponentials)}


def _interval(document: IntervalDocument) -> Interval:
    return Interval(tuple(document["edges"]), tuple(document["halves"]), document["coverage"])


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value

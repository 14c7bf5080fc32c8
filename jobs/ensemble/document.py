"""ensemble.json as types (docs/formats.md): what `building` writes and `model` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

if TYPE_CHECKING:
    from jobs.documents.evaluation import Decision


class LineDocument(TypedDict):
    """All linear members as one: a row a margin, a column a scaled feature."""

    coefficients: list[list[float]]
    intercept: list[float]


class SumDocument(TypedDict):
    """Margins. `trees`: whether there is a booster, in a file of its own; `base` is added to both."""

    trees: bool
    linear: NotRequired[bool]
    """Whether the booster is XGBoost's own linear one, which it asks in another way."""
    line: LineDocument | None
    base: list[float]
    exponentials: list[float]
    """Of numbers: for each further margin of the trees the factor of its exponential less 1."""


class MemberDocument(TypedDict):
    """One that was fitted; `loss` out of fold, in the target's own unit, `seconds` of fitting."""

    name: str
    title: str
    loss: float
    seconds: float
    weight: float


class ContestantDocument(TypedDict):
    """A line of the leaderboard; the ensemble's own sum is the document's."""

    name: str
    title: str
    seconds: float
    loss: float
    sum: NotRequired[SumDocument]


class CalibrationDocument(TypedDict):
    """`margin * scale + shift`."""

    scale: float
    shift: list[float]


class UnitDocument(TypedDict):
    """A regression's target is `margin * spread + centre`."""

    centre: float
    spread: float


class IntervalDocument(TypedDict):
    """Half the width, by bands of the prediction between the edges."""

    edges: list[float]
    halves: list[float]
    coverage: float


class EnsembleDocument(TypedDict):
    """The whole document. `decision`: of two classes; `interval`: of a regression."""

    version: int
    members: list[MemberDocument]
    sum: SumDocument
    scaling: list[Any] | None
    """In the order of `linear.Scaling`'s fields, which are lists of different things."""
    calibration: CalibrationDocument
    unit: UnitDocument
    decision: Decision | None
    interval: IntervalDocument | None
    nodes: int
    branches: NotRequired[int]
    """What an explained answer costs; documents of earlier releases, whose trees have no covers, lack it."""
    contestants: list[ContestantDocument]
    notes: list[str]

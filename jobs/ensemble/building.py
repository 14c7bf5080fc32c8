"""From what was fitted to what is served: weights, a sum of trees and a line, calibration, decision, leaderboard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jobs.ensemble import calibration, conformal, decision, linear, merging, model
from jobs.ensemble.decision import Decision
from jobs.ensemble.document import ContestantDocument, EnsembleDocument, IntervalDocument, SumDocument
from jobs.ensemble.features import Layout
from jobs.ensemble.fitting import Fitted, Library
from jobs.ensemble.losses import Margins, loss, naive, scores, width
from jobs.ensemble.merging import Merged, Part
from jobs.ensemble.problem import Problem
from jobs.ensemble.selection import mixed, muffled, select


@dataclass(frozen=True)
class Unit:
    """A regression's labels are learned as `(label - centre) / spread`; classes as they are."""

    centre: float = 0.0
    spread: float = 1.0


@dataclass(frozen=True)
class Wanted:
    """What the settings ask of the result."""

    decision: Decision
    positive: int | None
    answer_nodes: int
    """Nodes of trees that one answer may walk through: what bounds its time."""


@dataclass(frozen=True)
class Built:
    """Everything that goes into the artifact but code, schema and encoder."""

    document: EnsembleDocument
    boosters: dict[str, bytes]
    """By their file's name."""
    margins: Margins
    """The ensemble's, calibrated, for the judged rows, out of fold."""


class Served(Protocol):
    """Members as they will answer: those of the folds, or refitted on all rows."""

    @property
    def layout(self) -> Layout: ...
    @property
    def scaling(self) -> linear.Scaling: ...
    def of(self, judged: Fitted) -> Fitted: ...


@dataclass(frozen=True)
class _Chosen:
    members: list[Fitted]
    weights: dict[str, float]
    margins: Margins
    merged: Merged
    exponentials: list[float]


def build(problem: Problem, library: Library, served: Served, unit: Unit, wanted: Wanted) -> Built:
    """`problem` and `library`: what was judged; `served`: the same members as they will answer."""
    classes, labels = problem.classes, problem.labels[problem.folds.judged]
    chosen = _chosen(problem, library.fitted, served, wanted)
    calibrated = (calibration.calibrate if classes else calibration.stretch)(chosen.margins, labels)
    margins = calibrated.apply(chosen.margins)
    decided = _decided(scores(margins, classes), labels, problem, wanted)
    halves = None if classes else conformal.interval(margins[:, 0] * unit.spread + unit.centre, _real(labels, unit))
    contestants, boosters = _contestants(problem, library.fitted, served)
    lost = loss(margins, labels, classes)
    contestants.append({"name": "ensemble", "title": "ensemble", "seconds": library.seconds, "loss": lost})
    for one in contestants:
        one["loss"] *= unit.spread
    document: EnsembleDocument = {
        "version": model.VERSION,
        "members": [
            {
                "name": one.name,
                "title": one.title,
                "loss": one.loss * unit.spread,
                "seconds": one.seconds,
                "weight": chosen.weights.get(one.name, 0.0),
            }
            for one in library.fitted
        ],
        "sum": model.sum_document(
            _line(chosen, served),
            chosen.merged.base,
            trees=chosen.merged.model is not None,
            exponentials=chosen.exponentials,
        ),
        "scaling": served.scaling.to_document(),
        "calibration": {"scale": calibrated.scale, "shift": list(calibrated.shift)},
        "unit": {"centre": unit.centre, "spread": unit.spread},
        "decision": None if decided is None else decided.to_document(),
        "interval": None if halves is None else _interval(halves),
        "nodes": chosen.merged.nodes,
        "branches": chosen.merged.branches,
        "contestants": contestants,
        "notes": library.notes,
    }
    if chosen.merged.model is not None:
        boosters[model.BOOSTER] = chosen.merged.model
    return Built(json.loads(json.dumps(document, allow_nan=False)), boosters, margins)


def write(built: Built, folder: Path) -> None:
    """ensemble.json and the boosters."""
    (folder / model.CONTESTANTS).mkdir(parents=True, exist_ok=True)
    (folder / model.DOCUMENT).write_text(json.dumps(built.document, ensure_ascii=False), encoding="utf-8")
    for name, content in built.boosters.items():
        (folder / name).write_bytes(content)


def _real(labels: npt.NDArray[np.float64], unit: Unit) -> npt.NDArray[np.float64]:
    return labels * unit.spread + unit.centre


def _chosen(problem: Problem, judged: Sequence[Fitted], served: Served, wanted: Wanted) -> _Chosen:
    """The members that answer together; the lightest trees leave until an answer is within its bound."""
    labels, left = problem.labels[problem.folds.judged], list(judged)
    nodes: dict[str, int] = {}
    while True:
        prior = _prior(left, len(labels)) if problem.classes else None
        weights = select([one.margins for one in left], labels, problem.classes, prior)
        used = [(one, float(weight)) for one, weight in zip(left, weights, strict=True) if weight]
        for one, _ in used:
            if one.name not in nodes:
                nodes[one.name] = sum(merging.nodes(trees) for trees in served.of(one).trees)
        of_trees = [(weight, one.name) for one, weight in used if one.trees]
        if sum(nodes[one.name] for one, _ in used) <= wanted.answer_nodes or len(of_trees) < 2:
            merged, exponentials = _merged(used, problem, served)
            margins = mixed([one.margins for one, _ in used], np.array([weight for _, weight in used]))
            by_name = {one.name: weight for one, weight in used}
            return _Chosen([one for one, _ in used], by_name, margins, merged, exponentials)
        lightest = min(of_trees)[1]
        left = [one for one in left if one.name != lightest]


def _prior(judged: Sequence[Fitted], rows: int) -> npt.NDArray[np.float64]:
    """Weights to begin with, of classes: half for the line that errs least, which few rows mislead least, and half for
    all trees alike, of which none is known to be better, each less where the rows are clearly against it. A line says
    too little of numbers."""
    lines = [place for place, one in enumerate(judged) if one.lines]
    trees = [place for place, one in enumerate(judged) if one.trees]
    prior = np.zeros(len(judged))
    if lines:
        prior[min(lines, key=lambda at: judged[at].loss)] = 1
    if trees:
        prior[trees] = 1 / len(trees)
    return muffled(prior, [one.loss for one in judged], rows)


def _merged(used: Sequence[tuple[Fitted, float]], problem: Problem, served: Served) -> tuple[Merged, list[float]]:
    """One booster, in which each member of exponentials has a sum of its own, and the factors of these."""
    parts: list[Part] = []
    factors: list[float] = []
    for one, weight in used:
        if one.exponential and problem.share:
            factors.append(weight / problem.share)
            parts += _parts(served.of(one), 1.0, served, len(factors))
        else:
            parts += _parts(served.of(one), weight, served)
    return merging.merge(parts, problem.classes, served.layout.width), factors


def _parts(one: Fitted, weight: float, served: Served, to: int = 0) -> list[Part]:
    """A member's boosters, each with its share."""
    count = len(one.trees)
    return [Part(trees, weight / count, served.layout.of_block(block), to) for block, trees in enumerate(one.trees)]


def _line(chosen: _Chosen, served: Served) -> linear.Line | None:
    """All linear members with their weights, as one."""
    weighted = [(_mean(served.of(one), served), chosen.weights[one.name]) for one in chosen.members if one.lines]
    if not weighted:
        return None
    coefficients = np.sum([line.coefficients * weight for line, weight in weighted], axis=0)
    return linear.Line(coefficients, np.sum([line.intercept * weight for line, weight in weighted], axis=0))


def _mean(one: Fitted, served: Served) -> linear.Line:
    places = [served.scaling.places_of(served.layout.of_block(block)) for block in range(len(one.lines))]
    return linear.averaged(one.lines, places, served.scaling.width)


def _decided(
    probability: npt.NDArray[np.float64], labels: npt.NDArray[np.float64], problem: Problem, wanted: Wanted
) -> decision.Chosen | None:
    if wanted.positive is None:
        return None
    of_positive = probability[:, wanted.positive]
    return decision.choose(of_positive, labels == wanted.positive, wanted.decision, problem.seed)


def _interval(found: conformal.Interval) -> IntervalDocument:
    return {"edges": list(found.edges), "halves": list(found.halves), "coverage": found.coverage}


def _contestants(
    problem: Problem, judged: Sequence[Fitted], served: Served
) -> tuple[list[ContestantDocument], dict[str, bytes]]:
    """What the ensemble is compared with, but for itself; losses in the labels' unit."""
    labels, classes = problem.labels[problem.folds.judged], problem.classes
    guess = naive(labels, classes)
    guessed = loss(np.broadcast_to(guess, (len(labels), len(guess))), labels, classes)
    found: list[ContestantDocument] = [
        {
            "name": "naive",
            "title": "naive guess",
            "seconds": 0.0,
            "loss": guessed,
            "sum": model.sum_document(None, guess, trees=False),
        }
    ]
    boosters: dict[str, bytes] = {}
    lines = [one for one in judged if one.lines]
    if lines:
        best = min(lines, key=lambda one: one.loss)
        line = _mean(served.of(best), served)
        nothing = np.zeros(width(classes))
        found.append(_entry("linear", "linear model", best, model.sum_document(line, nothing, trees=False)))
    for name, title, wanted in (
        ("xgboost", "XGBoost with defaults", "xgboost"),
        ("trial", "best single trial", "trial-1"),
    ):
        one = next((one for one in judged if one.name == wanted), None)
        if one is None:
            continue
        single = served.of(one).trees[0]
        merged = merging.merge([Part(single, 1.0, served.layout.of_block(0))], classes, served.layout.width)
        boosters[f"{model.CONTESTANTS}/{name}.ubj"] = merged.model or b""
        alone = replace(one, seconds=one.seconds / len(one.trees))
        found.append(_entry(name, title, alone, model.sum_document(None, merged.base, trees=True)))
    return found, boosters


def _entry(name: str, title: str, one: Fitted, added: SumDocument) -> ContestantDocument:
    return {"name": name, "title": title, "seconds": one.seconds, "loss": one.loss, "sum": added}

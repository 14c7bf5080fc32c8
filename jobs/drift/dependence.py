"""What a column's difference is held against, besides the thresholds of the check: dependent rows, and known blocks.

The tests take rows to be independent. Where they are not, their counts are divided by the design effect first: as many
rows are left as independent ones would tell as much. Which rows are left is no matter of chance: every so many-th in
the order of the bins, so that the shares stay what they are.

Three rules, by what is known of the training rows:

    blocks        their order of time: a score must also exceed what its own consecutive blocks reach, or the values
                  must have moved up or down further than those of any block
    effective     only the rows themselves: the window's rows are weighed by what they have to do with each other
    independent   nothing, in a baseline of an earlier version: every row counts as one
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from jobs.documents.baseline import Dependence
from jobs.documents.drift import Rule
from jobs.drift.traffic import ANSWER, Traffic
from jobs.profiles.clock import Season, season
from jobs.profiles.counts import Counts
from jobs.profiles.dependence import effects, of_repeats
from jobs.profiles.effect import Effect
from jobs.profiles.moves import Moves, least_score
from jobs.profiles.profile import Reference
from jobs.profiles.reach import VALUES, limits, moved, of_size
from jobs.profiles.row_sample import RowSample

INDEPENDENT, EFFECTIVE, BLOCKS = "independent", "effective", "blocks"


@dataclass(frozen=True)
class Beside:
    """Of one column: the effects of the window and of the training rows, and by aspect the score that the training
    period's own blocks reach; an aspect that they never showed has none. `moves`: of numbers, how far up or down as a
    whole they went, where it is known. `season`: the window's times of day or week, where they are others than the
    training's."""

    window: Effect = field(default_factory=Effect)
    training: Effect = field(default_factory=Effect)
    reached: Mapping[str, float] = field(default_factory=dict)
    moves: Moves | None = None
    season: Season | None = None
    furthest: float | None = None
    """The limit of `moves` that the window's values are beyond."""

    def moved_by(self, move: float | None) -> Beside:
        """What blocks reach is no measure of values that have moved further than those of any block: only the least
        score that the limit's own move can have is."""
        limit = None if self.moves is None or move is None else self.moves.exceeded_by(move)
        reached = self.reached.get(VALUES)
        if limit is None or reached is None or least_score(limit) >= reached:
            return self
        return replace(self, reached={**self.reached, VALUES: least_score(limit)}, furthest=limit)


@dataclass(frozen=True)
class Held:
    """What the columns of a check are held against, by name; None where every row counts as independent. The rule, for
    whoever reads the verdict. And the design effect with which the rows are told to be wrong together."""

    features: Mapping[str, Beside] | None
    answers: Mapping[str, Beside] | None
    rule: Rule
    effect: float = 1.0


def held(traffic: Traffic) -> Held:
    """What is known of how the rows of the window and those of the training hang together."""
    known, sample = traffic.baseline.dependence, traffic.sample
    if known is None or sample is None:
        return Held(None, None, {"name": INDEPENDENT, "sentence": _INDEPENDENT, "blocks": None})
    found = besides(known, sample)
    features = {name: beside for name, beside in found.items() if name in traffic.features}
    answers = {name: found[ANSWER + name] for name in traffic.predictions}
    return Held(features, answers, _rule(known, sample.rows), _of_errors(known, sample, answers))


def _of_errors(known: Dependence, sample: RowSample, answers: Mapping[str, Beside]) -> float:
    """What the window's answers show of it, the largest of any. Where the held-out rows were in order of time they have
    shown how errors hang together, and only rows that come again are new."""
    by_name = {one.name: effect for one, effect in zip(sample.columns, of_repeats(sample), strict=True)}
    found = [by_name[ANSWER + name] if known["order"] else one.window for name, one in answers.items()]
    return max((one.values for one in found), default=1.0)


def besides(known: Dependence, sample: RowSample) -> dict[str, Beside]:
    """By column of the sample. How far the answers go in the training period is not known: as far as a feature does."""
    reached = limits(known["reach"], sample.rows, len(sample.columns))
    moves = moved(known["reach"], sample.rows, len(sample.columns))
    usual = [by_aspect[VALUES] for by_aspect in reached.values() if VALUES in by_aspect]
    unknown = {VALUES: median(usual)} if usual else {}
    clock = known.get("clock")
    times = season(clock, sample.clock) if clock else None
    repeats = {name: Effect(*effect) for name, effect in known["repeats"].items()}
    return {
        one.name: Beside(
            effect,
            repeats.get(one.name, Effect()),
            unknown if one.name.startswith(ANSWER) else reached.get(one.name, {}),
            moves.get(one.name),
            times,
        )
        for one, effect in zip(sample.columns, effects(sample, clock), strict=True)
    }


_INDEPENDENT = (
    "Every row counts as independent: the model's baseline is of an earlier version and does not know how its rows "
    "hang together. Traffic that repeats itself or comes in bursts may raise an alarm without a change; train anew "
    "for the rule that knows."
)
_EFFECTIVE = "Rows that repeat each other or come in bursts count as fewer."
_NO_ORDER = "In what order of time the training rows came is not known, nor what blocks of them reached."
_TOO_FEW = "The training rows are too few to tell what their own consecutive blocks reach."


def _rule(known: Dependence, rows: int) -> Rule:
    blocks = of_size(known["reach"], rows)
    if blocks is None:
        why = _TOO_FEW if known["order"] else _NO_ORDER
        return {"name": EFFECTIVE, "sentence": f"{_EFFECTIVE} {why}", "blocks": None}
    reach = f"{blocks['blocks']:,} blocks of {blocks['rows']:,} consecutive training rows reach"
    moves = ", or the values have moved up or down further than theirs" if "moves" in blocks else ""
    sentence = f"{_EFFECTIVE} Moreover a score must exceed what {reach}{moves}."
    return {"name": BLOCKS, "sentence": sentence, "blocks": {"rows": blocks["rows"], "count": blocks["blocks"]}}


def fewer_rows(counts: Counts, effect: float) -> Counts:
    """As many rows as tell as much, were they independent: the same shares of every bin."""
    if effect <= 1:
        return counts
    is_words = counts.reference.is_words
    left = _left([*counts.bins, counts.others, counts.unseen if is_words else 0, counts.missing], effect)
    *bins, others, unseen, missing = left
    buckets = _left([rows for _, rows in counts.novel], effect)
    return replace(
        counts,
        rows=sum(left),
        missing=missing,
        bins=tuple(bins),
        others=others,
        unseen=unseen if is_words else round(counts.unseen / effect),
        novel=tuple((bucket, rows) for (bucket, _), rows in zip(counts.novel, buckets, strict=True) if rows),
    )


def fewer_training_rows(reference: Reference, effect: float) -> Reference:
    """The same of the training rows."""
    if effect <= 1:
        return reference
    *counts, others, missing = _left([*reference.counts, reference.others, reference.missing], effect)
    return replace(
        reference,
        counts=tuple(counts),
        others=others,
        missing=missing,
        seen_once=round(reference.seen_once / effect),
        seen_twice=round(reference.seen_twice / effect),
    )


def _left(rows: Sequence[int], effect: float) -> list[int]:
    """Every so many-th row, in the order of the bins."""
    upto = np.rint(np.cumsum(np.array([0, *rows], dtype=np.float64)) / effect)
    found: list[int] = np.diff(upto).astype(np.int64).tolist()
    return found

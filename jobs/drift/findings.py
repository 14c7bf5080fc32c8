"""The verdict on every column: drifted when the difference is certain *and* large, each by a threshold of its own.

Certain: the p-value of one of its aspects is below the significance divided by the number of all tests of the check
(Bonferroni), so that a check without drift raises anything in at most about one of a hundred cases, however many
columns there are. Large: the aspect's score is at least the distance asked for. The first alone would flag a harmless
shift in every check of a million rows, the second alone would flag chance in every check of a hundred.

A column that cannot be judged is "undefined" and says why; it is never "stable". Raw values are not seen here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jobs.documents.drift import Bins, Dependent, Finding, Measures, Seasonal, Statistic
from jobs.drift import distances
from jobs.drift.aspects import FEWEST, Aspect, Compared, Distribution, aspects, distribution, joined, tests
from jobs.drift.dependence import Beside, fewer_rows, fewer_training_rows
from jobs.drift.sentences import shortened, told
from jobs.drift.significance import Test
from jobs.profiles.counts import Counts
from jobs.profiles.profile import Reference
from jobs.profiles.reach import VALUES
from jobs.settings import MONITORING, MonitoringSettings

Pair = tuple[Reference, Counts]
_DRAWN_WORDS = 28
_NO_ASPECT = Aspect("distribution", 0.0, 1.0)


@dataclass(frozen=True)
class Weighed:
    """An aspect, certain by as many rows as are independent; what its score must be to be large; and why."""

    aspect: Aspect
    limit: float
    window: float = 1.0
    training: float = 1.0
    reached: float | None = None


@dataclass(frozen=True)
class Thresholds:
    """`significance` of the whole check, `distance` a score must reach, `tests` the check consists of."""

    significance: float
    distance: float
    tests: int

    @property
    def p_value(self) -> float:
        """What the p-value of a single test must be below."""
        return self.significance / max(self.tests, 1)

    def exceeded_by(self, weighed: Weighed) -> bool:
        return weighed.aspect.p_value < self.p_value and weighed.aspect.score >= weighed.limit


def thresholds(settings: MonitoringSettings, pairs: Sequence[Pair]) -> Thresholds:
    """The thresholds of one check; `pairs`: all its columns, those of the model's answers too."""
    return Thresholds(
        significance=float(settings.get("significance", MONITORING["significance"])),
        distance=float(settings.get("distance", MONITORING["distance"])),
        tests=sum(tests(reference, counts) for reference, counts in pairs),
    )


def findings(
    pairs: Sequence[Pair],
    limits: Thresholds,
    importance: Mapping[str, float],
    beside: Mapping[str, Beside] | None = None,
) -> list[Finding]:
    """The entries of drift.json's "features" or "predictions", worst first: drifted, stable, undefined.

    `importance`: shares by column, where they are known; `beside`: how rows hang together, independent where absent.
    """
    known = beside or {}
    found = [
        finding(reference, counts, limits, importance.get(reference.name), known.get(reference.name))
        for reference, counts in pairs
    ]
    order = {"drifted": 0, "stable": 1, "undefined": 2}
    return sorted(found, key=lambda one: (order[one["verdict"]], -_beyond(one), one["name"]))


def _beyond(one: Finding) -> float:
    """The score in terms of what it would have to be."""
    return (one["score"] or 0.0) / (one["threshold"] or 1.0)


def finding(
    reference: Reference, counts: Counts, limits: Thresholds, importance: float | None, beside: Beside | None = None
) -> Finding:
    """One column's entry of drift.json."""
    entry = _finding(reference, counts, limits, importance, beside)
    return _of_its_season(entry, counts, limits, importance, beside)


def _finding(
    reference: Reference, counts: Counts, limits: Thresholds, importance: float | None, beside: Beside | None
) -> Finding:
    compared = Compared.of(reference, counts)
    values = distribution(compared)
    judged = aspects(compared, values)
    against = (beside or Beside()).moved_by(None if values is None else values.move)
    weighed = [_weighed(one, reference, counts, limits.distance, against) for one in judged]
    drifted = [one for one in weighed if limits.exceeded_by(one)]
    undefined = why_undefined(reference, counts)
    verdict = "drifted" if drifted else "undefined" if undefined else "stable"
    first = max(drifted or weighed, key=_how_bad, default=None)
    worst = first.aspect if first else None
    direction, sentence = told(worst.name, compared, values) if worst else ("changed", undefined or "")
    entry: Finding = {
        "name": reference.name,
        "kind": reference.kind,
        "importance": importance,
        "verdict": verdict,
        "undefined": undefined,
        "aspect": (worst or _NO_ASPECT).name,
        "score": worst.score if worst else None,
        "threshold": first.limit if first else limits.distance,
        "p_value": worst.p_value if worst else None,
        "direction": direction,
        "sentence": sentence,
        "measures": _measures(compared, values, [one.aspect for one in weighed]),
        "bins": _bins(compared),
    }
    if beside is None or first is None:
        return entry
    return {**entry, "dependence": _dependent(first, counts, against.furthest)}


def _of_its_season(
    entry: Finding, counts: Counts, limits: Thresholds, importance: float | None, beside: Beside | None
) -> Finding:
    """The same, unless the column is as it was in training at the same times of day or week: that is the clock."""
    if entry["verdict"] != "drifted" or beside is None or beside.season is None:
        return entry
    then = beside.season.of(counts.reference)
    if then is None:
        return entry
    again = _finding(then, replace(counts, reference=then), limits, importance, beside)
    if again["verdict"] == "drifted":
        return entry
    told: Seasonal = {"by": beside.season.names, "score": again["score"], "threshold": again["threshold"]}
    return {**entry, "verdict": "stable", "seasonal": told}


def _how_bad(one: Weighed) -> tuple[float, float, bool]:
    """The score against its own limit, and of those that are equal the higher, the values first."""
    aspect = one.aspect
    return aspect.score / one.limit if one.limit else aspect.score, aspect.score, aspect.name == "distribution"


def _weighed(plain: Aspect, reference: Reference, counts: Counts, distance: float, beside: Beside) -> Weighed:
    """An aspect as fewer rows show it. What chance makes of a score grows as the rows get fewer: that is added to what
    the score must be, so that scores of all checks stay on one scale."""
    window, training = (
        effect.missing if plain.name == "missing" else effect.values for effect in (beside.window, beside.training)
    )
    reached = beside.reached.get(plain.name)
    if max(window, training) <= 1:
        return Weighed(plain, max(distance, reached or 0.0), window, training, reached)
    compared = Compared.of(fewer_training_rows(reference, training), fewer_rows(counts, window))
    found = {one.name: one for one in aspects(compared, distribution(compared))}
    fewer = found.get(plain.name, Aspect(plain.name, 0.0, 1.0))
    by_chance = max(0.0, plain.score**2 - fewer.score**2)
    limit = max(math.sqrt(distance**2 + by_chance), reached or 0.0)
    return Weighed(replace(plain, p_value=fewer.p_value), limit, window, training, reached)


def _dependent(one: Weighed, counts: Counts, furthest: float | None) -> Dependent:
    told: Dependent = {
        "effect": round(one.window, 3),
        "rows": round(counts.rows / one.window),
        "training_effect": round(one.training, 3),
        "reached": one.reached,
    }
    return told if furthest is None or one.aspect.name != VALUES else {**told, "furthest": round(0.5 + furthest, 4)}


def answers_of_the_season(features: Sequence[Finding], answers: Sequence[Finding]) -> list[Finding]:
    """What the model answered at each time of training is not known: where its inputs follow the clock and nothing
    else has drifted, its answers do."""
    told = [one["seasonal"] for one in features if "seasonal" in one]
    if not told or any(one["verdict"] == "drifted" for one in features):
        return list(answers)
    return [
        {**one, "verdict": "stable", "seasonal": {**told[0], "score": None}} if one["verdict"] == "drifted" else one
        for one in answers
    ]


def why_undefined(reference: Reference, counts: Counts) -> str | None:
    """Why the column cannot be called stable, if so. Of columns whose values are not compared, rows are enough."""
    if reference.rows < FEWEST:
        return f"the training data has {_rows(reference.rows)}, too few to compare with"
    if counts.rows < FEWEST:
        return f"the traffic has {_rows(counts.rows)}, too few to compare"
    if not (reference.is_numeric or reference.is_words):
        return None
    if reference.present < FEWEST:
        return f"the training data has {_rows(reference.present)} with a value, too few to compare with"
    if counts.present < FEWEST:
        return f"the traffic has {_rows(counts.present)} with a value, too few to compare"
    return None


def _rows(count: int) -> str:
    return {0: "no row", 1: "one row"}.get(count, f"{count:,} rows")


def _measures(compared: Compared, values: Distribution | None, judged: Sequence[Aspect]) -> Measures:
    reference, counts = compared.reference, compared.counts
    p_values = {aspect.name: aspect.p_value for aspect in judged}
    groups = joined(compared)
    moved = None
    if compared.scale is not None and values is not None:
        moved = distances.wasserstein(compared.one, compared.other, compared.scale.middles, reference.std_dev)
    return {
        "psi": distances.psi(*groups) if values else None,
        "jensen_shannon": values.score if values else None,
        "kolmogorov_smirnov": _statistic(values.kolmogorov_smirnov if values else None),
        "rank_sum": _statistic(values.rank_sum if values else None),
        "rank_spread": _statistic(values.rank_spread if values else None),
        "chi_squared": _statistic(values.chi_squared if values else None),
        "wasserstein": moved,
        "missing": {
            "baseline": reference.missing / reference.rows if reference.rows else None,
            "current": counts.missing / counts.rows if counts.rows else None,
            "p_value": p_values.get("missing"),
        },
        "unseen": {
            "share": counts.unseen / counts.present if counts.present and "unseen" in p_values else None,
            "rows": counts.unseen,
            "p_value": p_values.get("unseen"),
            "examples": list(counts.examples),
        },
    }


def _statistic(test: Test | None) -> Statistic | None:
    return None if test is None else test.to_json()


def _bins(compared: Compared) -> Bins | None:
    """What is drawn: at most 30 bins."""
    one, other = compared.one, compared.other
    if compared.scale is not None and one.sum() and other.sum():
        labels, baseline, current = compared.scale.drawn(one, other)
        return {"labels": labels, "baseline": baseline, "current": current}
    if not compared.reference.is_words or not compared.reference.present or not compared.counts.present:
        return None
    before, now = one / one.sum(), other / compared.counts.present
    shown = sorted(range(len(one) - 1), key=lambda place: (-max(before[place], now[place]), place))[:_DRAWN_WORDS]
    rest_before, rest_now = 1 - before[shown].sum(), 1 - now[shown].sum()
    new = compared.counts.unseen / compared.counts.present
    labels = [shortened(compared.reference.values[place])[1:-1] for place in shown]
    rows = list(zip(labels, before[shown].tolist(), now[shown].tolist(), strict=True))
    if max(rest_before, rest_now - new) > 1e-9:
        rows.append(("(other words)", float(rest_before), float(rest_now - new)))
    if new:
        rows.append(("(never seen in training)", 0.0, new))
    return {
        "labels": [label for label, _, _ in rows],
        "baseline": [round(max(share, 0.0), 6) for _, share, _ in rows],
        "current": [round(max(share, 0.0), 6) for _, _, share in rows],
    }

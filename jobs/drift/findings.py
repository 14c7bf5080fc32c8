"""The verdict on every column: drifted when the difference is certain *and* large, each by a threshold of its own.

Certain: the p-value of one of its aspects is below the significance divided by the number of all tests of the check
(Bonferroni), so that a check without drift raises anything in at most about one of a hundred cases, however many
columns there are. Large: the aspect's score is at least the distance asked for. The first alone would flag a harmless
shift in every check of a million rows, the second alone would flag chance in every check of a hundred.

A column that cannot be judged is "undefined" and says why; it is never "stable". Raw values are not seen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.documents.drift import Bins, Finding, Measures, Statistic
from jobs.drift import distances
from jobs.drift.aspects import FEWEST, Aspect, Compared, Distribution, aspects, distribution, joined, tests
from jobs.drift.sentences import shortened, told
from jobs.drift.significance import Test
from jobs.profiles.counts import Counts
from jobs.profiles.profile import Reference
from jobs.settings import MONITORING, MonitoringSettings

Pair = tuple[Reference, Counts]
_DRAWN_WORDS = 28
_NO_ASPECT = Aspect("distribution", 0.0, 1.0)


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

    def exceeded_by(self, aspect: Aspect) -> bool:
        return aspect.p_value < self.p_value and aspect.score >= self.distance


def thresholds(settings: MonitoringSettings, pairs: Sequence[Pair]) -> Thresholds:
    """The thresholds of one check; `pairs`: all its columns, those of the model's answers too."""
    return Thresholds(
        significance=float(settings.get("significance", MONITORING["significance"])),
        distance=float(settings.get("distance", MONITORING["distance"])),
        tests=sum(tests(reference, counts) for reference, counts in pairs),
    )


def findings(pairs: Sequence[Pair], limits: Thresholds, importance: Mapping[str, float]) -> list[Finding]:
    """The entries of drift.json's "features" or "predictions", worst first: drifted, stable, undefined.

    `importance`: shares by column, where they are known.
    """
    found = [finding(reference, counts, limits, importance.get(reference.name)) for reference, counts in pairs]
    order = {"drifted": 0, "stable": 1, "undefined": 2}
    return sorted(found, key=lambda one: (order[one["verdict"]], -(one["score"] or 0.0), one["name"]))


def finding(reference: Reference, counts: Counts, limits: Thresholds, importance: float | None) -> Finding:
    """One column's entry of drift.json."""
    compared = Compared.of(reference, counts)
    values = distribution(compared)
    judged = aspects(compared, values)
    drifted = [one for one in judged if limits.exceeded_by(one)]
    undefined = why_undefined(reference, counts)
    verdict = "drifted" if drifted else "undefined" if undefined else "stable"
    worst = max(drifted or judged, key=lambda one: (one.score, one.name == "distribution"), default=None)
    direction, sentence = told(worst.name, compared, values) if worst else ("changed", undefined or "")
    return {
        "name": reference.name,
        "kind": reference.kind,
        "importance": importance,
        "verdict": verdict,
        "undefined": undefined,
        "aspect": (worst or _NO_ASPECT).name,
        "score": worst.score if worst else None,
        "threshold": limits.distance,
        "p_value": worst.p_value if worst else None,
        "direction": direction,
        "sentence": sentence,
        "measures": _measures(compared, values, judged),
        "bins": _bins(compared),
    }


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

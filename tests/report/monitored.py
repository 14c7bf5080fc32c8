"""drift.json and quality.json as the checks write them: builders with real distributions behind the figures.

Nothing here decides as the watch does: a document says what its caller asks for, so that a page can be tried on all
there is, the impossible included.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

Plain = dict[str, Any]
THRESHOLD = 0.05
_BEGAN = datetime(2026, 11, 22, 10, tzinfo=UTC)


def moment(days_ago: float = 0.0) -> str:
    """A check's time, `days_ago` days before the last one."""
    return (_BEGAN - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def distance(baseline: list[float], current: list[float]) -> float:
    """Jensen-Shannon distance with base 2 of two discrete distributions."""
    one, other = np.array(baseline) + 1e-12, np.array(current) + 1e-12
    middle = (one + other) / 2
    return float(np.sqrt(max(0.0, (one @ np.log2(one / middle) + other @ np.log2(other / middle)) / 2)))


def number(name: str, shift: float = 0.0, scale: float = 1.0, seed: int = 0, **changed: Any) -> Plain:
    """A numeric feature whose traffic is shifted and scaled, both in standard deviations of the baseline."""
    rng = np.random.default_rng(seed)
    edges = np.linspace(10, 90, 29)
    shares = [
        np.histogram(np.clip(values, 10, 90), edges)[0] / len(values)
        for values in (rng.normal(45, 12, 9_000), rng.normal(45 + 12 * shift, 12 * scale, 3_000))
    ]
    labels = [f"{low:.0f} – {high:.0f}" for low, high in pairwise(edges)]
    bins = {"labels": labels, "baseline": shares[0].tolist(), "current": shares[1].tolist()}
    score = distance(bins["baseline"], bins["current"])
    far = score if shift or scale != 1 else score / 4
    statistic = {"statistic": 0.19 * abs(shift) + 0.02, "p_value": 10 ** (-40 * far)}
    return feature(
        name, "numeric", bins, far,
        "higher" if shift > 0 else "lower" if shift < 0 else "wider",
        f"median 44.9 -> {44.9 + 12 * shift:.1f}, {shift:+.2f} standard deviations",
        {"kolmogorov_smirnov": statistic, "wasserstein": abs(shift) + 0.01},
        **changed,
    )  # fmt: skip


def words_of(name: str, shares: dict[str, tuple[float, float]], **changed: Any) -> Plain:
    """A categorical feature: category -> share in the baseline and in the traffic."""
    baseline, current = ([pair[side] for pair in shares.values()] for side in (0, 1))
    bins = {"labels": list(shares), "baseline": baseline, "current": current}
    most = max(shares, key=lambda word: abs(shares[word][0] - shares[word][1]))
    told = f"{most} {100 * shares[most][0]:.1f} % -> {100 * shares[most][1]:.1f} %"
    tested = {"chi_squared": {"statistic": 80.1, "p_value": 1e-9}}
    return feature(name, "categorical", bins, distance(baseline, current), "changed", told, tested, **changed)


def feature(
    name: str, kind: str, bins: Plain | None, score: float | None, direction: str, sentence: str, measures: Plain, /,
    **changed: Any,
) -> Plain:  # fmt: skip
    """One entry of `features`; `changed` replaces what it would be."""
    given = {"kolmogorov_smirnov": None, "chi_squared": None, "wasserstein": None} | measures
    return {
        "name": name, "kind": kind, "importance": 0.31,
        "verdict": "drifted" if (score or 0.0) >= THRESHOLD else "stable", "undefined": None,
        "aspect": "distribution", "score": score, "threshold": THRESHOLD, "p_value": 10 ** (-40 * (score or 0.0)),
        "direction": direction, "sentence": sentence,
        "measures": {
            "psi": 2 * (score or 0.0) ** 2 * 4, "jensen_shannon": score, **given,
            "missing": {"baseline": 0.012, "current": 0.014, "p_value": 0.4},
            "unseen": {"share": 0.0, "rows": 0, "p_value": 1.0, "examples": []},
        },
        "bins": bins,
    } | changed  # fmt: skip


def undefined(name: str, kind: str = "numeric") -> Plain:
    """A feature that could not be compared: nothing but its name and why."""
    why = "All values are missing in this traffic."
    return feature(name, kind, None, None, "changed", "", {}, verdict="undefined", undefined=why, aspect=None,
                   p_value=None, direction=None, measures=None)  # fmt: skip


def features() -> list[Plain]:
    """Seven features as a check finds them: three drifted, one of each aspect, three stable, one undefined."""
    plans = {
        "basic": (0.52, 0.36),
        "plus": (0.33, 0.35),
        "family": (0.14, 0.16),
        "student": (0.01, 0.03),
        "trial": (0.0, 0.1),
    }
    income = number("income", seed=4, verdict="drifted", aspect="missing", score=0.142, direction="more",
                    p_value=4.1e-22, sentence="missing 1.2 % -> 9.8 %")  # fmt: skip
    income["measures"]["missing"] = {"baseline": 0.012, "current": 0.098, "p_value": 4.1e-22}
    country = words_of(
        "country", {f"country {place}": (0.1 - place / 250, 0.1 - place / 250) for place in range(14)},
        verdict="drifted", aspect="unseen", score=0.08, direction="more", p_value=2e-12,
        sentence="2.1 % of rows hold values never seen in training",
    )  # fmt: skip
    country["measures"]["unseen"] = {"share": 0.021, "rows": 25, "p_value": 2e-12, "examples": ["Atlantis", "Mu"]}
    return [
        number("age", 0.48),
        words_of("plan", plans, importance=None),
        income,
        country,
        number("tenure", seed=1),
        number("visits", seed=2),
        words_of("region", {"north": (0.5, 0.51), "south": (0.5, 0.49)}),
        undefined("signup"),
    ]


def answers() -> list[Plain]:
    """What the model answered: fewer "no", and more confident ones."""
    return [
        words_of("prediction", {"no": (0.74, 0.66), "yes": (0.26, 0.34)}, importance=None),
        number("p(yes)", 0.3, seed=5, importance=None),
        number("p(no)", -0.3, seed=5, importance=None),
    ]


def estimate(loss: str | None = "certain") -> Plain:
    """The estimated performance without labels."""
    return {
        "method": "confidence-based", "loss": loss, "metric": "f1",
        "metrics": {
            "accuracy": metric(0.91, "estimated", 0.85, -0.06),
            "f1": metric(0.80, "estimated", 0.74, -0.06),
            "precision": metric(0.79, "estimated", 0.78, -0.01),
            "auc": {"at_promotion": 0.93, "estimated": None, "low": None, "high": None, "difference": None,
                    "difference_low": None, "difference_high": None, "undefined": "All answers are the same class."},
        },
        "sentence": "F1 is estimated at 0.74, 0.06 below the 0.80 at promotion (95 % interval 0.04 to 0.08).",
        "undefined": None,
    }  # fmt: skip


def metric(before: float, key: str, now: float, difference: float) -> Plain:
    """A metric against promotion, its interval 0.02 to either side."""
    return {
        "at_promotion": before, key: now, "low": now - 0.02, "high": now + 0.02, "difference": difference,
        "difference_low": difference - 0.02, "difference_high": difference + 0.02, "undefined": None,
    }  # fmt: skip


def history(checks: int = 30, drifting: int = 4) -> Any:
    """Daily checks, the last `drifting` of them with drift, one without traffic among them."""
    rng, entries = np.random.default_rng(7), []
    for place in range(checks):
        ago = checks - 1 - place
        drifted, silent = ago < drifting, ago == drifting + 3
        scores = {"age": 0.21 if drifted else 0.02, "plan": 0.15 if drifted else 0.03} | {
            "income": 0.14 if ago < 2 else 0.01, "country": 0.08 if ago < 1 else 0.0,
        }  # fmt: skip
        state = "not-enough-traffic" if silent else "drifted" if drifted else "stable"
        entries.append({
            "check": f"churn-drift-{place + 1}", "at": moment(ago),
            "state": state, "rows": 12 if silent else 1_200,
            "share_drifted": None if silent else 0.5 if ago < 1 else 0.25 if drifted else 0.0,
            "drifted": ["age", "plan"] if drifted else [],
            "scores": {} if silent else {name: score + rng.uniform(0, 0.015) for name, score in scores.items()},
            "estimated": {} if silent else {"f1": (0.74 if drifted else 0.80) + rng.normal(0, 0.006)},
        })  # fmt: skip
    return entries


def drift(**changed: Any) -> Any:
    """drift.json of a check that found drift; `changed` replaces what it would be."""
    found = changed.get("features", features())
    drifted = [one["name"] for one in found if one["verdict"] == "drifted"]
    return {
        "version": 1, "check": "churn-drift-30", "at": moment(), "dataset": "churn", "run": "churn-1a2b3c4d",
        "endpoint": "sagerelay-churn", "drill": None, "state": "drifted",
        "window": {"from": moment(1), "to": moment(0.01), "rows": 1_200, "records": 1_100, "files": 24,
                   "left_out": {"evaluation": 3, "earlier-model": 0, "drill": 12}},
        "problems": [
            {"code": "base64", "records": 1, "sentence": "1 record is in base64; it was read."},
            {"code": "truncated", "records": 3, "sentence": "3 records are cut off, the first in a.jsonl line 17."},
        ],
        "thresholds": {"significance": 0.01, "tests": 63, "p_value": 0.000159, "distance": THRESHOLD, "min_rows": 100},
        "drifted": drifted, "share_drifted": len(drifted) / max(1, len(found)), "features": found,
        "predictions": answers(), "estimate": estimate(), "history": history(),
    } | changed  # fmt: skip


def too_few() -> Any:
    """drift.json of a check with 40 rows: nothing was compared."""
    window = {"from": moment(1), "to": moment(0.5), "rows": 40, "records": 40, "files": 2, "left_out": {}}
    nothing = {"metrics": None, "loss": None, "metric": None, "sentence": None, "undefined": "There were too few rows."}
    limits = {"significance": 0.01, "tests": 0, "p_value": None, "distance": THRESHOLD, "min_rows": 100}
    return drift(state="not-enough-traffic", window=window, problems=[], features=[], predictions=[], drifted=[],
                 share_drifted=None, thresholds=limits, estimate={"method": "confidence-based", **nothing},
                 history=[])  # fmt: skip


def quality(**changed: Any) -> Any:
    """quality.json of a check that found a loss; `changed` replaces what it would be."""
    entries = [
        {"check": f"churn-quality-{place}", "at": moment(7 * (12 - place)), "state": "fell" if place > 10 else "kept",
         "matched": 400 + place, "metrics": {"f1": 0.80 - 0.045 * max(0, place - 10), "accuracy": 0.9}}
        for place in range(1, 13)
    ]  # fmt: skip
    return {
        "version": 1, "check": "churn-quality-12", "at": moment(), "dataset": "churn", "run": "churn-1a2b3c4d",
        "endpoint": "sagerelay-churn", "state": "fell", "window": {"from": moment(30), "to": moment(0.01)},
        "coverage": {"labels": 900, "matched": 850, "unknown": 40, "duplicates": 5, "conflicting": 2, "unusable": 3,
                     "captured": 3_000, "share_of_traffic": 0.28, "of_live_model": 800},
        "problems": [{"code": "unknown-id", "labels": 40, "sentence": "40 labels have an id that was never captured."}],
        "task": "binary", "classes": ["no", "yes"], "metric": "f1", "max_loss": 0.02,
        "metrics": {
            "accuracy": metric(0.91, "value", 0.84, -0.07), "f1": metric(0.80, "value", 0.71, -0.09),
            "log_loss": metric(0.30, "value", 0.41, 0.11), "precision": metric(0.79, "value", 0.78, -0.01),
            "auc": {"at_promotion": 0.93, "value": None, "low": None, "high": None, "difference": None,
                    "difference_low": None, "difference_high": None, "undefined": "All labels are of the same class."},
        },
        "sentence": "F1 is 0.71, 0.09 below the 0.80 of the evaluation at promotion (95 % interval 0.07 to 0.11).",
        "confusion_matrix": [[520, 70], [58, 152]], "labelled": {"file": "labelled.csv", "rows": 850},
        "history": entries,
    } | changed  # fmt: skip


def relation(**changed: Any) -> Any:
    """The "relation" of quality.json of a model whose outcomes have changed."""
    return {
        "state": "changed", "undefined": None, "evidence": 312.4, "needed": 100.0, "tolerated": 0.15,
        "dependence": 1.1, "rows": 1234, "new_rows": 100, "found": "churn-quality-11", "since": moment(7),
        "worse": True,
        "sentence": "The same inputs now have other outcomes, since about 2026-11-15 10:00 UTC: the outcome \"yes\" …",
        "shift": {"what": "toward", "which": 'the outcome "yes"', "sign": 1, "rows": 700, "promised": 0.24,
                  "seen": 0.31, "difference": 0.07, "low": 0.02, "high": 0.12, "amount": None},
    } | changed  # fmt: skip


def multiclass(count: int = 30) -> Any:
    """quality.json of `count` classes, quality kept."""
    names = [f"class {place}" for place in range(count)]
    matrix = (np.eye(count, dtype=int) * 40 + np.random.default_rng(1).integers(0, 4, (count, count))).tolist()
    return quality(state="kept", task="multiclass", classes=names, metric="f1_macro", confusion_matrix=matrix,
                   metrics={"f1_macro": metric(0.80, "value", 0.81, 0.01)}, sentence="F1 (macro) is 0.81.")  # fmt: skip


def numbers() -> Any:
    """quality.json of a regression: no classes, no confusion matrix, smaller is better."""
    return quality(
        task="regression", classes=None, confusion_matrix=None, metric="rmse", max_loss=0.02,
        metrics={"rmse": metric(12_300.0, "value", 14_100.0, 1_800.0), "r2": metric(0.8, "value", 0.7, -0.1)},
        sentence="RMSE is 14,100, 1,800 above the 12,300 of the evaluation at promotion.",
    )  # fmt: skip


def too_few_labels() -> Any:
    """quality.json of a check with 12 labels: no metric."""
    coverage = {"labels": 12, "matched": 12, "unknown": 0, "duplicates": 0, "conflicting": 0, "unusable": 0,
                "captured": 0, "share_of_traffic": None, "of_live_model": 12}  # fmt: skip
    return quality(state="not-enough-labels", coverage=coverage, problems=[], metrics={}, confusion_matrix=None,
                   history=[], labelled=None, sentence="12 labels match the traffic; a check needs 100.")  # fmt: skip

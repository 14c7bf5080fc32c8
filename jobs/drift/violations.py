"""constraint_violations.json: what a tool made for Model Monitor reads of a check.

The checks are Model Monitor's own, held to the constraints of constraints.json, and they mean what they mean there: a
share of the traffic that does not meet a constraint, whether that matters or not. Whether the traffic has drifted is
said by drift.json, and `baseline_drift_check` repeats its verdict. Only columns the model uses are checked, because
only those are in the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobs.documents.drift import Finding
from jobs.drift.traffic import Traffic

MISSING_COLUMNS, EXTRA_COLUMNS = "Missing columns", "Extra columns"
_TROUBLES = {
    "fewer-columns": (MISSING_COLUMNS, "missing_column_check", "There are missing columns in current dataset."),
    "more-columns": (EXTRA_COLUMNS, "extra_column_check", "There are extra columns in current dataset."),
}


def violations(constraints: Mapping[str, Any], traffic: Traffic, judged: Sequence[Finding]) -> dict[str, Any]:
    """The document. `judged`: the "features" of drift.json."""
    config = constraints.get("monitoring_config") or {}
    by_name = {entry["name"]: entry for entry in constraints.get("features") or ()}
    found = [
        violation
        for name, counts in traffic.features.items()
        if name in by_name and counts.rows
        for violation in _of_column(by_name[name], config, traffic, name)
    ]
    return {"version": 0.0, "violations": [*_of_columns(traffic), *found, *_of_drift(judged)]}


def _of_column(constraint: Mapping[str, Any], config: Mapping[str, Any], traffic: Traffic, name: str) -> Iterator[Any]:
    counts = traffic.features[name]
    completeness = counts.present / counts.rows
    unreadable = traffic.tally.unreadable.get(name, 0)
    typed = counts.present - traffic.fractional.get(name, 0)
    matching = typed / (counts.present + unreadable) if counts.present + unreadable else 1.0
    if matching < float(config.get("datatype_check_threshold", 1.0)):
        yield _violation(name, "data_type_check", _value(matching))
    if completeness < float(constraint.get("completeness", 0.0)):
        yield _violation(name, "completeness_check", _value(completeness))
    domains = (constraint.get("string_constraints") or {}).get("domains")
    if domains and counts.present:
        known = 1.0 - counts.unseen / counts.present
        if known < float(config.get("domain_content_threshold", 1.0)):
            yield _violation(name, "categorical_values_check", _value(known))


def _of_columns(traffic: Traffic) -> Iterator[Any]:
    for code, (name, check, sentence) in _TROUBLES.items():
        if trouble := traffic.tally.troubles.get(code):
            wanted = len(traffic.baseline.shape.columns)
            yield _violation(name, check, f"{sentence} Records: {trouble.count}, columns due: {wanted}")


def _of_drift(judged: Sequence[Finding]) -> Iterator[Any]:
    for feature in judged:
        if feature["verdict"] == "drifted":
            told = f"Baseline drift distance: {feature['score']} exceeds threshold: {feature['threshold']}"
            yield _violation(feature["name"], "baseline_drift_check", told)


def _value(share: float) -> str:
    return f"Value: {share} does not meet the constraint requirement! "


def _violation(feature: str, check: str, description: str) -> dict[str, str]:
    return {"feature_name": feature, "constraint_check_type": check, "description": description}

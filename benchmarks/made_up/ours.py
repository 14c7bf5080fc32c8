"""SageRelay's own verdict on made-up tables, by the functions the drift job calls; see benchmarks/peers/tools.py."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.made_up.checks import Values
from benchmarks.made_up.families import Feature, Numbers, Words
from jobs.documents.drift import Finding
from jobs.drift.findings import findings, thresholds
from jobs.profiles.counts import Counts, count
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.settings import MonitoringSettings

SETTINGS: MonitoringSettings = {"significance": 0.01, "distance": 0.05}


def column(values: Numbers | Words) -> Any:
    """Numbers as they are; words as Arrow holds them, which costs a suite of many small checks least."""
    if not isinstance(values, Words):
        return values
    used, codes = np.unique(values.codes, return_inverse=True)
    words = pa.array([values.words[code] if code >= 0 else None for code in used.tolist()], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=values.codes < 0), words)


def references(kinds: Mapping[str, str], baseline: Mapping[str, Any]) -> list[Reference]:
    """The stored baseline of a table, parsed."""
    described = describe([Column(name, kind, baseline[name]) for name, kind in kinds.items()])
    return [Reference.read(one) for one in described]


def found(stored: list[Reference], current: Mapping[str, Any]) -> list[Finding]:
    """The features of a check's drift.json, with the default settings; counted by two threads, as the job does."""
    return _judged(stored, count(stored, current))


def judge(features: tuple[Feature, ...], baseline: Values, current: Values) -> set[str]:
    """A `checks.Judge`."""
    kinds = {feature.name: "categorical" if feature.categorical else "numeric" for feature in features}
    stored = references(kinds, {name: column(values) for name, values in baseline.items()})
    counted = [Counts.empty(one).add(column(current[one.name])) for one in stored]
    return {str(one["name"]) for one in _judged(stored, counted) if one["verdict"] == "drifted"}


def _judged(stored: list[Reference], counted: list[Counts]) -> list[Finding]:
    pairs = list(zip(stored, counted, strict=True))
    return list(findings(pairs, thresholds(SETTINGS, pairs), {}))

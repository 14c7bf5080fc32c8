"""SageRelay's own verdict on made-up tables, by the functions the drift job calls; see benchmarks/peers/tools.py."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.made_up.checks import Values
from benchmarks.made_up.families import Feature, Numbers, Words
from jobs.documents.baseline import Dependence
from jobs.documents.drift import Finding
from jobs.drift.dependence import Beside, besides
from jobs.drift.findings import findings, thresholds
from jobs.profiles.counts import Counts, count
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.row_sample import RowSample
from jobs.profiles.training import dependence
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


def known(stored: list[Reference], baseline: Mapping[str, Any]) -> Dependence:
    """What the stored baseline knows of how its rows hang together; they are in no order."""
    words = {one.name: pa.array(baseline[one.name], pa.string()).dictionary_encode() for one in stored if one.is_words}
    return dependence(stored, {**baseline, **words})


def found(stored: list[Reference], current: Mapping[str, Any], dependent: Dependence) -> list[Finding]:
    """The features of a check's drift.json, with the default settings; counted by two threads, as the job does."""
    rows = len(next(iter(current.values())))
    with ThreadPoolExecutor(1) as pool:
        sample = pool.submit(RowSample.none(stored, dependent["many_valued"]).add, rows, current)
        counted = count(stored, current)
        return _judged(stored, counted, besides(dependent, sample.result()))


def judge(features: tuple[Feature, ...], baseline: Values, current: Values) -> set[str]:
    """A `checks.Judge`. The training rows came in no known order, the traffic's one a second."""
    kinds = {feature.name: "categorical" if feature.categorical else "numeric" for feature in features}
    trained = {name: column(given) for name, given in baseline.items()}
    stored = references(kinds, trained)
    dependent = dependence(stored, trained)
    values = {name: column(given) for name, given in current.items()}
    counted = [Counts.empty(one).add(values[one.name]) for one in stored]
    sample = RowSample.none(stored, dependent["many_valued"])
    rows = len(next(iter(values.values())))
    beside = besides(dependent, sample.add(rows, values, np.arange(rows) * 1.0))
    return {str(one["name"]) for one in _judged(stored, counted, beside) if one["verdict"] == "drifted"}


def _judged(
    stored: list[Reference], counted: list[Counts], beside: Mapping[str, Beside] | None = None
) -> list[Finding]:
    pairs = list(zip(stored, counted, strict=True))
    return list(findings(pairs, thresholds(SETTINGS, pairs), {}, beside))

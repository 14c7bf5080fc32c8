"""Evidently, NannyML and scipy, each as a `Judge`: which features does the tool call drifted, by its own defaults?

Imported by the peers' Python only, and each tool where it is used: they take seconds to import.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.made_up.checks import Values
from benchmarks.made_up.families import Feature, Words

SIGNIFICANCE = 0.05  # what people write beside a p-value without a second thought


def frame(values: Values) -> pd.DataFrame:
    """float64 columns, and Python strings for categories."""
    return pd.DataFrame({n: v.objects() if isinstance(v, Words) else v for n, v in values.items()})


def evidently(baseline: pd.DataFrame, current: pd.DataFrame, categorical: list[str]) -> set[str]:
    """The DataDriftPreset: it chooses the measure and the threshold of each column itself."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    numeric = [name for name in baseline.columns if name not in categorical]
    kinds = DataDefinition(numerical_columns=numeric, categorical_columns=categorical)
    made = [Dataset.from_pandas(part, data_definition=kinds) for part in (current, baseline)]
    snapshot = Report([DataDriftPreset()]).run(*made)
    return {
        metric["config"]["column"]
        for metric in snapshot.dict()["metrics"]
        if metric["config"]["type"] == "evidently:metric_v2:ValueDrift" and _drifted(metric)
    }


def _drifted(metric: dict[str, Any]) -> bool:
    value, threshold = float(metric["value"]), float(metric["config"]["threshold"])
    return value < threshold if metric["config"]["method"].endswith("p_value") else value >= threshold


def nannyml(baseline: pd.DataFrame, current: pd.DataFrame, categorical: list[str]) -> set[str]:
    """The univariate calculator with its default, Jensen-Shannon, and thresholds from the baseline's own chunks."""
    from nannyml import UnivariateDriftCalculator

    chunk = min(len(current), len(baseline))
    calculator = UnivariateDriftCalculator(
        column_names=list(baseline.columns), treat_as_categorical=categorical, chunk_size=chunk
    )
    calculator.fit(baseline)
    found = calculator.calculate(current).filter(period="analysis").to_df()
    return {name for name in baseline.columns if bool(found[(name, "jensen_shannon", "alert")].any())}


def scipy(baseline: pd.DataFrame, current: pd.DataFrame, categorical: list[str]) -> set[str]:
    """Kolmogorov-Smirnov and chi-squared with p < 0.05, column by column: what one writes oneself."""
    from scipy import stats

    flagged = set()
    for name in baseline.columns:
        before, now = baseline[name].dropna(), current[name].dropna()
        if name in categorical:
            counts = pd.concat([before.value_counts(), now.value_counts()], axis=1).fillna(0).to_numpy()
            p_value = stats.chi2_contingency(counts.T).pvalue if len(counts) > 1 else np.nan
        else:
            p_value = stats.ks_2samp(before.to_numpy(), now.to_numpy()).pvalue
        if p_value < SIGNIFICANCE:
            flagged.add(str(name))
    return flagged


Tool = Callable[[pd.DataFrame, pd.DataFrame, list[str]], set[str]]
TOOLS: dict[str, Tool] = {"evidently": evidently, "nannyml": nannyml, "scipy": scipy}


def judge(tool: str) -> Callable[[tuple[Feature, ...], Values, Values], set[str]]:
    """The tool as `checks.run` calls it."""

    def judged(features: tuple[Feature, ...], baseline: Values, current: Values) -> set[str]:
        categorical = [feature.name for feature in features if feature.categorical]
        return TOOLS[tool](frame(baseline), frame(current), categorical)

    return judged

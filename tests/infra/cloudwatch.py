"""How CloudWatch judges an alarm, by "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data": a
new alarm is in INSUFFICIENT_DATA; each look takes some more periods than are judged (the evaluation range); figures
that are there go before what is made up for those that are missing.

How many periods more is not promised; two are the tables' of that page. An alarm of one metric, or of one expression of
the form IF(a >= n, b, c).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEW = "INSUFFICIENT_DATA"
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", NEW: "InsufficientDataActions"}
_MORE = 2
_BREACHES = {"GreaterThanOrEqualToThreshold": operator.ge, "LessThanThreshold": operator.lt}
_CHOICE = re.compile(r"IF\((?P<which>\w+) >= (?P<least>\d+), (?P<then>\w+), (?P<otherwise>\d+)\)")
Figure = float | None


@dataclass(frozen=True)
class CloudWatch:
    """One alarm, as CloudFormation or PutMetricAlarm defines it."""

    alarm: Mapping[str, Any]

    def states(self, series: Sequence[Sequence[Figure]] | Mapping[str, Sequence[Figure]]) -> Iterator[str]:
        """Its state when it is made, and after each period. `series`: the metric's figures, or by Id those of all."""
        figures = self._judged(series) if isinstance(series, Mapping) else list(series[0])
        state = NEW
        yield state
        for end in range(1, len(figures) + 1):
            state = self._next(state, figures[:end])
            yield state

    def _judged(self, series: Mapping[str, Sequence[Figure]]) -> list[Figure]:
        [expression] = [one["Expression"] for one in self.alarm["Metrics"] if "Expression" in one]
        choice = _CHOICE.fullmatch(expression)
        assert choice is not None, expression
        pairs = zip(series[choice["which"]], series[choice["then"]], strict=True)
        least, otherwise = float(choice["least"]), float(choice["otherwise"])
        return [
            None if which is None or then is None else then if which >= least else otherwise for which, then in pairs
        ]

    def _next(self, state: str, figures: list[Figure]) -> str:
        periods = self.alarm["EvaluationPeriods"]
        needed = self.alarm.get("DatapointsToAlarm", periods)
        breaches, threshold = _BREACHES[self.alarm["ComparisonOperator"]], self.alarm["Threshold"]
        there = [one for one in figures[-periods - _MORE :] if one is not None]
        verdicts = [breaches(one, threshold) for one in there[-periods:]]
        if len(verdicts) < periods:
            missing = self.alarm.get("TreatMissingData", "missing")
            if not there and missing == "missing":
                return NEW
            if missing == "ignore":
                return state
            if missing != "missing":
                verdicts += [missing == "breaching"] * (periods - len(verdicts))
        return "ALARM" if sum(verdicts) >= needed else "OK"

"""CloudWatch's alarms on an endpoint's metrics, judged by what its fleet really answered.

Of alarms SageMaker asks in the name of the endpoint's role, as it does on AWS; what they say goes back into moto,
which keeps them and judges nothing. Time passes faster here: a period is as much shorter as everything else.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.sagemaker.traffic import Answered, figure

Figures = list[float | None]
_BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_MORE = 2
"""Periods that are looked at beside those that are judged, where figures are missing."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a fleet has answered since it began, by a monotonic clock that shows `now`; and how fast time passes."""

    answered: Sequence[Answered]
    began: float
    now: float
    speed: float


class Alarms:
    """The account's alarms. `cloudwatch` makes a client with a role's environment."""

    def __init__(self, account: str, region: str, cloudwatch: Callable[[Mapping[str, str]], Any]) -> None:
        self._account, self._region, self._cloudwatch = account, region, cloudwatch
        self._clients: dict[str, Any] = {}

    def described(self, names: Sequence[str], environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """These alarms, by name, as the role sees them. Raises ClientError where it may not."""
        if not names:
            return {}
        key = environment.get("AWS_ACCESS_KEY_ID", "")
        if key not in self._clients:
            self._clients[key] = self._cloudwatch(environment)
        found = self._clients[key].describe_alarms(AlarmNames=[*names])["MetricAlarms"]
        return {one["AlarmName"]: one for one in found}

    def ringing(self, names: Sequence[str], environment: Mapping[str, str], looked: Looked) -> list[str]:
        """Those that ring: by what the fleet answered, or because somebody said so."""
        rang = []
        for name, alarm in self.described(names, environment).items():
            state = alarm["StateValue"]
            if state != "ALARM" and (judged := judge(alarm, looked)):
                self._set(name, judged)
                state = judged
            if state == "ALARM":
                rang.append(name)
        return rang

    def _set(self, name: str, state: str) -> None:
        from moto.cloudwatch.models import cloudwatch_backends

        alarm = cloudwatch_backends[self._account][self._region].alarms.get(name)
        if alarm is not None and alarm.state_value != state:
            alarm.update_state("Judged by what the endpoint answered", "{}", state)


def judge(alarm: Mapping[str, Any], looked: Looked) -> str | None:
    """The state of an alarm on one fleet; None where too little is there to say, and it stays as it is."""
    figures = _figures(alarm, looked)
    periods = alarm["EvaluationPeriods"]
    there = [one for one in figures[-periods - _MORE :] if one is not None][-periods:]
    breaches = [_BREACHES[alarm["ComparisonOperator"]](one, alarm["Threshold"]) for one in there]
    if sum(breaches) >= alarm.get("DatapointsToAlarm", periods):
        return "ALARM"
    return "OK" if len(there) == periods else None


def _figures(alarm: Mapping[str, Any], looked: Looked) -> Figures:
    """One figure for each whole period."""
    if "MetricName" in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return _series(alarm["MetricName"], statistic, alarm["Period"], looked)
    series: dict[str, Figures] = {}
    expression = ""
    for one in alarm["Metrics"]:
        if "MetricStat" in one:
            stat = one["MetricStat"]
            series[one["Id"]] = _series(stat["Metric"]["MetricName"], stat["Stat"], stat["Period"], looked)
        else:
            expression = one["Expression"]
    periods = zip(*series.values(), strict=True)
    return [evaluate(expression, dict(zip(series, values, strict=True))) for values in periods]


def _series(metric: str, statistic: str, period: int, looked: Looked) -> Figures:
    length = period / looked.speed
    whole = int((looked.now - looked.began) / length)
    periods: list[list[Answered]] = [[] for _ in range(whole)]
    for one in looked.answered:
        if one.at >= looked.began and (place := int((one.at - looked.began) / length)) < whole:
            periods[place].append(one)
    return [figure(metric, statistic, one) for one in periods]


_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
}


def evaluate(expression: str, values: Mapping[str, float | None]) -> float | None:
    """One period's figure of a metric math expression, of those with numbers, names, comparisons and IF.

    >>> evaluate("IF(requests >= 5, refused / requests, 0)", {"requests": 8.0, "refused": 6.0})
    0.75
    >>> evaluate("a + 1", {"a": None}) is None
    True
    """
    if any(value is None for value in values.values()):
        return None
    return float(_value(ast.parse(expression, mode="eval").body, values))


def _value(node: ast.expr, values: Mapping[str, float | None]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id="IF"), args=[which, then, otherwise]):
            return _value(then if _value(which, values) else otherwise, values)
    raise ValueError(f"metric math that is not known here: {ast.unparse(node)}")

"""What SageMaker knows of a built-in algorithm before its container runs: hyperparameters, and what of them it tunes.

For its own algorithms CreateHyperParameterTuningJob looks into the metadata that the container's makers have registered
(`SupportedHyperParameters`): name, type, range and IsTunable of each. An end that is open for the container belongs to
the registered range all the same, and what depends on something else is checked by the container alone. The image
decides, not what runs in it: in script mode a job has the same hyperparameters, and metrics by the same expressions.
"""

import math
from collections.abc import Iterator
from typing import Any

from local.containers.kinds import Interval, Kind
from local.containers.stand_in import Metadata
from local.wire.errors import ApiError

_RANGES = {
    "IntegerParameterRanges": "Integer",
    "ContinuousParameterRanges": "Continuous",
    "CategoricalParameterRanges": "Categorical",
}
_NUMBERS = {"Integer", "Continuous"}
_OF_THE_PLATFORM = "sagemaker_"
"""What so begins is told to the container's own library (script mode) and not looked at, except as a range."""


def kind_of(kind: Kind) -> str:
    """Integer, Continuous, Categorical or FreeText."""
    if kind.listed:
        return "FreeText"
    return {int: "Integer", float: "Continuous"}.get(kind.parse, "Categorical")  # type: ignore[call-overload, no-any-return]


def check(
    known: Metadata, declared: dict[str, Any], static: dict[str, str], trials: int | None, *, lists: bool = True
) -> None:
    """Refuse ranges and static hyperparameters that are not the algorithm's, and more trials than combinations.

    `lists`: whether a number may be tuned over a list of values, which no page says and nobody has seen.
    """
    given = [(item, kind) for member, kind in _RANGES.items() for item in declared.get(member, [])]
    faults = [fault for item, kind in given for fault in _of_range(known, item, kind, lists=lists)]
    faults += [
        fault
        for name, value in static.items()
        if not name.startswith(_OF_THE_PLATFORM)
        for fault in _of_static(known, name, value)
    ]
    lacking = known.required - static.keys() - {item["Name"] for item, _ in given}
    faults += [f"The hyperparameter [{name}] is required." for name in sorted(lacking)]
    if faults:
        raise ApiError("ValidationException", " ".join(faults))
    combinations = math.prod(_combinations(item, kind) for item, kind in given)
    if trials is not None and combinations < trials:
        raise ApiError(
            "ValidationException",
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
            f"combinations for the provided ranges [{combinations}] must be equal or greater than the value of "
            f"MaxNumberOfJobs, [{trials}]. Provide additional ranges.",
        )


def _of_range(known: Metadata, item: dict[str, Any], kind: str, *, lists: bool) -> Iterator[str]:
    name = item["Name"]
    if name not in known.kinds:
        yield f"The hyperparameter [{name}] is not supported by the algorithm."
    elif name not in known.tunable:
        yield f"The hyperparameter [{name}] is not tunable."
    elif kind == "Categorical" and (kind_of(known.kinds[name]) == kind or _is_listed(known.kinds[name], lists=lists)):
        for value in item["Values"]:
            yield from _of_value(known.kinds[name], name, value)
        if len(set(item["Values"])) < len(item["Values"]):
            yield f"The values of the hyperparameter [{name}] are not all different."
    elif kind_of(known.kinds[name]) != kind:
        yield f"The hyperparameter [{name}] is {kind_of(known.kinds[name])}; its range is given as {kind}."
    else:
        for end in (item["MinValue"], item["MaxValue"]):
            if not _within(known.kinds[name], float(end)):
                yield f"The range of the hyperparameter [{name}] exceeds what the algorithm supports: {end}."


def _is_listed(kind: Kind, *, lists: bool) -> bool:
    return lists and kind_of(kind) in _NUMBERS


def _of_static(known: Metadata, name: str, value: str) -> Iterator[str]:
    if name not in known.kinds:
        yield f"The hyperparameter [{name}] is not supported by the algorithm."
        return
    kind = known.kinds[name]
    if kind_of(kind) != "FreeText" and value not in kind.words:
        yield from _of_value(kind, name, value)


def _of_value(kind: Kind, name: str, value: str) -> Iterator[str]:
    try:
        fits = _within(kind, kind.parse(value))
    except ValueError:
        fits = False
    if not fits:
        yield f"The value of the hyperparameter [{name}] is not one the algorithm supports: {value}."


def _within(kind: Kind, value: Any) -> bool:
    allowed = kind.allowed
    return allowed.low <= value <= allowed.high if isinstance(allowed, Interval) else value in allowed


def _combinations(item: dict[str, Any], kind: str) -> float:
    if kind == "Integer":
        return float(item["MaxValue"]) - float(item["MinValue"]) + 1
    return len(item["Values"]) if kind == "Categorical" else math.inf

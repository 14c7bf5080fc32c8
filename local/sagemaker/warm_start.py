"""Which tunings may be parents of a new one: AWS's "Warm Start Tuning Restrictions", as CreateHyperParameterTuningJob
checks them.

Written from that page (docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html) and not from
what the relay makes of it: the one is to judge the other.
"""

from collections.abc import Mapping
from typing import Any

from local.containers.kinds import Kind
from local.sagemaker.built_in import kind_of
from local.sagemaker.trials import TERMINAL
from local.wire.errors import ApiError

STRATEGIES = {"Bayesian", "Random"}
_CHANGES = 10
_TRAININGS = 500
_RANGES = {
    "IntegerParameterRanges": "Integer",
    "ContinuousParameterRanges": "Continuous",
    "CategoricalParameterRanges": "Categorical",
}


def check(name: str, parent: dict[str, Any], request: dict[str, Any], kinds: Mapping[str, Kind]) -> None:
    """Refuse one parent, by its description. Raises ApiError ValidationException.

    `kinds`: what SageMaker knows of the hyperparameters.
    """
    if parent["HyperParameterTuningJobStatus"] not in TERMINAL:
        raise _refused(f"The parent tuning job {name} has not ended.")
    before, now = parent["HyperParameterTuningJobConfig"], request["HyperParameterTuningJobConfig"]
    if before["HyperParameterTuningJobObjective"] != now["HyperParameterTuningJobObjective"]:
        raise _refused(f"The parent tuning job {name} has another objective.")
    tuned_before, tuned = _tuned(before), _tuned(now)
    static_before, static = _static(parent), _static(request)
    if {*tuned_before, *static_before} != {*tuned, *static}:
        raise _refused(f"The hyperparameters of the parent tuning job {name} are not those of the new one.")
    for hyperparameter in sorted(tuned_before.keys() & tuned.keys()):
        if tuned_before[hyperparameter][0] != tuned[hyperparameter][0]:
            raise _refused(f"The type of the hyperparameter [{hyperparameter}] is another in {name}.")
    changes = sum(_changes(kinds.get(key), key, value, static_before, tuned_before) for key, value in static.items())
    if changes > _CHANGES:
        raise _refused(f"{changes} changes of static hyperparameters since {name}; at most {_CHANGES} are supported.")


def check_trials(launched: int, request: dict[str, Any]) -> None:
    """Refuse more trainings than a tuning may have, those of all its parents among them."""
    together = launched + request["HyperParameterTuningJobConfig"]["ResourceLimits"].get("MaxNumberOfTrainingJobs", 1)
    if launched and together > _TRAININGS:
        raise _refused(f"{together} training jobs with those of the parents; at most {_TRAININGS} are supported.")


def _changes(kind: Kind | None, key: str, value: str, static: dict[str, str], tuned: dict[str, tuple[str, int]]) -> int:
    if key in tuned:
        return tuned[key][1]
    if static[key] == value:
        return 0
    return 1 if kind and kind_of(kind) in {"Integer", "Continuous"} else 2


def _tuned(config: dict[str, Any]) -> dict[str, tuple[str, int]]:
    """By name: the type, and how many changes it is to make it static."""
    return {
        item["Name"]: (kind, len(item.get("Values", ["a range"])))
        for member, kind in _RANGES.items()
        for item in config["ParameterRanges"].get(member, [])
    }


def _static(described: dict[str, Any]) -> dict[str, str]:
    static: dict[str, str] = described["TrainingJobDefinition"].get("StaticHyperParameters", {})
    return static


def _refused(message: str) -> ApiError:
    return ApiError("ValidationException", message)

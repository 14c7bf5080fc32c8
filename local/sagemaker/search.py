"""Which hyperparameters to try next, and when to stop trying: optuna behind SageMaker's words.

Only decisions live here: no job, no clock. Bayesian is optuna's TPE rather than SageMaker's Gaussian process, and
Hyperband samples at random; which trials are given up stands in giving_up.py. "Auto" scaling takes the logarithm when
a positive range spans two orders of magnitude. SageMaker does not publish when it detects convergence: here it is when
the best value has moved by less than 0.1 % of its size in ten trials, with twenty done.

The same configuration tries the same values: without a RandomSeed it is its own. What is suggested depends on which
results were told before, so `lag` says when: the nth trial is begun by the results of the first n - lag and no others,
in the order of their numbers, whichever of them ends first. It is somewhat more than runs at a time, so that one slow
trial does not keep the others waiting. Where suggestions depend on no result, none is waited for.
"""

import itertools
import json
import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState, create_trial

from local.wire.errors import ApiError

_WIDE = 100.0
_MOST_TRIALS = 750
_CONVERGED_AFTER, _CONVERGED_WINDOW, _CONVERGED_SHARE = 20, 10, 0.001

optuna.logging.set_verbosity(optuna.logging.ERROR)


@dataclass(frozen=True)
class Range:
    """One hyperparameter's range. `mirrored` holds 1 - value, for ReverseLogarithmic."""

    name: str
    distribution: BaseDistribution
    mirrored: bool = False

    def text(self, value: Any) -> str:
        """A sampled value as the API has it: text."""
        if self.mirrored:
            return repr(1.0 - value)
        return repr(value) if isinstance(value, float) else str(value)

    def value(self, text: str) -> Any:
        """The reverse of `text`; raises ValueError."""
        if isinstance(self.distribution, CategoricalDistribution):
            return text
        if isinstance(self.distribution, IntDistribution):
            return int(text)
        return 1.0 - float(text) if self.mirrored else float(text)


def ranges(declared: dict[str, Any]) -> list[Range]:
    """A request's ParameterRanges. Raises ApiError ValidationException for what cannot be searched.

    >>> [r.name for r in ranges({"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "9"}]})]
    ['max_depth']
    """
    found = [_integer(item) for item in declared.get("IntegerParameterRanges", [])]
    found += [_continuous(item) for item in declared.get("ContinuousParameterRanges", [])]
    found += [
        Range(item["Name"], CategoricalDistribution(item["Values"]))
        for item in declared.get("CategoricalParameterRanges", [])
    ]
    names = [item.name for item in found]
    if not names:
        raise _refused("At least one hyperparameter range is needed.")
    if len(set(names)) != len(names):
        raise _refused(f"A hyperparameter has two ranges: {', '.join(sorted(names))}")
    return found


def _integer(item: dict[str, Any]) -> Range:
    low, high = _bounds(item, int)
    return Range(item["Name"], IntDistribution(low, high, log=_logarithmic(item, low, high)))


def _continuous(item: dict[str, Any]) -> Range:
    low, high = _bounds(item, float)
    if item.get("ScalingType") == "ReverseLogarithmic":
        if not 0 <= low <= high < 1:
            raise _refused(f"ReverseLogarithmic scaling of {item['Name']} needs a range within 0 <= x < 1.")
        return Range(item["Name"], FloatDistribution(1 - high, 1 - low, log=True), mirrored=True)
    return Range(item["Name"], FloatDistribution(low, high, log=_logarithmic(item, low, high)))


def _bounds(item: dict[str, Any], number: type) -> tuple[Any, Any]:
    try:
        low, high = number(item["MinValue"]), number(item["MaxValue"])
    except ValueError:
        kind = "an integer" if number is int else "a number"
        raise _refused(f"MinValue and MaxValue of {item['Name']} must each be {kind}.") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise _refused(f"The range of {item['Name']} is empty: MinValue {low} is not below MaxValue {high}.")
    return low, high


def _logarithmic(item: dict[str, Any], low: float, high: float) -> bool:
    scaling = item.get("ScalingType", "Auto")
    if scaling == "Logarithmic" and low <= 0:
        raise _refused(f"Logarithmic scaling of {item['Name']} needs a range above 0.")
    if scaling == "ReverseLogarithmic":
        raise _refused(f"ReverseLogarithmic scaling of {item['Name']} is for continuous ranges only.")
    return scaling == "Logarithmic" or (scaling == "Auto" and low > 0 and high / low >= _WIDE)


@dataclass(frozen=True)
class Suggestion:
    """A trial to run: its number and its tuned hyperparameters, as text."""

    number: int
    hyperparameters: dict[str, str]


@dataclass
class Search:
    """The state of one tuning: ask for suggestions, tell results."""

    name: str
    config: dict[str, Any]
    space: list[Range]
    generation: int = 0
    """How many results of earlier tunings it begins with: another number, other values."""
    _trials: dict[int, Trial] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seed = self.config.get("RandomSeed", _own_seed(self.config, self.generation))
        maximize = self.config["HyperParameterTuningJobObjective"]["Type"] == "Maximize"
        self.study = optuna.create_study(
            study_name=self.name,
            direction="maximize" if maximize else "minimize",
            sampler=_sampler(self.config, seed),
            pruner=optuna.pruners.NopPruner(),
        )
        self._grid = grid(self.space) if self.config["Strategy"] == "Grid" else None

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        return {item.name: item.distribution for item in self.space}

    def ask(self) -> Suggestion | None:
        """The next trial, or None when the grid is exhausted."""
        if self._grid is not None:
            combination = next(self._grid, None)
            if combination is None:
                return None
            self.study.enqueue_trial(combination)
        trial = self.study.ask(self.distributions)
        self._trials[trial.number] = trial
        return Suggestion(trial.number, {item.name: item.text(trial.params[item.name]) for item in self.space})

    def tell(self, number: int, value: float | None) -> None:
        """The objective a trial ended with; None when it has none."""
        if value is None:
            self.study.tell(self._trials[number], state=TrialState.FAIL)
        else:
            self.study.tell(self._trials[number], value)

    def learn(self, hyperparameters: dict[str, str], value: float) -> bool:
        """Take over a result of an earlier tuning; False when it lies outside the present ranges."""
        try:
            params = {item.name: item.value(hyperparameters[item.name]) for item in self.space}
            known = create_trial(params=params, distributions=self.distributions, value=value)
        except (KeyError, ValueError):
            return False
        self.study.add_trial(known)
        return True


def lag(config: dict[str, Any]) -> int | None:
    """By how many results a suggestion is behind, as above; None where it goes by none."""
    by_results = config["Strategy"] == "Bayesian" or config.get("TrainingJobEarlyStoppingType") == "Auto"
    if not by_results and not config.get("TuningJobCompletionCriteria"):
        return None
    parallel: int = config["ResourceLimits"]["MaxParallelTrainingJobs"]
    return parallel + parallel // 2


def grid(space: Sequence[Range]) -> Iterator[dict[str, Any]]:
    """Every combination of a categorical space."""
    names = [item.name for item in space]
    return (dict(zip(names, values, strict=True)) for values in itertools.product(*_choices(space)))


def _choices(space: Sequence[Range]) -> list[tuple[Any, ...]]:
    return [item.distribution.choices for item in space if isinstance(item.distribution, CategoricalDistribution)]


def check_strategy(config: dict[str, Any], space: Sequence[Range]) -> None:
    """Refuse combinations of strategy, ranges and early stopping that SageMaker refuses."""
    strategy, choices = config["Strategy"], _choices(space)
    if strategy == "Grid" and len(choices) < len(space):
        raise _refused("Grid search supports only categorical parameter ranges.")
    asked, combinations = config.get("ResourceLimits", {}).get("MaxNumberOfTrainingJobs"), math.prod(map(len, choices))
    if strategy == "Grid" and asked is not None and asked != combinations:
        raise _refused(f"A grid of {combinations} combinations cannot have MaxNumberOfTrainingJobs {asked}.")
    if strategy == "Grid" and combinations > _MOST_TRIALS:
        raise _refused(f"A grid of {combinations} combinations exceeds the limit of {_MOST_TRIALS} training jobs.")
    if strategy == "Hyperband":
        if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
            raise _refused("Hyperband has its own early stopping: TrainingJobEarlyStoppingType must be Off.")
        limits = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
        if limits.get("MinResource", 1) >= limits.get("MaxResource", math.inf):
            raise _refused("MinResource of Hyperband must be smaller than MaxResource.")
    elif "StrategyConfig" in config:
        raise _refused(f"StrategyConfig is for Hyperband, not for {strategy}.")


def completion(values: Sequence[float], criteria: dict[str, Any], *, maximize: bool) -> str | None:
    """Why a tuning with these objective values, in the order they came, is done before its last trial; else None."""
    if not values:
        return None
    sign = 1.0 if maximize else -1.0
    best = max(sign * value for value in values)
    target = criteria.get("TargetObjectiveMetricValue")
    if target is not None and best >= sign * target:
        return "TargetObjectiveMetricValue"
    limit = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
    if limit is not None and since_best(values, maximize=maximize) >= limit:
        return "BestObjectiveNotImproving"
    wanted = criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
    if wanted and len(values) >= _CONVERGED_AFTER:
        earlier = max(sign * value for value in values[:-_CONVERGED_WINDOW])
        if best - earlier < _CONVERGED_SHARE * max(abs(best), 1e-12):
            return "ConvergenceDetected"
    return None


def since_best(values: Sequence[float], *, maximize: bool) -> int:
    """How many results have come since the best one.

    >>> since_best([0.1, 0.9, 0.5], maximize=True)
    1
    """
    if not values:
        return 0
    best = max(values) if maximize else min(values)
    return len(values) - 1 - values.index(best)


def _sampler(config: dict[str, Any], seed: int | None) -> optuna.samplers.BaseSampler:
    if config["Strategy"] == "Bayesian":
        trials = config["ResourceLimits"].get("MaxNumberOfTrainingJobs", 10)
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(3, min(10, trials // 3)))
    return optuna.samplers.RandomSampler(seed=seed)


def _own_seed(config: dict[str, Any], generation: int) -> int:
    return zlib.crc32(json.dumps([config, generation], sort_keys=True).encode())


def _refused(message: str) -> ApiError:
    return ApiError("ValidationException", message)

"""The defaults of relay.yaml as plain values, and stored settings with what they lack filled in.

A run keeps the settings it began with. When a later release has one setting more, that run lacks it; on reading it gets
the default. They stand here and nowhere else: the models of `dataset.py`, which take too long to import on
every start of a Lambda, take theirs from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from chalicelib.algorithms import BUILT_IN, FORMER
from chalicelib.settings.machines import AUTO
from chalicelib.settings.stored import Endpoint, Instances, Monitored, Monitoring, Range, Rollout, Settings

if TYPE_CHECKING:
    from chalicelib.algorithms.protocol import Algorithm

RANGE: Final[Range] = {"min": None, "max": None, "scaling": "Auto", "values": None}
"""What is not said of a hyperparameter's range. Ranges that are written replace all default ones."""

SERVERLESS_MEMORY_MB: Final = range(1024, 6144 + 1, 1024)
"""What AWS offers."""
ROLLOUT: Final[Rollout] = {"how": "all_at_once", "percent": 10, "bake_minutes": 10}


def ranges_of(algorithm: Algorithm) -> dict[str, Range]:
    """What is searched with an algorithm where nothing is said of ranges, complete."""
    return {name: cast("Range", {**RANGE, **values}) for name, values in algorithm.default_ranges.items()}


_ALGORITHM = BUILT_IN.of({"algorithm": BUILT_IN.default})

DEFAULTS: Final[Settings] = {
    "target": None,
    "task": "auto",
    "positive_class": None,
    "na_in_target": "auto",
    "ignore": [],
    "columns": {},
    "max_columns": 2000,
    "file": {"delimiter": None, "encoding": None, "decimal": None, "header": None},
    "split": {"how": "stratified", "column": None, "test": 0.15, "validation": 0.15, "seed": 7},
    "algorithm": BUILT_IN.default,
    "hyperparameters": {},
    "tuning": {
        "enabled": True,
        "strategy": "Bayesian",
        "objective": "auto",
        "trials": 20,
        "parallel": 2,
        "early_stopping": _ALGORITHM.early_stopping,
        "warm_start": True,
        "seed": 7,
        "max_runtime_minutes": 720,
        "ranges": ranges_of(_ALGORITHM),
    },
    "decision": {"optimize": "accuracy", "costs": None, "threshold": "auto"},
    "instances": {
        "prepare": AUTO,
        "train": AUTO,
        "evaluate": AUTO,
        "volume_gb": 30,
        "max_runtime_minutes": 120,
    },
    "spot": {"enabled": False, "max_wait_minutes": 240},
    "gate": {"metric": "auto", "minimum": None, "max_loss": 0.02, "approval": "automatic"},
    "endpoint": {
        "mode": "auto",
        "instance": "ml.m5.large",
        "count": 1,
        "capture_percentage": 100,
        "memory_mb": "auto",
        "max_concurrency": 5,
        "rollout": ROLLOUT,
        "scaling": None,
        "idle_days": None,
        "expires": None,
        "when_idle": "tell",
        "recreate": False,
    },
    "monitoring": {
        "enabled": True,
        "schedule": "daily",
        "min_rows": 100,
        "significance": 0.01,
        "distance": 0.05,
        "quiet_days": 3,
        "metric": "auto",
        "max_loss": 0.02,
        "min_labels": 100,
        "window_days": 30,
        "instance": "ml.m5.large",
        "volume_gb": 30,
        "feature_metrics": False,
        "rollback": "tell",
    },
    "retraining": {
        "policy": "never",
        "schedule": "weekly",
        "cool_down_hours": 24.0,
        "max_tries": 3,
        "labelled_traffic": False,
    },
    "budget": {"run": None, "month": None},
    "prices": {},
}
ENDPOINT_UNSAID: Final[Endpoint] = {**DEFAULTS["endpoint"], "mode": "realtime"}
"""What stored settings mean that name no mode: their release had nothing but real-time endpoints."""
INSTANCES_UNSAID: Final[Instances] = {
    **DEFAULTS["instances"],
    "prepare": "ml.m5.xlarge",
    "train": "ml.m5.xlarge",
    "evaluate": "ml.m5.large",
}
"""What stored settings mean that name no machine: those were the defaults of releases that chose none."""
_A_PERSONS = frozenset({"algorithm", "columns", "hyperparameters", "ranges", "prices"})
"""Mappings whose keys a person chooses: what is written there replaces the default as a whole."""


def filled(stored: Any) -> Settings:
    """A run's settings, complete.

    >>> filled({"gate": {"minimum": 0.8}})["gate"]["max_loss"]
    0.02
    """
    if not isinstance(stored, dict):
        raise TypeError("settings are stored as an object")
    # What names none is of a release that had the one; and another release's is none whose defaults are known.
    name = stored.get("algorithm", FORMER)
    algorithm = BUILT_IN.if_offered({"algorithm": name}) or _ALGORITHM
    of_it = {"early_stopping": algorithm.early_stopping, "ranges": ranges_of(algorithm)}
    tuned = {**DEFAULTS["tuning"], **of_it}
    unsaid = {"tuning": tuned, "endpoint": ENDPOINT_UNSAID, "instances": INSTANCES_UNSAID}
    defaults = {**DEFAULTS, "algorithm": name, **unsaid}
    settings = cast("Settings", _over(defaults, stored))
    tuning = settings["tuning"]
    ranges = {name: cast("Range", _over(RANGE, bounds)) for name, bounds in tuning["ranges"].items()}
    return {**settings, "tuning": {**tuning, "ranges": ranges}}


def filled_for_monitor(stored: Any) -> Monitored:
    """A monitor's sections, complete; nothing as long as no relay.yaml was read."""
    if not isinstance(stored, dict):
        raise TypeError("settings are stored as an object")
    # What a release stored without a word of them had them: today's default is another.
    monitoring: Monitoring = {**DEFAULTS["monitoring"], "feature_metrics": True}
    sections: Monitored = {"monitoring": monitoring, "retraining": DEFAULTS["retraining"]}
    return cast("Monitored", _over(sections, stored)) if stored else {}


def _over(defaults: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    complete = {**defaults, **stored}
    for name, default in defaults.items():
        if isinstance(default, dict) and name not in _A_PERSONS:
            complete[name] = _over(default, stored.get(name, {}))
    return complete

"""Settings as they are stored: relay.yaml with every default filled in, as plain values.

Runs and monitors keep them, inputs.json carries them to the jobs, and `defaults.filled` completes what an older release
kept without a key. `dataset.py` has the same keys as pydantic's models, which are too slow for every start of a Lambda.

Without `from __future__ import annotations`: typing would compile each annotation again, at three times the cost.
"""

from typing import Literal, TypedDict

ColumnKind = Literal["numeric", "categorical", "boolean", "date", "text", "identifier"]
How = Literal["stratified", "random", "time", "group"]
Scaling = Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]
Strategy = Literal["Bayesian", "Random", "Grid", "Hyperband"]
Optimized = Literal["accuracy", "balanced_accuracy", "f1", "cost"]
Approval = Literal["automatic", "manual"]
Mode = Literal["auto", "serverless", "realtime", "batch"]
WhenIdle = Literal["tell", "remove"]
RolloutHow = Literal["all_at_once", "canary", "linear"]
Rollback = Literal["never", "tell", "itself"]
Policy = Literal["never", "on_drift", "on_estimated_loss", "on_quality_loss", "schedule"]


class File(TypedDict):
    delimiter: str | None
    encoding: str | None
    decimal: Literal[".", ","] | None
    header: bool | None


class Split(TypedDict):
    how: How
    column: str | list[str] | None
    test: float
    validation: float
    seed: int


class Range(TypedDict):
    min: float | None
    max: float | None
    scaling: Scaling
    values: list[str] | None


class Tuning(TypedDict):
    enabled: bool
    strategy: Strategy
    objective: str
    trials: int
    parallel: int
    early_stopping: bool
    warm_start: bool
    seed: int
    max_runtime_minutes: int
    ranges: dict[str, Range]


class Instances(TypedDict):
    prepare: str
    train: str
    evaluate: str
    volume_gb: int
    max_runtime_minutes: int


class Spot(TypedDict):
    enabled: bool
    max_wait_minutes: int


class Gate(TypedDict):
    metric: str
    minimum: float | None
    max_loss: float
    approval: Approval


class Rollout(TypedDict):
    how: RolloutHow
    percent: int
    bake_minutes: int


class InstanceScaling(TypedDict):
    min: int
    max: int
    invocations_per_minute: int
    scale_in_seconds: int
    scale_out_seconds: int


class Endpoint(TypedDict):
    mode: Mode
    instance: str
    count: int
    capture_percentage: int
    memory_mb: int | Literal["auto"]
    max_concurrency: int
    rollout: Rollout
    scaling: InstanceScaling | None
    idle_days: int | None
    expires: str | None
    when_idle: WhenIdle
    recreate: bool


class Costs(TypedDict):
    false_positive: float
    false_negative: float


class Decision(TypedDict):
    optimize: Optimized
    costs: Costs | None
    threshold: float | Literal["auto"]


class Monitoring(TypedDict):
    enabled: bool
    schedule: str
    min_rows: int
    significance: float
    distance: float
    quiet_days: int
    metric: str
    max_loss: float
    min_labels: int
    window_days: int
    instance: str
    volume_gb: int
    feature_metrics: bool
    rollback: Rollback


class Retraining(TypedDict):
    policy: Policy
    schedule: str
    cool_down_hours: float
    max_tries: int
    labelled_traffic: bool


class Budget(TypedDict):
    run: float | None
    month: float | None


class OwnScript(TypedDict):
    script: str
    image: Literal["scikit-learn", "xgboost"]
    columns: Literal["encoded"]
    metrics: dict[str, str]
    minimize: list[str]
    maximize: list[str]


class OwnImage(TypedDict):
    image: str
    content_type: str
    metrics: dict[str, str]
    minimize: list[str]
    maximize: list[str]


Algorithm = str | OwnScript | OwnImage | list[str]
"""By its name; a script or an image of the user's own; or several, by their names."""


class Settings(TypedDict):
    target: str | None
    task: Literal["auto", "binary", "multiclass", "regression"]
    positive_class: str | None
    na_in_target: Literal["auto", "class", "missing"]
    ignore: list[str]
    columns: dict[str, ColumnKind]
    max_columns: int
    file: File
    split: Split
    algorithm: Algorithm
    hyperparameters: dict[str, int | float | bool | str]
    tuning: Tuning
    decision: Decision
    instances: Instances
    spot: Spot
    gate: Gate
    endpoint: Endpoint
    monitoring: Monitoring
    retraining: Retraining
    budget: Budget
    prices: dict[str, float]


class Monitored(TypedDict, total=False):
    """What a monitor keeps of them: both parts, or none as long as no relay.yaml was read."""

    monitoring: Monitoring
    retraining: Retraining

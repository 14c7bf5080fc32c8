"""What the owners of these relays' datasets write into relay.yaml."""

from __future__ import annotations

BY_THE_HOUR = "endpoint: {mode: realtime}\n"
"""Of those that are captured by SageMaker, scaled and updated in place."""
MACHINES = "instances: {prepare: ml.m5.xlarge, train: ml.m5.xlarge, evaluate: ml.m5.large}\n"
"""Those of the golden requests; what `auto` chooses instead: tests/costs/test_machines.py."""
GATE = "gate: {minimum: 0.7}\n" + MACHINES
TUNED = "target: churned\ntuning: {trials: 2, parallel: 2, ranges: {max_depth: {min: 2, max: 4}}}\n" + GATE
UNTUNED = "target: churned\nalgorithm: xgboost\ntuning: {enabled: false}\n" + GATE
HOURLY = "monitoring: {schedule: hourly}\n"
BY_SCRIPT = f"algorithm: auto\n{TUNED.replace('{trials', '{objective: auc, trials')}{HOURLY}"
SPOT_AND_SCALED = "spot: {enabled: true}\nendpoint: {mode: realtime, scaling: {max: 2, invocations_per_minute: 60}}\n"
MONITORED = TUNED + BY_THE_HOUR + HOURLY
IN_BATCH = TUNED + "endpoint: {mode: batch}\n"

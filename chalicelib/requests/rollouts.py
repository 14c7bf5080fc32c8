"""How a new model takes over from the one in service: how traffic shifts, how long it is watched, what takes it back.

SageMaker starts the new fleet beside the old one and lets both stand while the new one is watched; when one of the
alarms rings, all traffic goes back to the old one. That is for real-time endpoints on either side, and not for
Inferentia's first machines; elsewhere, and where nothing is to be watched, an update is a plain one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import failures
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step, StepName
from chalicelib.records.run import Run
from chalicelib.requests import alarms
from chalicelib.serving_mode import Mode

_EXCLUDED = ("ml.inf1.",)
"""Machines whose endpoints SageMaker updates without any of it."""
_START = 3600
"""Seconds that starting a fleet may take, beside the watching."""
_LONGEST = 28_800
"""Seconds that SageMaker allows for all of it."""


def is_watched(run: Run) -> bool:
    """Whether the model of this run takes over under watch."""
    endpoint = run.settings["endpoint"]
    both = run.live is not None and run.mode is run.live.mode is Mode.REALTIME
    return both and endpoint["rollout"]["bake_minutes"] > 0 and not endpoint["instance"].startswith(_EXCLUDED)


def deployment_config(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """UpdateEndpoint's DeploymentConfig, as a member; none where nothing is watched.

    One instance cannot be divided: a canary, or steps, need two.
    """
    if not is_watched(run):
        return {}
    endpoint = run.settings["endpoint"]
    rollout = endpoint["rollout"]
    how = "ALL_AT_ONCE" if endpoint["count"] < 2 else rollout["how"].upper()
    shifts = {"ALL_AT_ONCE": 1, "CANARY": 2, "LINEAR": -(-100 // rollout["percent"])}[how]
    watched = min(rollout["bake_minutes"] * 60, (_LONGEST - _START) // shifts)
    size = {"Type": "CAPACITY_PERCENT", "Value": rollout["percent"]}
    member = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(how)
    routing = {"Type": how, "WaitIntervalInSeconds": watched if member else 0, **({member: size} if member else {})}
    config = str(StepName(run.id, Step.LIVE, attempt))
    return {
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": routing,
                "TerminationWaitInSeconds": watched,
                "MaximumExecutionTimeoutInSeconds": _START + shifts * watched,
            },
            "AutoRollbackConfiguration": {
                "Alarms": [{"AlarmName": name} for name in alarms.names_at_rollout(config, deployment)]
            },
        }
    }


def reason(rang: Sequence[Mapping[str, Any]], said: str, before: str | None) -> str:
    """Why a model did not come to serve. `rang`: the alarms that ring, as CloudWatch describes them; `said`: what
    SageMaker says, which may be nothing; `before`: what was known while it was taken back.
    """
    if rang:
        told = (f"the alarm {one['AlarmName']} rang. {one.get('AlarmDescription', '')}".rstrip() for one in rang)
        return f"{failures.ROLLED_BACK}: {'; '.join(told)}"
    if failures.passes(said) or before is None or not failures.is_rollback(before):
        return said
    return before

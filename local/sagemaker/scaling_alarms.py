"""The two alarms of a scaling policy, which lie in CloudWatch as AWS's do: one rings for more instances, one for fewer.

What they say was judged before (`target_tracking.py`); moto keeps them and judges nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from local.sagemaker.scalable_targets import Target
from local.sagemaker.target_tracking import CLEARLY, HIGH, LOW, PERIOD

Policy = dict[str, Any]


class ScalingAlarms:
    """`cloudwatch` makes the client with which they are kept; `place`: region and account."""

    def __init__(self, cloudwatch: Callable[[], Any], place: str) -> None:
        self._cloudwatch, self._place = cloudwatch, place
        self._states: dict[str, str] = {}

    def put(self, target: Target, policy: Policy) -> None:
        """Make both, or make them again."""
        aimed = policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        above, below = ("GreaterThanThreshold", HIGH, aimed), ("LessThanThreshold", LOW, aimed * CLEARLY)
        for name, (comparison, periods, threshold) in zip(policy["Alarms"], (above, below), strict=True):
            self._cloudwatch().put_metric_alarm(
                AlarmName=name,
                AlarmDescription=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
                Namespace="AWS/SageMaker",
                MetricName="InvocationsPerInstance",
                Dimensions=[
                    {"Name": "EndpointName", "Value": target.endpoint},
                    {"Name": "VariantName", "Value": target.variant},
                ],
                Statistic="Sum",
                Period=PERIOD,
                EvaluationPeriods=periods,
                ComparisonOperator=comparison,
                Threshold=threshold,
                AlarmActions=[policy["PolicyARN"]],
            )

    def say(self, target: Target, policy: Policy, states: Sequence[str]) -> None:
        """Give them these states, where they have others; after a restart there are none yet."""
        if not self._states.keys() >= set(policy["Alarms"]):
            self.put(target, policy)
        for name, state in zip(policy["Alarms"], states, strict=True):
            if self._states.get(name) != state:
                self._states[name] = state
                self._cloudwatch().set_alarm_state(AlarmName=name, StateValue=state, StateReason="requests a minute")

    def drop(self, policy: Policy) -> None:
        """Delete both."""
        self._cloudwatch().delete_alarms(AlarmNames=policy["Alarms"])

    def told(self, policy: Policy) -> list[dict[str, str]]:
        """As the API tells them."""
        arn = f"arn:aws:cloudwatch:{self._place}:alarm:"
        return [{"AlarmName": name, "AlarmARN": arn + name} for name in policy["Alarms"]]

"""The alarms on a new model while it takes over from the one in service: made before, asked when it failed, and gone
with the roll-out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.aws.alarms import Alarms
from chalicelib.aws.errors import translated
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step, StepName
from chalicelib.records.orphans import Resource
from chalicelib.records.run import Run
from chalicelib.requests import Call, alarms, rollouts


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RollingOut:
    """The watch over roll-outs."""

    deployment: DeploymentSettings
    alarms: Alarms

    @contextmanager
    def watching(self, call: Call, run: Run, sagemaker: SageMaker) -> Iterator[None]:
        """While a call is made: the alarms that it names are there, if it is an update under watch.

        A Lambda that was frozen may make them when others have long cleaned up behind its run. Its update fails then,
        and where the configuration is gone, so are the alarms on it.

        Raises:
            DeniedError, BusyError, RefusedError: CloudWatch does not make them, and SageMaker would refuse the update.
        """
        if "DeploymentConfig" not in call.arguments:
            yield
            return
        config = str(call.arguments["EndpointConfigName"])
        with translated():
            self.alarms.put(alarms.at_rollout(run.dataset, config, self.deployment))
        try:
            yield
        except Exception:
            if sagemaker.created(Resource.CONFIG, config) is None:
                self.end(config)
            raise

    def end(self, config: str) -> None:
        """Nothing is watched any more of what this configuration serves."""
        name = StepName.parse(config)
        if name and name.step is Step.LIVE:
            self.alarms.drop(alarms.names_at_rollout(config, self.deployment))

    def why(self, attempt: int, said: str, run: Run) -> str:
        """Why this run's model did not come to serve: by the alarms that ring, or rang before, or as SageMaker said."""
        if not rollouts.is_watched(run):
            return said
        config = str(StepName(run.id, Step.LIVE, attempt))
        return rollouts.reason(
            self.alarms.ringing(alarms.names_at_rollout(config, self.deployment)), said, run.taken_back
        )

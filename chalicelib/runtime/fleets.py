"""How many instances live endpoints have: left to Application Auto Scaling while they serve, and to nobody while they
are changed.

That an endpoint is not scaled is no reason for a run to fail, or for a model not to serve: it is told by mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from chalicelib.aws.autoscaling import AutoScaling
from chalicelib.aws.errors import BusyError, DeniedError, NotFoundError, RefusedError
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.mails import plain
from chalicelib.records.run import LiveModel
from chalicelib.requests import scaling
from chalicelib.runtime.outbox import Outbox, UnsentError
from chalicelib.runtime.telemetry import log

_SERVING = frozenset({"InService", "SystemUpdating"})
_OVER = frozenset({"Deleting", "Failed", "OutOfService", "UpdateRollbackFailed"})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fleets:
    """The fleets of this deployment's live endpoints."""

    autoscaling: AutoScaling
    sagemaker: SageMaker
    outbox: Outbox

    @contextmanager
    def paused(self, live: LiveModel | None, now: datetime) -> Iterator[None]:
        """While the endpoint of this model is changed. What has to wait before it changes anything lets go of nothing.

        Raises:
            BusyError: autoscaling is busy with it.
        """
        if live is None or live.scaling is None:
            yield
            return
        self.release(live)
        try:
            yield
        except BusyError:  # for days, perhaps
            with suppress(BusyError):
                self.settle(live, now)
            raise

    def release(self, live: LiveModel) -> None:
        """Before the endpoint of this model is changed: nothing scales it any more.

        Raises:
            BusyError: autoscaling is busy with it.
        """
        if live.scaling is not None:
            self._end(live)

    def settle(self, live: LiveModel, now: datetime) -> None:
        """Have the endpoint scaled as the model that serves on it wants; nothing where that is another by now.

        Raises:
            BusyError: it is being changed, and cannot be scaled yet.
        """
        seen = self.sagemaker.seen(live.endpoint)
        if seen is None or seen.status in _OVER or seen.config != live.config:
            log.info("not scaled", extra={"endpoint": live.endpoint, "run": live.run, "seen": str(seen)})
            return
        if seen.status not in _SERVING:
            raise BusyError(f"the endpoint {live.endpoint} is {seen.status}")
        if live.scaling is None:
            self._end(live)
            return
        target, policy = scaling.target(live.endpoint, live.scaling), scaling.policy(live.endpoint, live.scaling)
        try:
            self.autoscaling.put(target, policy)
        except (RefusedError, DeniedError, NotFoundError) as refused:
            self._tell(live, refused, now)

    def _end(self, live: LiveModel) -> None:
        try:
            self.autoscaling.drop(scaling.of(live.endpoint))
        except (RefusedError, DeniedError) as refused:  # the update itself is what matters
            log.error("still scaled", extra={"endpoint": live.endpoint, "reason": str(refused)})

    def _tell(self, live: LiveModel, refused: Exception, now: datetime) -> None:
        log.error("not scaled", extra={"endpoint": live.endpoint, "reason": str(refused)})
        with suppress(UnsentError):  # it is kept, and the sweep sends it
            message = plain.about_scaling(live.endpoint, live.run, str(refused))
            self.outbox.send(f"{live.run}#not-scaled#{live.attempt}", message, now)

"""Before each step of a run with code of the user's own: whether it may be started at all.

Asked with every start and not only with a run's first moment: whatever got lost in between, or was taken back meanwhile
(OWN_CODE), nothing of such code is started that is not allowed now.
"""

from __future__ import annotations

from chalicelib.aws.errors import RefusedError
from chalicelib.names import Step
from chalicelib.records import own_code
from chalicelib.records.run import Run
from chalicelib.runtime.executor import Executor


def ensure_allowed(executor: Executor, step: Step, run: Run) -> None:
    """Nothing, where it may.

    Raises:
        RefusedError: it may not, or what relay.yaml names is not there; with a sentence for its owner.
        DeniedError: what the run is made of may not be read.
    """
    if not own_code.is_own(run.settings):
        return
    objects = executor.inputs(run.id).objects if step is Step.PREPARE else None
    if why := own_code.refusal(run.dataset, run.settings, objects, executor.deployment):
        raise RefusedError(why)

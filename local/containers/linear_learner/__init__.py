"""Something like SageMaker's linear-learner on a laptop. It is not that algorithm: its image is closed.

What can be told from outside is the same: hyperparameters and their bounds, channels and what it refuses of them, the
lines of its log by which SageMaker finds metrics, the forms of requests and answers. Inside are numpy and scikit-learn:
mini-batches, the documented optimizers, losses and penalties, features brought to one scale, a few models of which the
best is kept, a threshold calibrated on the validation rows. So a model here predicts about what one there would, and
its figures are not those of AWS; its log says so.

Not built: RecordIO, Pipe mode, checkpoints, GPUs and several hosts. Its models are JSON, and no container of AWS reads
them, nor this one theirs. A cell that is no number is refused; what AWS's does with "nan" is not known.

    training.py, channels.py, saying.py  the command that trains, what it reads, the lines that it logs
    fitting.py, losses.py                the models
    scores.py                            its metrics, the threshold
    inference.py                         serves
    hyperparameters.py, objectives.py    what may be asked of it
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from local.containers.reply import Container
from local.containers.stand_in import Metadata


class LinearLearner:
    """See `local.containers.stand_in.StandIn`. What it needs is imported with the first use."""

    image = "linear-learner:1"
    module = __name__
    training = f"{__name__}.training"

    def metadata(self) -> Metadata:
        return _metadata()

    def install(self, model_dir: Path, environment: Mapping[str, str]) -> None:  # noqa: ARG002  nothing to install
        from local.containers.linear_learner import inference  # noqa: F401  before the workers are forked

    def serve(self, model_dir: Path, environment: Mapping[str, str]) -> Container:  # noqa: ARG002  it has none of its own
        from local.containers.linear_learner.inference import ScoringService

        return ScoringService(model_dir)


@cache
def _metadata() -> Metadata:
    from local.containers.linear_learner.hyperparameters import KINDS, REQUIRED, TUNABLE
    from local.containers.linear_learner.objectives import EXPRESSIONS, OBJECTIVES

    return Metadata(KINDS, TUNABLE, REQUIRED, OBJECTIVES, expressions=EXPRESSIONS)


STAND_IN = LinearLearner()

"""SageMaker's XGBoost 3.2-0 on a laptop: its built-in algorithm, and script mode, a user's own module in its place.

Written from the container's published source (aws/sagemaker-xgboost-container), by its behaviour: which
hyperparameters it takes, how it reads its channels, what it prints and how it fails, including where it is wrong,
because a tuner on AWS will meet the same. Not built: Pipe mode, RecordIO, GPUs and several hosts.

    training.py, channels.py, metrics.py, checkpoints.py    the built-in algorithm trains;
    cross_validation.py                                     by folds
    inference.py, payload.py, selectable.py                 and serves
    hyperparameters.py, objectives.py                       what may be asked of it
    install.py                                              script mode: the code is installed,
    script_training.py, script_environment.py               trains
    script.py                                               or serves
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from local.containers.reply import Container
from local.containers.stand_in import Metadata

_PRINTED = r"(?:#011|\t)(?P<channel>train|validation)-(?P<metric>[\w@.-]+?):(?P<value>[-+\w.]+)"


class XGBoost:
    """See `local.containers.stand_in.StandIn`. What it needs is imported with the first use."""

    image = "sagemaker-xgboost:3.2-0"
    module = __name__
    training = f"{__name__}.training"

    def metadata(self) -> Metadata:
        return _metadata()

    def install(self, model_dir: Path, environment: Mapping[str, str]) -> None:
        """In script mode pip installs the model's code."""
        from local.containers.xgboost import inference  # noqa: F401  before the workers are forked
        from local.containers.xgboost.install import install
        from local.containers.xgboost.script import code_folder

        if program := environment.get("SAGEMAKER_PROGRAM"):
            install(code_folder(environment, model_dir), program.removesuffix(".py"), environment)

    def serve(self, model_dir: Path, environment: Mapping[str, str]) -> Container:
        from local.containers.xgboost.inference import ScoringService
        from local.containers.xgboost.script import ScriptService

        serve = ScriptService if environment.get("SAGEMAKER_PROGRAM") else ScoringService
        return serve(model_dir, environment)


@cache
def _metadata() -> Metadata:
    from local.containers.xgboost.hyperparameters import KINDS, TUNABLE
    from local.containers.xgboost.objectives import OBJECTIVES

    return Metadata(KINDS, frozenset(TUNABLE), frozenset({"num_round"}), OBJECTIVES, _PRINTED)


STAND_IN = XGBoost()

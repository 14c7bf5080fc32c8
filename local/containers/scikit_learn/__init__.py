"""SageMaker's scikit-learn image on a laptop: script mode, and nothing else.

Of the container's published source (aws/sagemaker-training-toolkit, aws/sagemaker-scikit-learn-container) it has what a
script notices: the same arguments and variables as in the XGBoost image, whose code runs it here as well, and the same
functions that serve. Its libraries are this machine's, not the image's.

    training.py      the script, run with `--root` for /opt/ml
    requirements.py  what requirements.txt asks for: looked at and not installed
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.containers import DEFAULT
from local.containers.errors import UserError
from local.containers.reply import Container
from local.containers.scikit_learn.requirements import require
from local.containers.stand_in import Metadata


class ScikitLearn:
    """See `local.containers.stand_in.StandIn`."""

    image = "sagemaker-scikit-learn:1.9-0-cpu-py3"
    module = __name__
    training = f"{__name__}.training"

    def metadata(self) -> Metadata | None:
        return None

    def install(self, model_dir: Path, environment: Mapping[str, str]) -> None:
        """What the script's code needs is there, or the server does not start."""
        if "SAGEMAKER_PROGRAM" not in environment:
            raise UserError("the scikit-learn image serves a script: SAGEMAKER_PROGRAM names none")
        require(_script_mode().code_folder(environment, model_dir))

    def serve(self, model_dir: Path, environment: Mapping[str, str]) -> Container:
        service: Container = _script_mode().ScriptService(model_dir, environment)
        return service


def _script_mode() -> Any:
    """Both images of SageMaker's serve a script alike: the other one's stand-in knows how, and is found by its name."""
    return importlib.import_module(f"{DEFAULT}.script")


STAND_IN = ScikitLearn()

"""An inference pipeline: the answer of one container is the request of the next, as bytes with a content type.

Only the last container is given the caller's Accept; the others use their SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT. (AWS
does not document what it hands the inner ones; scripts that must not care should not.) The first answer that is not a
success ends the pipeline and is the pipeline's answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from local.containers.reply import Container, Reply
from local.containers.xgboost.inference import ScoringService
from local.containers.xgboost.install import install
from local.containers.xgboost.script import ScriptService, code_folder
from local.serving.config import ContainerConfig


@dataclass(frozen=True)
class Pipeline:
    """Containers in order, itself a container."""

    containers: Sequence[Container]

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """The last container's answer, or the first failure."""
        last = len(self.containers) - 1
        reply = Reply(200, content_type or "", body)
        for place, container in enumerate(self.containers):
            reply = container.invoke(reply.body, reply.content_type or None, accept if place == last else None)
            if not reply.ok:
                break
        return reply


def install_code(configs: Sequence[ContainerConfig]) -> None:
    """What each container in script mode does before anything else; raises `UserError` where one could not start."""
    for config in configs:
        if program := config.environment.get("SAGEMAKER_PROGRAM"):
            folder = code_folder(config.environment, config.model_dir)
            install(folder, program.removesuffix(".py"), config.environment)


def load(configs: Sequence[ContainerConfig]) -> Pipeline:
    """The pipeline, its models loaded; raises `UserError` where a container could not start."""
    return Pipeline([_container(config) for config in configs])


def _container(config: ContainerConfig) -> Container:
    serve = ScriptService if config.environment.get("SAGEMAKER_PROGRAM") else ScoringService
    return serve(config.model_dir, config.environment)

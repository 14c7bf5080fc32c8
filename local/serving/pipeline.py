"""An inference pipeline: the answer of one container is the request of the next, as bytes with a content type.

Only the last container is given the caller's Accept; the others use their SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT. (AWS
does not document what it hands the inner ones; scripts that must not care should not.) The first answer that is not a
success ends the pipeline and is the pipeline's answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from local import containers
from local.containers.reply import Container, Reply
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
    """What each container does before anything else; raises `UserError` where one could not start."""
    for config in configs:
        containers.named(config.stand_in).install(config.model_dir, config.environment)


def load(configs: Sequence[ContainerConfig]) -> Pipeline:
    """The pipeline, its models loaded; raises `UserError` where a container could not start."""
    return Pipeline([containers.named(one.stand_in).serve(one.model_dir, one.environment) for one in configs])

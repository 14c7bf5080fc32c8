"""Stand-ins for algorithms' containers: what their images would do, as commands and services of this machine.

Each is a folder with a module-level `STAND_IN`; nothing else of this room names one. Who needs it finds it by the image
that a request names. A registry is a list of modules' names, so that an endpoint's own process can be told one, too.

`stand_in.py` says what is asked of one. What several share: `kinds.py`, hyperparameters; `errors.py`, two ways to fail;
`reply.py`, the answer to a request; `rerooting.py`, where /opt/ml lies here. `xgboost/` is written from the container's
source, `scikit_learn/` is SageMaker's image for users' scripts; `linear_learner/` is only like an image that is closed.
"""

import importlib
from dataclasses import dataclass

from local.containers.stand_in import StandIn

DEFAULT = "local.containers.xgboost"


def named(module: str) -> StandIn:
    """The stand-in that a module is."""
    found: StandIn = importlib.import_module(module).STAND_IN
    return found


@dataclass(frozen=True)
class Registry:
    """The stand-ins that a cloud has, by their modules."""

    modules: tuple[str, ...]

    def of(self, image: str) -> StandIn:
        """The one for an image, whose region is not looked at. Raises LookupError where there is none."""
        for module in self.modules:
            if image.endswith(f"/{(found := named(module)).image}"):
                return found
        raise LookupError(image)

    def images(self) -> list[str]:
        """Repository and tag of each."""
        return [named(module).image for module in self.modules]


BUILT_IN = Registry((DEFAULT, "local.containers.linear_learner", "local.containers.scikit_learn"))

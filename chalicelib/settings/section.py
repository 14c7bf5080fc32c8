"""What every part of relay.yaml has in common: how it treats unknown keys, and the words that several parts use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.contract import metrics
from chalicelib.settings import instance_types
from chalicelib.settings.machines import AUTO

if TYPE_CHECKING:
    from chalicelib.algorithms.protocol import Algorithm

InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$", examples=["ml.m5.large"])]


def _for(work: str, table: Mapping[str, tuple[str, ...]]) -> AfterValidator:
    def check(instance: str) -> str:
        if instance != AUTO and (fault := instance_types.fault(instance, table, work)):
            raise ValueError(fault)
        return instance

    return AfterValidator(check)


JobInstance = Annotated[str, Field(pattern=r"^(auto|ml\.[a-z0-9-]+\.[a-z0-9]+)$", examples=["auto", "ml.m5.large"])]
"""Of a run's job, where "auto" is the smallest that holds the data (`machines.py`)."""
TrainingInstance = Annotated[JobInstance, _for("training", instance_types.TRAINING)]
PreparingInstance = Annotated[JobInstance, _for("processing", instance_types.PROCESSING)]
ProcessingInstance = Annotated[InstanceType, _for("processing", instance_types.PROCESSING)]
EndpointInstance = Annotated[InstanceType, _for("endpoints", instance_types.ENDPOINTS)]


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """A question after the word that was probably meant, to go before the list of all; empty where none is near.

    >>> did_you_mean("bayesian", ["Bayesian", "Random"]), did_you_mean("swarm", ["Bayesian", "Random"])
    ('did you mean "Bayesian"? ', '')
    """
    words = {one.casefold(): one for one in known}
    close = get_close_matches(word.casefold(), words, n=1) if isinstance(word, str) else []
    return f'did you mean "{words[close[0]]}"? ' if close else ""


def known_or_auto(name: str, known: Iterable[str]) -> str:
    """The name, if it is `auto` or one of those known. Raises ValueError with all of them."""
    allowed = ["auto", *sorted(known)]
    if name not in allowed:
        raise ValueError(f'"{name}" is not known; {did_you_mean(name, allowed)}allowed: {", ".join(allowed)}')
    return name


def _known_metric(name: str) -> str:
    return known_or_auto(name, metrics.NAMES)


QualityMetric = Annotated[str, AfterValidator(_known_metric)]


class Section(BaseModel):
    """A part of relay.yaml: unknown keys are mistakes, and what was read never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """The context in which relay.yaml is validated: which algorithms there are, and the one that it means, by which the
    rest is judged. Without a context it is the default of this release."""

    offered: Registry = BUILT_IN
    name: Any = BUILT_IN.default
    """What relay.yaml calls the algorithm it means, whatever stands there; complete, where it is a mapping."""

    @property
    def algorithm(self) -> Algorithm:
        """That algorithm; the default where it is none of those offered, which is a mistake told elsewhere."""
        settings = {"algorithm": self.name}
        return self.offered.if_offered(settings) or self.offered.of({"algorithm": self.offered.default})

    def named(self, name: str) -> Algorithm:
        """One that is offered, by its name."""
        return self.offered.of({"algorithm": name})

    @property
    def is_offered(self) -> bool:
        return self.offered.if_offered({"algorithm": self.name}) is not None


def choice(info: ValidationInfo) -> Choice:
    """The context of a validation."""
    return info.context if isinstance(info.context, Choice) else Choice()

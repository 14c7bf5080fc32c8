"""What every part of relay.yaml has in common: how it treats unknown keys, and the words that several parts use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chalicelib import quality
from chalicelib.settings import instance_types

InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$", examples=["ml.m5.large"])]


def _for(work: str, table: Mapping[str, tuple[str, ...]]) -> AfterValidator:
    def check(instance: str) -> str:
        if fault := instance_types.fault(instance, table, work):
            raise ValueError(fault)
        return instance

    return AfterValidator(check)


TrainingInstance = Annotated[InstanceType, _for("training", instance_types.TRAINING)]
ProcessingInstance = Annotated[InstanceType, _for("processing", instance_types.PROCESSING)]
EndpointInstance = Annotated[InstanceType, _for("endpoints", instance_types.ENDPOINTS)]


def _known_metric(name: str) -> str:
    if name != "auto" and name not in quality.NAMES:
        raise ValueError(f'"{name}" is not known; allowed: auto, {", ".join(sorted(quality.NAMES))}')
    return name


QualityMetric = Annotated[str, AfterValidator(_known_metric)]


class Section(BaseModel):
    """A part of relay.yaml: unknown keys are mistakes, and what was read never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)

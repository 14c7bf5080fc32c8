"""Whether one container serves a model, or a pipeline of three does.

A model keeps the form in which it was made: earlier releases packed none, and their models of an algorithm that is
packed now are pipelines for as long as they serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.names import RunKeys

if TYPE_CHECKING:
    from chalicelib.algorithms import Registry
    from chalicelib.algorithms.protocol import Algorithm


def serves_alone(algorithm: Algorithm, artifact: str | None, run: str) -> bool:
    """Whether the archive at this S3 URI, the model of a run with that algorithm, holds all that serving needs.

    >>> from chalicelib.algorithms import BUILT_IN
    >>> xgboost = BUILT_IN.of({"algorithm": "xgboost"})
    >>> [serves_alone(xgboost, f"s3://b/runs/r-1/{made}/model.tar.gz", "r-1") for made in ("packed", "training/x")]
    [True, False]
    """
    return algorithm.one_container and (not algorithm.packed or is_packed(artifact, run))


def of_context(offered: Registry, context: Mapping[str, Any]) -> bool:
    """The same of the model that a run's context.json tells of; not where this release does not know its algorithm."""
    algorithm = offered.if_offered(context.get("settings") or {})
    return algorithm is not None and serves_alone(algorithm, context.get("model_artifact"), str(context.get("run")))


def is_packed(artifact: str | None, run: str) -> bool:
    """Whether it is what this run's own packing has written."""
    return f"/{folder(run)}/" in (artifact or "")


def folder(run: str) -> str:
    """Where a model lies that is no training's own artifact, but packed with its encoder."""
    return f"{RunKeys(run).root}/packed"

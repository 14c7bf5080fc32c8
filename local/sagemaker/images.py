"""Which container images this cloud can stand in for, told from their address alone.

A real SageMaker pulls what the address names. Here only the image SageRelay uses exists, so any other is refused at
once with ECR's kind of error, rather than run with something else under its name.
"""

import re

from local.containers import Registry
from local.containers.stand_in import StandIn
from local.wire.errors import ApiError

_REGISTRY = r"\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
_PYTHON = re.compile(
    r"\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/sagemaker-(xgboost|scikit-learn):[\w.-]+"
)


def require_algorithm(uri: str, region: str, offered: Registry) -> StandIn:
    """What stands in for an algorithm's image of this region; any other is refused."""
    known = offered.images()
    _require(re.compile(f"{_REGISTRY}({'|'.join(map(re.escape, known))})"), uri, region, " or ".join(known))
    return offered.of(uri)


def require_python(uri: str, region: str) -> None:
    """Refuse an image which is not one of those with Python and scikit-learn that a processing job here may name."""
    _require(_PYTHON, uri, region, "sagemaker-xgboost or sagemaker-scikit-learn")


def _require(pattern: re.Pattern[str], uri: str, region: str, known: str) -> None:
    match = pattern.fullmatch(uri)
    if match is None:
        raise ApiError(
            "ValidationException",
            f"Cannot find repository of image {uri}. Please check if your ECR repository and image exist. "
            f"(The embedded cloud stands in for {known} of SageMaker's registry, and for no other image.)",
        )
    if match["region"] != region:
        raise ApiError(
            "ValidationException",
            f"Invalid image URI {uri}: the image must be in the region of the request, {region}, "
            f"not {match['region']}.",
        )

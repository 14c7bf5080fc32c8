"""The image tables against the SDK's own: its answer for every region of ours, and no region of it that we lack."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from chalicelib.algorithms import images


@pytest.fixture(scope="module")
def sdk() -> Any:
    """Imported by whoever runs these tests and not by whoever collects them, for that takes more than a second."""
    return importlib.import_module("sagemaker.core.image_uris")


@pytest.fixture(scope="module")
def config(sdk: Any) -> Any:
    return sdk.config_for_framework("xgboost")


@pytest.mark.parametrize("region", sorted(images._REGISTRIES))
def test_the_image_is_the_one_the_sdk_names(region: str, sdk: Any) -> None:
    assert images.xgboost(region) == sdk.retrieve("xgboost", region, version=images.XGBOOST_VERSION)


@pytest.mark.parametrize("purpose", ["training", "inference"])
def test_no_region_of_the_sdk_is_missing_and_none_is_ours_alone(purpose: str, config: Any) -> None:
    version = config[purpose]["versions"][images.XGBOOST_VERSION]

    assert version["registries"] == images._REGISTRIES


def test_the_version_is_the_newest_the_sdk_knows(config: Any) -> None:
    """A newer one is no mistake of ours, but somebody should look at it: images get no patches after a year."""
    newest = max(
        config["training"]["versions"], key=lambda version: [int(part) for part in version.split("-")[0].split(".")]
    )

    assert newest == images.XGBOOST_VERSION


@pytest.mark.parametrize("region", sorted(images._LINEAR_LEARNER))
def test_linear_learners_image_is_the_one_the_sdk_names(region: str, sdk: Any) -> None:
    assert images.linear_learner(region) == sdk.retrieve("linear-learner", region)


def test_linear_learner_has_one_version_and_no_region_is_missing(sdk: Any) -> None:
    versions = sdk.config_for_framework("linear-learner")["versions"]

    assert versions == {"1": {"registries": images._LINEAR_LEARNER, "repository": "linear-learner"}}
    assert images._LINEAR_LEARNER.keys() == images._REGISTRIES.keys(), "where a deployment may be"


def test_a_region_without_the_image_says_where_it_is() -> None:
    with pytest.raises(LookupError, match="not offered in 'mars-1'; it is in af-south-1"):
        images.xgboost("mars-1")
    with pytest.raises(LookupError, match="linear-learner image is not offered in 'mars-1'"):
        images.linear_learner("mars-1")

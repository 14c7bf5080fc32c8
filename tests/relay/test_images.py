"""The image table against the SDK's own: its answer for every region of ours, and no region of it that we lack."""

from __future__ import annotations

import pytest
from sagemaker.core import image_uris

from chalicelib.algorithms import images

CONFIG = image_uris.config_for_framework("xgboost")


@pytest.mark.parametrize("region", sorted(images._REGISTRIES))
def test_the_image_is_the_one_the_sdk_names(region: str) -> None:
    assert images.xgboost(region) == image_uris.retrieve("xgboost", region, version=images.XGBOOST_VERSION)


@pytest.mark.parametrize("purpose", ["training", "inference"])
def test_no_region_of_the_sdk_is_missing_and_none_is_ours_alone(purpose: str) -> None:
    version = CONFIG[purpose]["versions"][images.XGBOOST_VERSION]

    assert version["registries"] == images._REGISTRIES


def test_the_version_is_the_newest_the_sdk_knows() -> None:
    """A newer one is no mistake of ours, but somebody should look at it: images get no patches after a year."""
    newest = max(
        CONFIG["training"]["versions"], key=lambda version: [int(part) for part in version.split("-")[0].split(".")]
    )

    assert newest == images.XGBOOST_VERSION


def test_a_region_without_the_image_says_where_it_is() -> None:
    with pytest.raises(LookupError, match="not offered in 'mars-1'; it is in af-south-1"):
        images.xgboost("mars-1")

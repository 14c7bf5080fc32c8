"""The image table against the SDK's own answer."""

from __future__ import annotations

import pytest
from sagemaker.core import image_uris

from chalicelib import images


@pytest.mark.parametrize("region", sorted(images._REGISTRIES))
def test_the_image_is_the_one_the_sdk_names(region):
    assert images.xgboost(region) == image_uris.retrieve("xgboost", region, version=images.XGBOOST_VERSION)


def test_a_region_without_the_image_says_where_it_is():
    with pytest.raises(LookupError, match="not offered in 'mars-1'; it is in af-south-1"):
        images.xgboost("mars-1")

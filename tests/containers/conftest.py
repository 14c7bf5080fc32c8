"""The processes of training containers, forked from a warm one as on the laptop: a start takes a tenth of the time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.warm import Ended, Warm


class Containers:
    """What starts the containers of these tests."""

    def __init__(self, warm: Warm) -> None:
        self._warm = warm

    def train(self, root: Path, environment: Mapping[str, str]) -> Ended:
        """The job whose `/opt/ml` is `root`, with these variables and no others but where our code is."""
        log = root.parent / f"{root.name}.log"
        return self._warm.job(["local.containers.xgboost.training", "--root", str(root)], environment, root, log)


@pytest.fixture(scope="module")
def containers(warm: Warm) -> Containers:
    return Containers(warm)

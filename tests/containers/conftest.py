"""The processes of training containers, forked from a warm one as on the laptop: a start takes a tenth of the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.sagemaker.processes import REPOSITORY, ForkServer

SECONDS = 120
"""How long a job may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A container's exit code, and all that it said."""

    returncode: int
    output: str


class Containers:
    """What starts the containers of these tests."""

    def __init__(self, forks: ForkServer) -> None:
        self._forks = forks

    def train(self, root: Path, environment: Mapping[str, str]) -> Ended:
        """The job whose `/opt/ml` is `root`, with these variables and no others but where our code is."""
        log = root.parent / f"{root.name}.log"
        process = self._forks.run(
            ["local.containers.xgboost.training", "--root", str(root)],
            environment={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)} | dict(environment),
            directory=root,
            log=log,
        )
        code = process.wait(SECONDS)
        assert code is not None, "the container runs on"
        return Ended(code, log.read_text(encoding="utf-8"))


@pytest.fixture(scope="package")
def containers() -> Iterator[Containers]:
    forks = ForkServer(("numpy", "pandas", "pyarrow.parquet", "xgboost"))
    yield Containers(forks)
    forks.close()

"""Its container on a laptop: `python -m tests.algorithms.nearest.container --root DIR` trains, `STAND_IN` serves.

The mean row of each class, moved towards the mean of all by `shrink`; distances to the power of `power`.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from local.containers.reply import Container, Reply
from local.containers.stand_in import Metadata

Numbers = npt.NDArray[np.float64]


def scores(means: Numbers, rows: Numbers, power: int) -> Numbers:
    """A share for each class, greater the nearer its mean is."""
    near = 1.0 / (1e-9 + (np.abs(rows[:, None, :] - means[None]) ** power).sum(axis=2))
    shares: Numbers = near / near.sum(axis=1, keepdims=True)
    return shares


def train(root: Path) -> int:
    """`/opt/ml` in, means.json and two lines of metrics out."""
    given = json.loads((root / "input/config/hyperparameters.json").read_text())
    channels = {
        name: np.loadtxt(root / f"input/data/{name}/rows.csv", delimiter=",") for name in ("train", "validation")
    }
    labels, rows = channels["train"][:, 0], channels["train"][:, 1:]
    shrink, power = float(given["shrink"]), int(given["power"])
    means = np.array([rows[labels == one].mean(axis=0) for one in range(int(given["classes"]))])
    means += shrink * (rows.mean(axis=0) - means)
    truth, shares = channels["validation"][:, 0].astype(int), scores(means, channels["validation"][:, 1:], power)
    accuracy, margin = np.mean(shares.argmax(axis=1) == truth), np.mean(shares[np.arange(len(truth)), truth])
    sys.stdout.write(f"validation-accuracy={accuracy:.6f}\nvalidation-margin={margin:.6f}\n")
    sys.stdout.flush()
    (root / "model/means.json").write_text(json.dumps(means.tolist()))
    return 0


class Service:
    """Rows as CSV in; the second of two classes' share a line out."""

    def __init__(self, means: Numbers) -> None:
        self._means = means

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:  # noqa: ARG002
        rows = np.loadtxt(body.decode().splitlines(), delimiter=",", ndmin=2)
        return Reply(200, "text/csv", "\n".join(f"{one:.9g}" for one in scores(self._means, rows, 2)[:, 1]).encode())


class NearestContainer:
    """See `local.containers.stand_in.StandIn`."""

    image = "nearest:1"
    module = "tests.algorithms.nearest.container"
    training = module

    def metadata(self) -> Metadata | None:
        return None

    def install(self, model_dir: Path, environment: Mapping[str, str]) -> None:
        """Nothing."""

    def serve(self, model_dir: Path, environment: Mapping[str, str]) -> Container:  # noqa: ARG002
        return Service(np.array(json.loads((model_dir / "means.json").read_text())))


STAND_IN = NearestContainer()

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True)
    sys.exit(train(parser.parse_args().root))

"""`python -m local.containers.scikit_learn.training --root DIR`: the script of a training job, `/opt/ml` below DIR."""

import argparse
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

from local.containers import DEFAULT
from local.containers.scikit_learn.requirements import require


def _install(code: Path, name: str, environment: Mapping[str, str]) -> None:  # noqa: ARG001
    require(code)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True)
    script_mode = importlib.import_module(f"{DEFAULT}.script_training")  # as in the other image
    sys.exit(script_mode.run(parser.parse_args().root, _install))

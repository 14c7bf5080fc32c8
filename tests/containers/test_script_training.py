"""Training in script mode: the user's module in the container's hands, as a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.containers.rerooting import rerooted
from tests.containers.conftest import Containers
from tests.warm import Ended

CHANNEL = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
PROGRAM = {"sagemaker_program": "jobs.train", "sagemaker_submit_directory": "/opt/ml/input/data/code"}
OFFLINE = {"PIP_NO_BUILD_ISOLATION": "0"}
TELLS = """
import json, os, sys
import jobs
told = {name: text for name, text in os.environ.items() if name.startswith("SM_")}
seen = {"argv": sys.argv[1:], "name": __name__, "cwd": os.getcwd(), "jobs": jobs.WHOSE, "told": told, "path": sys.path}
with open(os.path.join(os.environ["SM_MODEL_DIR"], "seen.json"), "w") as file:
    json.dump(seen, file)
print("[0]\\tvalidation-logloss:0.5")
"""


def laid_out(root: Path, source: str, hyperparameters: dict[str, str] | None = None) -> Path:
    """`/opt/ml` of a job whose code channel has a package `jobs` of its own, with `train` in it."""
    config, train = root / "input" / "config", root / "input" / "data" / "code" / "jobs" / "train"
    config.mkdir(parents=True)
    train.mkdir(parents=True)
    (train.parent / "__init__.py").write_text("WHOSE = 'the channel'\n")
    (train / "__init__.py").touch()
    (train / "__main__.py").write_text(source)
    for folder in ("model", "output/data", "input/data/train"):
        (root / folder).mkdir(parents=True)
    files = {
        "hyperparameters": PROGRAM | (hyperparameters or {}),
        "inputdataconfig": {"train": CHANNEL, "code": CHANNEL},
        "resourceconfig": {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"},
    }
    for name, content in files.items():
        (config / f"{name}.json").write_text(json.dumps(content))
    return root


Trains = Callable[..., Ended]


@pytest.fixture
def trained(containers: Containers) -> Trains:
    """Runs the container's process, which the script's is forked from."""
    bare = {"SM_NUM_CPUS": "2", "TRAINING_JOB_NAME": "mine"} | OFFLINE
    return lambda root, **environment: containers.train(root, bare | environment)


def failure(root: Path) -> str:
    return (root / "output" / "failure").read_text()


def seen(root: Path) -> Any:
    return json.loads((root / "model" / "seen.json").read_text())


def test_the_channels_own_code_is_run_as_a_module_in_its_folder(trained: Trains, tmp_path: Path) -> None:
    ended = trained(laid_out(tmp_path, TELLS, {"eta": "0.10", "objective": "binary:logistic"}))
    assert ended.returncode == 0, ended.output
    found = seen(tmp_path)
    assert (found["name"], found["jobs"], found["cwd"]) == ("__main__", "the channel", str(tmp_path / "code"))
    assert found["path"][0] == str(tmp_path / "code")
    assert str(Path(__file__).parents[2]) not in found["path"]
    assert found["argv"] == ["--eta", "0.1", "--objective", "binary:logistic"]
    assert "[0]\tvalidation-logloss:0.5\n" in ended.output


def test_paths_in_hyperparameters_lie_where_the_folders_do(trained: Trains, tmp_path: Path) -> None:
    trained(laid_out(tmp_path, TELLS, {"base": "/opt/ml/input/data/train/a"}))
    assert seen(tmp_path)["argv"] == ["--base", str(tmp_path / "input/data/train/a")]


def test_a_script_that_fails_is_told_by_its_command_and_what_it_wrote_is_lost(trained: Trains, tmp_path: Path) -> None:
    source = (
        "import os, pathlib, sys\npathlib.Path(os.environ['SM_OUTPUT_DIR'], 'failure').write_text('mine')\nsys.exit(3)"
    )
    ended = trained(laid_out(tmp_path, source, {"eta": "0.1", "base": "/opt/ml/model"}))
    assert ended.returncode == 1
    assert failure(tmp_path) == (
        'ExecuteUserScriptError:\nCommand "/opt/venv/bin/python -m jobs.train --base /opt/ml/model --eta 0.1"'
    )


@pytest.mark.parametrize(
    "source", ["1 / 0", "import sys; sys.exit('no')", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_however_a_script_ends_the_container_ends_with_1(trained: Trains, tmp_path: Path, source: str) -> None:
    assert trained(laid_out(tmp_path, source)).returncode == 1
    assert failure(tmp_path).startswith("ExecuteUserScriptError:\n")


def test_without_an_index_the_code_is_not_installed(trained: Trains, tmp_path: Path) -> None:
    assert trained(laid_out(tmp_path, "print('never')"), PIP_NO_BUILD_ISOLATION="1").returncode == 1
    assert failure(tmp_path).startswith("InstallModuleError:")
    assert not list((tmp_path / "model").iterdir())


def test_a_folder_that_is_not_there_is_the_frameworks_error(trained: Trains, tmp_path: Path) -> None:
    missing = {"sagemaker_submit_directory": "/opt/ml/input/data/nothing"}
    assert trained(laid_out(tmp_path, TELLS, missing)).returncode == 2
    assert failure(tmp_path).startswith("framework error: \n")


def test_the_checkpoints_folder_is_found_by_the_images_variable(trained: Trains, tmp_path: Path) -> None:
    source = (
        "import json, os\nplace = json.load(open(os.environ['SM_CHECKPOINT_CONFIG_FILE']))['LocalPath']\n"
        "open(os.path.join(place, 'fold-0'), 'w').write('x')"
    )
    root = laid_out(tmp_path, source)
    (root / "checkpoints").mkdir()
    place = {"LocalPath": rerooted("/opt/ml/checkpoints", root)}
    (root / "input" / "config" / "checkpointconfig.json").write_text(json.dumps(place))
    assert trained(root).returncode == 0
    assert (root / "checkpoints" / "fold-0").read_text() == "x"

"""Training in script mode: the container runs a user's module in place of the algorithm, as `python -m` would.

As sagemaker-containers 2.8.6 does it, which the image holds (`_trainer.train`, `_modules.run_module`): the code is
brought to /opt/ml/code, pip installs it (install.py), and the module is run there in a process of its own. Whatever
goes wrong in it ends as `ExecuteUserScriptError` with the command and nothing else, exit code 1, also when the kernel
killed it; what the script itself left in output/failure is overwritten. So a script that has something to say says it
in its log.

The process is forked from this one, which has imported what scripts usually need: an interpreter of its own would cost
each trial a second. It sees nothing of this repository but what its code brings: `jobs` in a script is the code's,
whichever version of it that is. Unlike there, a job that is stopped reaches the script with its SIGTERM; on AWS only
the container's first process gets it, which ignores it, so that a script must not count on it.
"""

import json
import os
import runpy
import shutil
import sys
import tarfile
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from local.containers.errors import UserError, failure_text
from local.containers.xgboost.install import install
from local.containers.xgboost.script_environment import Given, Invocation, invocation

_HOME = Path(__file__).resolve().parents[3]
_PYTHON = "/opt/venv/bin/python"
"""The image's, in whose words a failure is told."""


Install = Callable[[Path, str, Mapping[str, str]], None]
"""Of the code's folder, the module's name and the container's variables: what is done before any of it is imported."""


def run(root: Path, installing: Install = install) -> int:
    """Run the script of the job laid out below `root`; returns the exit code, after a failure with output/failure."""
    try:
        config = root / "input" / "config"
        read = [json.loads((config / f"{name}.json").read_text(encoding="utf-8")) for name in _CONFIGURATION]
        environment = dict(os.environ)
        called = invocation(Given(*read), environment, root)
        code = root / "code"
        _bring(called.submitted, code)
        installing(code, called.module, environment)
        command = f"{_PYTHON} -m {' '.join([called.module, *called.arguments])}".replace(str(root), "/opt/ml")
        print(f"Invoking script with the following command:\n\n{command}\n", flush=True)
        if _ended(called, code):
            return _failed(root, f'ExecuteUserScriptError:\nCommand "{command}"', 1)
    except UserError as error:
        return _failed(root, str(error), 1)
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is becomes the job's failure
        return _failed(root, failure_text(error), getattr(error, "errno", None) or 1)
    return 0


_CONFIGURATION = ("hyperparameters", "inputdataconfig", "resourceconfig")


def _failed(root: Path, text: str, code: int) -> int:
    (root / "output").mkdir(parents=True, exist_ok=True)
    (root / "output" / "failure").write_text(text, encoding="utf-8")
    print(text, file=sys.stderr, flush=True)
    return code


def _bring(submitted: str, code: Path) -> None:
    """The code, from a folder, an archive or a single file, also in S3; what is there already stays."""
    code.mkdir(parents=True, exist_ok=True)
    if any(code.iterdir()):
        return
    with tempfile.TemporaryDirectory() as scratch:
        if submitted.startswith("s3://"):
            place = Path(scratch) / "tar_file"
            _fetch(submitted, place)
            _unpack(place, code)
        elif Path(submitted).is_dir():
            if Path(submitted) != code:
                shutil.copytree(submitted, code, dirs_exist_ok=True)
        elif tarfile.is_tarfile(submitted):
            _unpack(Path(submitted), code)
        else:
            shutil.copy2(submitted, code)


def _fetch(uri: str, place: Path) -> None:
    import boto3  # only code that lies in S3 needs it

    parts = urlsplit(uri, allow_fragments=False)
    boto3.client("s3").download_file(parts.netloc, parts.path.lstrip("/"), str(place))


def _unpack(archive: Path, code: Path) -> None:
    """Unlike there, an archive may not leave its folder: on a laptop that is the user's own disk."""
    with tarfile.open(archive, mode="r:gz") as members:
        members.extractall(code, filter="data")


def _ended(called: Invocation, code: Path) -> int:
    """The exit code of the script, negative for a signal."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ended = 70
    try:
        _become(called, code)
        ended = _script(called)
    except BaseException:  # noqa: BLE001 - whatever it was, the child must end here and never return into the container
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended & 0xFF)


def _become(called: Invocation, code: Path) -> None:
    """Leave this repository behind, and take up the script's own folder, path and variables."""
    for name in _provided(code) | _provided(_HOME):
        for loaded in [one for one in sys.modules if one.partition(".")[0] == name]:
            del sys.modules[loaded]
    started = Path.cwd()
    others = [part for part in sys.path if part and Path(part).resolve() not in (_HOME, started)]
    os.environ.update(called.variables)
    os.environ["PYTHONPATH"] = os.pathsep.join(others)
    os.chdir(code)
    sys.path[:] = [str(code), *others]
    sys.path_importer_cache.clear()


def _provided(folder: Path) -> set[str]:
    return {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}


def _script(called: Invocation) -> int:
    """Do as `python -m` does with a module that is the first of its process."""
    sys.argv = [called.module, *called.arguments]
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="runpy")
    try:
        runpy.run_module(called.module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 - the interpreter itself would do the same: a traceback and exit code 1
        traceback.print_exc()
        return 1
    return 0
